//! The tool whose schema uses what clients are known to lose.

use mcpwire::{HandlerError, RawArgs, Router, tool};
use serde_json::{Value, json};

pub(crate) fn register(router: Router) -> Router {
    let json_schema = tool("json_schema_2020_12_tool")
        .description("Tool with JSON Schema 2020-12 features")
        .input_schema(contact());
    router.tool(json_schema, |RawArgs(arguments)| async move {
        Ok::<_, HandlerError>(format!("Given {}", arguments.as_str()))
    })
}

/// An address and a way to reach somebody there, of which one is required by the other's value.
pub(crate) fn contact() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            },
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    })
}
