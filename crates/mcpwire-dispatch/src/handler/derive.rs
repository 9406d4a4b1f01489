//! JSON Schemas derived from Rust types, in the form that most clients take.
//!
//! Sub-schemas are inlined and formats that JSON Schema does not know (`uint32`) are left out:
//! clients are known to drop tools over both.
#![cfg(feature = "schemars")]

use mcpwire_types::JSONObject;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// What is read: the schema of the arguments of a handler.
pub(crate) fn input_schema<T: JsonSchema>() -> JSONObject<'static> {
    let mut schema = settings()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>();
    tidy(&mut schema);
    let object = schema.ensure_object();
    // An enum of structs is a bare `oneOf`; TOOL-09 wants the type at the root.
    object.entry("type").or_insert_with(|| "object".into());
    to_object(&schema).unwrap_or_else(JSONObject::empty)
}

/// What is written: the schema of structured content; nothing where it would say nothing.
pub(crate) fn output_schema<T: JsonSchema>() -> Option<JSONObject<'static>> {
    let mut schema = settings()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    tidy(&mut schema);
    schema.as_object().filter(|members| !members.is_empty())?;
    to_object(&schema)
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            // 2020-12 is what a schema without `$schema` is (SCHEMA-01).
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        })
        .with_transform(RecursiveTransform(drop_private_format))
}

fn drop_private_format(schema: &mut Schema) {
    let numeric = |format: &str| {
        let width = format
            .strip_prefix('u')
            .unwrap_or(format)
            .strip_prefix("int");
        width.is_some_and(|width| width.bytes().all(|byte| byte.is_ascii_digit()))
            || matches!(format, "float" | "double")
    };
    if schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(numeric)
    {
        schema.remove("format");
    }
}

/// The name of the Rust type is nobody's business.
fn tidy(schema: &mut Schema) {
    schema.remove("title");
}

fn to_object(schema: &Schema) -> Option<JSONObject<'static>> {
    JSONObject::from_text(schema.as_value().to_string()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Point {
        /// Columns from the left.
        x: u32,
        y: Option<f64>,
        inner: Inner,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        big: i64,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Shape {
        Circle { radius: f64 },
        Square { side: f64 },
    }

    fn value(object: &JSONObject<'_>) -> Value {
        serde_json::from_str(object.as_str()).unwrap()
    }

    #[test]
    fn tool_09_input_schemas_are_objects_without_references() {
        let schema = value(&input_schema::<Point>());
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "x": {"type": "integer", "minimum": 0, "description": "Columns from the left."},
                    "y": {"type": ["number", "null"]},
                    "inner": {
                        "type": "object",
                        "properties": {"big": {"type": "integer"}},
                        "required": ["big"],
                    },
                },
                "required": ["x", "inner"],
            })
        );
        assert_eq!(value(&input_schema::<Shape>())["type"], "object");
    }

    #[test]
    fn tool_12_output_schemas_may_be_of_any_type() {
        let schema = output_schema::<Vec<u8>>().unwrap();
        assert_eq!(value(&schema)["type"], "array");
        assert_eq!(output_schema::<Value>(), None);
    }
}
