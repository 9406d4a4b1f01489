//! From what a handler returned to the bytes of a result.

use bytes::Bytes;
use mcpwire_codec::WrittenResult;
use mcpwire_service::Response;
use mcpwire_types::{
    CallToolResult, CompleteResult, Error, GetPromptResult, InputRequiredResult,
    ReadResourceResult, ResultMetaObject, meta_key,
};
use serde::Serialize;

use crate::router::registry::Registry;

/// A value of yours as JSON: structured content of a tool, together with the same JSON as a text block
/// for clients that do not know structured content (TOOL-30).
///
/// The tool's `outputSchema` is derived from `T`, unless the tool was given one or told to have none.
#[cfg(feature = "schemars")]
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "put together by every handler")]
pub struct Json<T>(pub T);

/// A result with the `_meta` that this revision has room for in each (META-01).
pub(crate) trait HasMeta {
    fn meta(&mut self) -> &mut Option<ResultMetaObject<'static>>;
}

macro_rules! has_meta {
    ($($type:ident)*) => {$(
        impl HasMeta for $type<'static> {
            fn meta(&mut self) -> &mut Option<ResultMetaObject<'static>> {
                &mut self.meta
            }
        }
    )*};
}

has_meta! { CallToolResult CompleteResult GetPromptResult InputRequiredResult ReadResourceResult }

/// The response for a result, with the server's name in it (META-23).
pub(crate) fn respond<T: Serialize + HasMeta>(registry: &Registry, result: &mut T) -> Response {
    let mut splice = None;
    if let Some(info) = registry.server_info() {
        match result.meta() {
            Some(meta) => {
                meta.server_info
                    .get_or_insert_with(|| (*info.implementation).clone());
            }
            None => splice = Some(&info.meta_member),
        }
    }
    match WrittenResult::new(result) {
        Ok(mut written) => {
            if let Some(member) = splice {
                written.push_member(member);
            }
            Response::written(written)
        }
        Err(error) => unwritable(&error),
    }
}

#[cold]
fn unwritable(error: &serde_json::Error) -> Response {
    let message = format!("the result cannot be written: {error}");
    Response::error(&Error::internal(message))
}

/// A result that is written ahead, with the server's name in it.
pub(crate) fn write_ahead(registry: &Registry, result: &impl Serialize) -> Bytes {
    // Registration has refused what cannot be written.
    let Ok(mut written) = WrittenResult::new(result) else {
        return Bytes::new();
    };
    if let Some(info) = registry.server_info() {
        written.push_member(&info.meta_member);
    }
    written.into_json()
}

/// `"_meta":{"io.modelcontextprotocol/serverInfo":...}`
pub(crate) fn server_info_member(implementation: &impl Serialize) -> serde_json::Result<Bytes> {
    let info = serde_json::to_string(implementation)?;
    Ok(format!(r#""_meta":{{"{}":{info}}}"#, meta_key::SERVER_INFO).into())
}
