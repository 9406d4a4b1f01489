//! The facts of the request that a handler may want to know.

use std::borrow::Cow;

use mcpwire_service::{Context, Principal, Request, TraceContext};
use mcpwire_types::{ClientCapabilities, Error, Implementation, JSONValue, RequestId};
use serde_json::Value;

use crate::error::HandlerError;
use crate::handler::call::Call;
use crate::handler::extract::FromCall;

/// The request that is being answered: who asks, under which version, able to do what.
///
/// Everything in it belongs to this one request (META-18, BASE-34). Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Ctx(Request);

impl Ctx {
    /// The whole request.
    pub fn request(&self) -> &Request {
        &self.0
    }

    /// The request's ID.
    pub fn request_id(&self) -> &RequestId<'static> {
        self.0.id()
    }

    /// The method, such as `tools/call`.
    pub fn method(&self) -> Cow<'_, str> {
        self.0.method()
    }

    /// The protocol version of this request (META-10).
    pub fn protocol_version(&self) -> Cow<'_, str> {
        self.0.protocol_version().unwrap_or_default()
    }

    /// What the client declares for this request (META-11).
    pub fn client_capabilities(&self) -> ClientCapabilities<'_> {
        // `check_metadata` has read them once already.
        self.0.client_capabilities().unwrap_or_default()
    }

    /// The client's own, unverified name and version: for display and logs alone (META-25 to
    /// META-27).
    pub fn client_info(&self) -> Option<Implementation<'_>> {
        self.0.client_info()
    }

    /// Who asks, as far as something in front of the router has verified it.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.context().principal.as_ref()
    }

    /// The trace that this request belongs to (META-30).
    pub fn trace_context(&self) -> TraceContext<'_> {
        self.0.trace_context()
    }

    /// What middleware left for handlers, by type.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.context().extensions.get()
    }

    /// The transport's facts about the request.
    pub fn context(&self) -> &Context {
        self.0.context()
    }

    /// The value at a key of the request's `_meta`, as it came.
    pub fn meta(&self, key: &str) -> Option<JSONValue<'_>> {
        let text = self.0.meta(key)?.get();
        JSONValue::from_text(text).ok()
    }

    /// Whether the client declared everything in `required`, settings objects included.
    pub fn supports(&self, required: &ClientCapabilities<'_>) -> bool {
        self.missing(required).is_none()
    }

    /// Ends the call with `-32021`, naming what is missing, unless the client declared everything in
    /// `required` (META-19, META-20).
    pub fn require(&self, required: &ClientCapabilities<'_>) -> Result<(), HandlerError> {
        match self.missing(required) {
            None => Ok(()),
            Some(missing) => Err(HandlerError::rpc(missing_capability(&missing))),
        }
    }

    /// [`Ctx::require`] for an extension, by its identifier (EXT-04, EXT-11).
    pub fn require_extension(&self, identifier: &str) -> Result<(), HandlerError> {
        let declared = to_value(&self.client_capabilities());
        if declared
            .get("extensions")
            .is_some_and(|all| all.get(identifier).is_some())
        {
            return Ok(());
        }
        let missing = serde_json::json!({ "extensions": { identifier: {} } });
        Err(HandlerError::rpc(missing_capability(&missing)))
    }

    fn missing(&self, required: &ClientCapabilities<'_>) -> Option<Value> {
        lacking(&to_value(required), &to_value(&self.client_capabilities()))
    }
}

fn to_value(capabilities: &ClientCapabilities<'_>) -> Value {
    let mut value = serde_json::to_value(capabilities).unwrap_or_default();
    // An empty `elicitation` object means form mode (Appendix D).
    if let Some(elicitation) = value.get_mut("elicitation").and_then(Value::as_object_mut)
        && elicitation.is_empty()
    {
        elicitation.insert("form".to_owned(), Value::Object(serde_json::Map::new()));
    }
    value
}

/// The objects of `required` that `declared` does not have, down to where they part.
fn lacking(required: &Value, declared: &Value) -> Option<Value> {
    let members = required.as_object()?;
    let mut missing = serde_json::Map::new();
    for (name, wanted) in members {
        match declared.get(name) {
            None => {
                missing.insert(name.clone(), wanted.clone());
            }
            Some(found) => {
                if let Some(inner) = lacking(wanted, found) {
                    missing.insert(name.clone(), inner);
                }
            }
        }
    }
    (!missing.is_empty()).then_some(Value::Object(missing))
}

/// `-32021` with `data.requiredCapabilities` (META-22).
fn missing_capability(missing: &Value) -> Error<'static> {
    let text = missing.to_string();
    match mcpwire_types::decode::<ClientCapabilities<'_>>(text.as_bytes()) {
        Ok(required) => Error::missing_capability(required.into_owned()),
        Err(_) => Error::missing_capability(ClientCapabilities::new()),
    }
}

impl FromCall for Ctx {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        Ok(Self(call.request.clone()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn meta_22_what_is_missing_is_named_down_to_the_setting() {
        let declared = json!({"elicitation": {"form": {}}, "roots": {}});
        assert_eq!(lacking(&json!({"roots": {}}), &declared), None);
        assert_eq!(
            lacking(&json!({"elicitation": {"form": {}}}), &declared),
            None
        );
        assert_eq!(
            lacking(
                &json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}}),
                &declared
            ),
            Some(json!({"elicitation": {"url": {}}, "sampling": {}}))
        );
    }
}
