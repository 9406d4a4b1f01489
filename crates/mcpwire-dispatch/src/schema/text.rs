//! A JSON Schema on its way into a definition.

use mcpwire_types::{JSONObject, JSONValue};

/// The text of a JSON Schema, from whatever it is written as.
///
/// It is looked at when the definition that holds it is registered, and sent unchanged (SCHEMA-15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaText(String);

impl SchemaText {
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl From<&str> for SchemaText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for SchemaText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<serde_json::Value> for SchemaText {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

impl From<JSONObject<'_>> for SchemaText {
    fn from(object: JSONObject<'_>) -> Self {
        Self(object.as_str().to_owned())
    }
}

impl From<JSONValue<'_>> for SchemaText {
    fn from(value: JSONValue<'_>) -> Self {
        Self(value.as_str().to_owned())
    }
}

#[cfg(feature = "schemars")]
impl From<schemars::Schema> for SchemaText {
    fn from(schema: schemars::Schema) -> Self {
        Self(schema.as_value().to_string())
    }
}
