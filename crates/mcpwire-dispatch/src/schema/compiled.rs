//! The validator proper: the `jsonschema` crate, kept within bounds and out of the public API.

use jsonschema::json::Node as _;
use jsonschema::{PatternOptions, ReferencingError, error::ValidationErrorKind};
use serde_json::Value;

use super::SchemaError;
use super::outline::Outline;
use super::tree::{Text, Tree};
use super::violation::{self, cut};
use super::weight::Weight;

/// Bytes of a schema.
const MAX_SCHEMA_BYTES: usize = 512 * 1024;
/// Subschemas with every reference followed: what one value can be held against.
const MAX_SUBSCHEMAS: u64 = 100_000;
/// Steps that listing violations may take: it tries every alternative to the end, so that its time
/// can grow with each level of nesting, where finding out that there is a violation does not.
const MAX_LISTING_STEPS: u64 = 100_000;
/// Steps back that one `pattern` may take.
const MAX_BACKTRACKS: usize = 100_000;

/// A schema, ready to check with.
#[derive(Debug)]
pub(crate) struct Validator {
    compiled: jsonschema::Validator<Text>,
    weight: Weight,
    outline: Option<Outline>,
    /// Whether the schema says no more than that: what tools with arguments of any kind have.
    any_object: bool,
}

impl Validator {
    pub(crate) fn compile(schema: &str) -> Result<Self, SchemaError> {
        if schema.len() > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLong {
                length: schema.len(),
                limit: MAX_SCHEMA_BYTES,
            });
        }
        let schema: Value = serde_json::from_str(schema).map_err(|error| SchemaError::Syntax {
            message: error.to_string(),
        })?;
        if let Some(found) = unknown_dialect(&schema) {
            return Err(SchemaError::Dialect {
                found: found.to_owned(),
            });
        }
        let weight = Weight::of(&schema);
        if weight.subschemas > MAX_SUBSCHEMAS {
            return Err(SchemaError::TooComplex {
                limit: MAX_SUBSCHEMAS,
            });
        }
        let compiled = jsonschema::options_for::<Text>()
            .offline()
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKS))
            .build(&schema)
            .map_err(|error| match error.kind() {
                ValidationErrorKind::Referencing(ReferencingError::UnknownSpecification {
                    specification,
                }) => SchemaError::Dialect {
                    found: specification.clone(),
                },
                ValidationErrorKind::Referencing(error) => SchemaError::Reference {
                    message: cut(&error.to_string()),
                },
                _ => SchemaError::Invalid {
                    path: error.instance_path().as_str().to_owned(),
                    message: cut(&error.to_string()),
                },
            })?;
        Ok(Self {
            compiled,
            weight,
            outline: Outline::of(&schema),
            any_object: takes_any_object(&schema),
        })
    }

    /// Checks a text that is JSON, which nobody looks at again; what is wrong comes as a list that a
    /// model can act on, a few hundred bytes to a few thousand.
    pub(crate) fn check(&self, json: &str) -> Result<(), String> {
        if self.any_object && json.trim_ascii_start().starts_with('{') {
            return Ok(());
        }
        if (self.outline.as_ref()).is_some_and(|outline| outline.admits(json)) {
            return Ok(());
        }
        match mcpwire_codec::parse_valid::<Tree<'_>>(json) {
            Ok(tree) if self.compiled.is_valid(&tree) => Ok(()),
            Ok(tree) => Err(self.violations(&tree)),
            Err(error) => Err(format!("not JSON: {error}")),
        }
    }

    /// What the schema itself says, without a look at the outline.
    #[cfg(test)]
    pub(super) fn is_valid(&self, json: &str) -> bool {
        let tree = mcpwire_codec::parse_valid::<Tree<'_>>(json);
        tree.is_ok_and(|tree| self.compiled.is_valid(&tree))
    }

    #[cold]
    fn violations(&self, tree: &Tree<'_>) -> String {
        let value = tree.to_value();
        if self.weight.steps(&value) > MAX_LISTING_STEPS {
            return "does not fit the schema; it is too large to say where".to_owned();
        }
        violation::list(self.compiled.iter_errors(tree), &value)
    }
}

