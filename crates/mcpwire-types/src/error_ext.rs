//! The errors that the protocol defines, as constructors of the generated [`Error`].
//!
//! Which error is due when is decided by whoever serves a request; here are only their codes and the
//! shapes of their data.

use alloc::borrow::Cow;
use alloc::format;
use core::fmt;

use serde_core::ser::Serialize;

use crate::{
    ClientCapabilities, Error, JSONValue, MissingRequiredClientCapabilityData,
    UnsupportedProtocolVersionData, error_code,
};

impl<'a> Error<'a> {
    /// The bytes are not JSON (-32700).
    pub fn parse(message: impl Into<Cow<'a, str>>) -> Self {
        Self::new(error_code::PARSE_ERROR, message)
    }

    /// The JSON is not a request (-32600).
    pub fn invalid_request(message: impl Into<Cow<'a, str>>) -> Self {
        Self::new(error_code::INVALID_REQUEST, message)
    }

    /// Nobody serves the method, or its capability is not advertised (-32601, ERR-05).
    pub fn method_not_found(method: &str) -> Self {
        Self::new(
            error_code::METHOD_NOT_FOUND,
            format!("method not found: {method}"),
        )
    }

    /// The parameters do not fit the method, or name something that is not there (-32602).
    pub fn invalid_params(message: impl Into<Cow<'a, str>>) -> Self {
        Self::new(error_code::INVALID_PARAMS, message)
    }

    /// Something failed on this side; the message says no more than a stranger may know (-32603).
    pub fn internal(message: impl Into<Cow<'a, str>>) -> Self {
        Self::new(error_code::INTERNAL_ERROR, message)
    }

    /// The headers of an HTTP request do not say what its body says (-32020).
    pub fn header_mismatch(message: impl Into<Cow<'a, str>>) -> Self {
        Self::new(error_code::HEADER_MISMATCH, message)
    }

    /// The request needs capabilities that the client did not declare; the data names them (-32021).
    pub fn missing_capability(required: ClientCapabilities<'_>) -> Self {
        let data = MissingRequiredClientCapabilityData::new(required);
        Self::new(
            error_code::MISSING_REQUIRED_CLIENT_CAPABILITY,
            "the request needs client capabilities that were not declared",
        )
        .with_data(&data)
    }

    /// The request speaks a revision that the server does not; the data lists those that it does
    /// (-32022).
    pub fn unsupported_version(requested: &str, supported: &[&str]) -> Self {
        let data = UnsupportedProtocolVersionData::new(supported.iter().copied(), requested);
        Self::new(
            error_code::UNSUPPORTED_PROTOCOL_VERSION,
            format!(
                "unsupported protocol version: use one of {}",
                supported.join(", ")
            ),
        )
        .with_data(&data)
    }

    /// Data that always can be written: it holds nothing but strings and capabilities.
    fn with_data(mut self, data: &impl Serialize) -> Self {
        self.data = JSONValue::from_serialize(data).ok();
        self
    }
}

/// The message and the code; the data is for programs.
impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl core::error::Error for Error<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientElicitationCapability, JSONObject};

    /// ERR-16, ERR-22.
    #[test]
    fn err_rows_codes_and_data() {
        let cases = [
            (Error::parse("x"), -32700, None),
            (Error::invalid_request("x"), -32600, None),
            (Error::method_not_found("x/y"), -32601, None),
            (Error::invalid_params("x"), -32602, None),
            (Error::internal("x"), -32603, None),
            (Error::header_mismatch("x"), -32020, None),
            (
                Error::missing_capability(
                    ClientCapabilities::new()
                        .elicitation(ClientElicitationCapability::new().form(JSONObject::empty())),
                ),
                -32021,
                Some(r#"{"requiredCapabilities":{"elicitation":{"form":{}}}}"#),
            ),
            (
                Error::unsupported_version("1900-01-01", &["2026-07-28"]),
                -32022,
                Some(r#"{"supported":["2026-07-28"],"requested":"1900-01-01"}"#),
            ),
        ];
        for (error, code, data) in cases {
            assert_eq!(error.code, code);
            assert_eq!(error.data.as_ref().map(JSONValue::as_str), data);
        }
    }
}
