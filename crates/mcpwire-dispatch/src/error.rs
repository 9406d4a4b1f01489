//! What a handler comes to when it has no result, and what the client is told of it.
//!
//! Where an error ends up depends on who can act on it: a tool's own failures go into the result,
//! where the model sees them (TOOL-33, TOOL-34); everything else is a JSON-RPC error (TOOL-32).

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use mcpwire_service::BoxError;
use mcpwire_types::{CallToolResult, ClientCapabilities, Error, TextContent};

use crate::input::Pause;

/// Why a handler has no result.
///
/// Any error type converts into it with `?`, like into `anyhow::Error`; for the same reason it is no
/// error type itself. The text of such an error, with its sources, reaches the client: map an
/// error that must not be seen to [`HandlerError::internal`].
#[derive(Debug)]
#[non_exhaustive]
pub enum HandlerError {
    /// The tool failed in a way that the model should read and may act on (TOOL-33).
    Tool(String),
    /// The arguments do not fit what the handler takes; the text says where and what to mend. A tool
    /// error for `tools/call` (TOOL-35), `-32602` elsewhere (PROMPT-12).
    Arguments(String),
    /// A JSON-RPC error, sent as it is.
    Rpc(Box<Error<'static>>),
    /// The work cannot go on before the client has answered (MRTR-02); made by [`Input`](crate::Input).
    Input(Pause),
    /// Any other failure: a tool error for `tools/call` (TOOL-34), `-32603` elsewhere (ERR-08).
    Other(BoxError),
}

impl HandlerError {
    /// A failure that a model can act on: say what was wrong and what to try instead.
    pub fn tool(message: impl Into<String>) -> Self {
        Self::Tool(message.into())
    }

    /// A JSON-RPC error, for what is no business of the model.
    pub fn rpc(error: Error<'static>) -> Self {
        Self::Rpc(Box::new(error))
    }

    /// `-32602`: the request asks for something that cannot be (ERR-07).
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::rpc(Error::invalid_params(message.into()))
    }

    /// `-32603`: a fault of the server; nothing but `message` reaches the client (ERR-08).
    pub fn internal(message: impl Into<String>) -> Self {
        Self::rpc(Error::internal(message.into()))
    }

    /// `-32602` with the URI in `data`: there is no such resource (RES-14).
    pub fn not_found(uri: &str) -> Self {
        Self::rpc(not_found(uri))
    }

    /// `-32021`: the work needs what the client did not declare on this request (META-20).
    pub fn missing_capability(required: ClientCapabilities<'static>) -> Self {
        Self::rpc(Error::missing_capability(required))
    }

    /// Any other failure, for errors that `?` does not convert because they are no
    /// [`std::error::Error`]: `anyhow::Error`, boxed errors, text.
    pub fn other(error: impl Into<BoxError>) -> Self {
        Self::Other(error.into())
    }

    /// The JSON-RPC error for everything but `tools/call`. A pause is not one: it is dealt with
    /// before.
    pub(crate) fn into_error(self) -> Error<'static> {
        match self {
            Self::Rpc(error) => *error,
            Self::Arguments(message) => Error::invalid_params(message),
            Self::Tool(message) => Error::internal(message),
            Self::Other(error) => Error::internal(chain(&*error)),
            Self::Input(_) => Error::internal("input cannot be asked for here"),
        }
    }

    /// The tool error for `tools/call`, or what has to be a JSON-RPC error even there.
    pub(crate) fn into_tool_result(self) -> Result<CallToolResult<'static>, Error<'static>> {
        let message = match self {
            Self::Tool(message) | Self::Arguments(message) => message,
            Self::Other(error) => chain(&*error),
            other @ (Self::Rpc(_) | Self::Input(_)) => return Err(other.into_error()),
        };
        Ok(tool_error(message))
    }
}

/// A result that tells the model what went wrong (TOOL-33).
pub(crate) fn tool_error(message: impl Into<String>) -> CallToolResult<'static> {
    CallToolResult::new([TextContent::new(message.into())]).is_error(true)
}

/// `-32602` for a URI that nothing answers to (RES-14).
pub(crate) fn not_found(uri: &str) -> Error<'static> {
    Error::invalid_params("no such resource").data(serde_json::json!({ "uri": uri }))
}

/// The text of an error and of what caused it.
fn chain(error: &(dyn StdError + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many error types repeat their source in their own text.
        if !text.contains(&cause_text) {
            let _ = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}

impl<E> From<E> for HandlerError
where
    E: StdError + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        let boxed: BoxError = Box::new(error);
        // A JSON-RPC error that came from elsewhere (an upstream server) stays what it is.
        match boxed.downcast::<Error<'static>>() {
            Ok(error) => Self::Rpc(error),
            Err(other) => Self::Other(other),
        }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(message) | Self::Arguments(message) => f.write_str(message),
            Self::Rpc(error) => write!(f, "{} (code {})", error.message, error.code),
            Self::Input(_) => f.write_str("waits for input from the client"),
            Self::Other(error) => f.write_str(&chain(&**error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use mcpwire_types::error_code;

    use super::*;

    fn fails() -> Result<(), HandlerError> {
        let _: i32 = "seven".parse()?;
        Ok(())
    }

    #[test]
    fn err_08_any_error_is_internal_outside_of_tools() {
        let error = fails().unwrap_err().into_error();
        assert_eq!(error.code, error_code::INTERNAL_ERROR);
        assert!(error.message.contains("invalid digit"), "{}", error.message);
    }

    #[test]
    fn tool_34_any_error_is_a_tool_error_in_tools() {
        let result = fails().unwrap_err().into_tool_result().unwrap();
        assert_eq!(result.is_error, Some(true));
    }

    #[test]
    fn tool_32_a_json_rpc_error_stays_one() {
        fn upstream() -> Result<(), HandlerError> {
            Err(Error::new(-7, "upstream"))?
        }
        let error = upstream().unwrap_err().into_tool_result().unwrap_err();
        assert_eq!((error.code, &*error.message), (-7, "upstream"));
    }

    #[test]
    fn res_14_not_found_names_the_uri() {
        let error = HandlerError::not_found("note://9").into_error();
        assert_eq!(error.code, error_code::INVALID_PARAMS);
        assert_eq!(error.data.unwrap().as_str(), r#"{"uri":"note://9"}"#);
    }
}