/// Whether nothing but the type of the value matters, and that is an object's.
fn takes_any_object(schema: &Value) -> bool {
    const SAY_NOTHING: [&str; 3] = ["$schema", "title", "description"];
    let members = schema.as_object();
    members.is_some_and(|members| {
        members.get("type").is_some_and(|kind| kind == "object")
            && members
                .keys()
                .all(|name| name == "type" || SAY_NOTHING.contains(&name.as_str()))
    })
}

/// The first `$schema` anywhere that names no dialect known here (SCHEMA-06, SCHEMA-14).
fn unknown_dialect(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => {
            members
                .iter()
                .find_map(|(name, value)| match (name.as_str(), value) {
                    ("$schema", Value::String(uri)) => {
                        (!is_known_dialect(uri)).then_some(uri.as_str())
                    }
                    ("enum" | "const" | "default" | "examples", _) => None,
                    _ => unknown_dialect(value),
                })
        }
        Value::Array(items) => items.iter().find_map(unknown_dialect),
        _ => None,
    }
}

fn is_known_dialect(uri: &str) -> bool {
    matches!(
        uri.trim_end_matches('#'),
        "https://json-schema.org/draft/2020-12/schema"
            | "https://json-schema.org/draft/2019-09/schema"
            | "http://json-schema.org/draft-07/schema"
            | "http://json-schema.org/draft-06/schema"
            | "http://json-schema.org/draft-04/schema"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compile(schema: &Value) -> Result<Validator, SchemaError> {
        Validator::compile(&schema.to_string())
    }

    #[test]
    fn tool_35_a_schema_that_takes_any_object_takes_nothing_else() {
        let plain =
            json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"});
        assert!(takes_any_object(&plain));
        assert_eq!(check(&plain, &json!({"a": [1, {"b": null}]})), Ok(()));
        for other in [json!([]), json!("{"), json!(1), json!(null)] {
            assert!(check(&plain, &other).is_err(), "{other}");
        }
        for more in [
            json!({"type": "object", "required": ["a"]}),
            json!({"type": ["object", "null"]}),
            json!({"title": "object"}),
            json!({"type": "object", "additionalProperties": false}),
            json!(true),
        ] {
            assert!(!takes_any_object(&more), "{more}");
        }
    }

    fn check(schema: &Value, value: &Value) -> Result<(), String> {
        compile(schema).unwrap().check(&value.to_string())
    }

    #[test]
    fn violations_are_named_where_they_are() {
        let schema = json!({
            "type": "object",
            "properties": {
                "x": {"type": "integer", "minimum": 3},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["x", "y"],
            "additionalProperties": false,
        });
        let text = check(&schema, &json!({"x": "a", "tags": ["t", 1], "q": 1})).unwrap_err();
        for part in [
            r#""y" is a required property"#,
            r#"/x: "a" is not of type "integer""#,
            r#"/tags/1: 1 is not of type "string""#,
            "'q' was unexpected",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(
            compile(&json!(true))
                .unwrap()
                .check("{")
                .unwrap_err()
                .starts_with("not JSON")
        );
    }

    #[test]
    fn schema_01_the_dialect_is_2020_12_unless_named() {
        // `prefixItems` came with 2020-12; in draft-07 the same keyword means nothing.
        let schema = json!({"prefixItems": [{"type": "string"}]});
        assert!(check(&schema, &json!([1])).is_err());
        let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "prefixItems": [{"type": "string"}]});
        assert_eq!(check(&schema, &json!([1])), Ok(()));
    }

    #[test]
    fn schema_06_unsupported_dialects_are_refused() {
        for schema in [
            json!({"$schema": "https://example.com/dialect"}),
            json!({"$schema": "http://json-schema.org/draft-03/schema#"}),
            // The validator alone would let this one pass.
            json!({"properties": {"a": {"$id": "https://a/b", "$schema": "https://example.com/dialect"}}}),
        ] {
            let error = compile(&schema).unwrap_err();
            assert!(matches!(error, SchemaError::Dialect { .. }), "{error}");
        }
        assert!(compile(&json!({"properties": {"$schema": {"const": {"$schema": "x"}}}})).is_ok());
    }

    #[test]
    fn schema_08_nothing_is_fetched() {
        for schema in [
            json!({"$ref": "https://example.com/schema.json"}),
            json!({"$ref": "file:///etc/passwd"}),
            json!({"properties": {"a": {"$ref": "other.json"}}}),
            json!({"$dynamicRef": "https://example.com/schema.json"}),
            json!({"$ref": "#/$defs/none"}),
        ] {
            let error = compile(&schema).unwrap_err();
            assert!(matches!(error, SchemaError::Reference { .. }), "{error}");
        }
    }

    #[test]
    fn schema_07_invalid_schemas_are_refused() {
        let error = compile(&json!({"properties": {"a": {"type": "objekt"}}})).unwrap_err();
        assert!(
            matches!(&error, SchemaError::Invalid { path, .. } if path == "/properties/a/type"),
            "{error}"
        );
        assert!(matches!(
            compile(&json!({"pattern": "("})),
            Err(SchemaError::Invalid { .. })
        ));
        assert!(matches!(
            Validator::compile("{"),
            Err(SchemaError::Syntax { .. })
        ));
    }

    #[test]
    fn schema_13_schemas_are_bounded() {
        let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(MAX_SCHEMA_BYTES));
        assert!(matches!(
            Validator::compile(&long),
            Err(SchemaError::TooLong { .. })
        ));
        let deep = format!("{}{}", r#"{"not":"#.repeat(200), "}".repeat(200));
        assert!(matches!(
            Validator::compile(&deep),
            Err(SchemaError::Syntax { .. })
        ));
        let mut defs: serde_json::Map<_, _> = (0..64)
            .map(|n| {
                let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
                (format!("d{n}"), json!({"anyOf": [next, next]}))
            })
            .collect();
        defs.insert("d64".to_owned(), json!({"type": "string"}));
        let doubling = json!({"$ref": "#/$defs/d0", "$defs": defs});
        assert!(matches!(
            compile(&doubling),
            Err(SchemaError::TooComplex { .. })
        ));
    }

    /// Each level doubles the time that listing takes: with 100 levels the test would never end.
    #[test]
    fn schema_13_a_hostile_value_is_refused_without_trying_everything() {
        let child = json!({"properties": {"a": {"$ref": "#"}}});
        let schema = json!({"anyOf": [child, child], "not": {"required": ["z"]}});
        let mut value = json!({"z": 1});
        for _ in 0..100 {
            value = json!({ "a": value });
        }
        let text = check(&schema, &value).unwrap_err();
        assert!(text.contains("too large to say where"), "{text}");
        let text = check(&schema, &json!({"a": {"z": 1}})).unwrap_err();
        assert!(!text.contains("too large"), "{text}");
    }

    #[test]
    fn schema_13_a_list_of_violations_is_bounded() {
        let schema = json!({"type": "array", "items": {"type": "string"}});
        let text = check(&schema, &json!(vec![1; 1_000])).unwrap_err();
        assert!(text.ends_with("; and 992 more"), "{text}");
        let text = check(&schema, &json!([["x".repeat(10_000)]])).unwrap_err();
        assert!(text.len() < 1_000, "{} bytes", text.len());
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        for schema in [json!({"$ref": "#"}), json!({"allOf": [{"$ref": "#"}]})] {
            assert_eq!(check(&schema, &json!({})), Ok(()));
        }
    }
}
