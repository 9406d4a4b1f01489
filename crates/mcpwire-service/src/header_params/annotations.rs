//! Finding `x-mcp-header` in an input schema, wherever it hides (HDR-15).

use serde_json::{Map, Value};

use super::{HeaderParam, HeaderParamError};

const KEYWORD: &str = "x-mcp-header";

pub(super) fn find(schema: &str) -> Result<Vec<HeaderParam>, HeaderParamError> {
    let schema: Value = serde_json::from_str(schema).map_err(|error| HeaderParamError::Syntax {
        message: error.to_string(),
    })?;
    let mut finder = Finder::default();
    finder.schema(&schema, "", Some(&[]))?;
    Ok(finder.params)
}

#[derive(Default)]
struct Finder {
    params: Vec<HeaderParam>,
}

impl Finder {
    /// `at` points at the schema; `path` is how its value is reached, if by `properties` alone.
    fn schema(
        &mut self,
        schema: &Value,
        at: &str,
        path: Option<&[String]>,
    ) -> Result<(), HeaderParamError> {
        let members = match schema {
            Value::Object(members) => members,
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.schema(item, &format!("{at}/{index}"), None)?;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if let Some(name) = members.get(KEYWORD) {
            self.annotation(name, members, at, path)?;
        }
        for (keyword, value) in members {
            let at = child(at, keyword);
            match (keyword.as_str(), value) {
                // Data, not schemas.
                (KEYWORD | "enum" | "const" | "default" | "examples", _) => {}
                ("properties", Value::Object(properties)) => {
                    for (name, property) in properties {
                        let path = path.map(|path| [path, std::slice::from_ref(name)].concat());
                        self.schema(property, &child(&at, name), path.as_deref())?;
                    }
                }
                // Here names are free, so that one of them may be the keyword's without being it.
                (
                    "$defs" | "definitions" | "patternProperties" | "dependentSchemas"
                    | "dependencies",
                    Value::Object(schemas),
                ) => {
                    for (name, schema) in schemas {
                        self.schema(schema, &child(&at, name), None)?;
                    }
                }
                _ => self.schema(value, &at, None)?,
            }
        }
        Ok(())
    }

    fn annotation(
        &mut self,
        name: &Value,
        schema: &Map<String, Value>,
        at: &str,
        path: Option<&[String]>,
    ) -> Result<(), HeaderParamError> {
        let at = || at.to_owned();
        let bad_name = || HeaderParamError::Name {
            path: at(),
            found: name.to_string(),
        };
        let path = path.filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| HeaderParamError::Misplaced { path: at() })?;
        let name = name
            .as_str()
            .filter(|name| is_token(name))
            .ok_or_else(bad_name)?;
        if self
            .params
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(name))
        {
            return Err(HeaderParamError::Repeated {
                path: at(),
                name: name.to_owned(),
            });
        }
        let kind = schema.get("type").unwrap_or(&Value::Null);
        if !is_mirrored(kind) {
            return Err(HeaderParamError::Type {
                path: at(),
                found: kind.to_string(),
            });
        }
        self.params.push(HeaderParam {
            name: name.to_owned(),
            path: path.to_vec(),
        });
        Ok(())
    }
}

/// HDR-08; of an array of types one has to remain apart from null (CONF-22).
fn is_mirrored(kind: &Value) -> bool {
    let allowed = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "boolean"));
    match kind {
        Value::Array(kinds) => {
            let mut others = kinds.iter().filter(|kind| kind.as_str() != Some("null"));
            others.next().is_some_and(allowed) && others.next().is_none()
        }
        kind => allowed(kind),
    }
}

/// HDR-05: one or more `tchar`.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// One step of a JSON Pointer.
fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(schema: &Value) -> Result<Vec<String>, HeaderParamError> {
        let params = find(&schema.to_string())?;
        Ok(params
            .into_iter()
            .map(|param| format!("{}={}", param.name, param.path.join(".")))
            .collect())
    }

    fn property(annotated: &Value) -> Result<Vec<String>, HeaderParamError> {
        names(&json!({"type": "object", "properties": {"p": annotated}}))
    }

    #[test]
    fn hdr_10_annotations_below_properties_are_found() {
        let found = names(&json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "A"},
            "b": {"type": "object", "properties": {"c": {"type": "boolean", "x-mcp-header": "a-b.c_d"}}},
            // A property of this name is no annotation.
            "x-mcp-header": {"type": "string"},
            "data": {"const": {"x-mcp-header": 1}, "default": {"x-mcp-header": 1}},
        }}));
        assert_eq!(found.unwrap(), ["A=a", "a-b.c_d=b.c"]);
        assert_eq!(names(&json!(true)).unwrap().len(), 0);
    }

    #[test]
    fn hdr_04_to_06_names_are_tokens() {
        for name in [
            json!(""),
            json!("a b"),
            json!("a:b"),
            json!("ż"),
            json!("a\r\nb"),
            json!("\u{7f}"),
            json!(1),
            json!(null),
        ] {
            let error = property(&json!({"type": "string", "x-mcp-header": name})).unwrap_err();
            assert_eq!(
                error,
                HeaderParamError::Name {
                    path: "/properties/p".to_owned(),
                    found: name.to_string()
                }
            );
        }
        property(&json!({"type": "string", "x-mcp-header": "!#$%&'*+-.^_`|~09azAZ"})).unwrap();
    }

    #[test]
    fn hdr_07_names_differ_by_more_than_case() {
        let error = names(&json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "Region"},
            "b": {"properties": {"c~/": {"type": "string", "x-mcp-header": "REGION"}}},
        }}))
        .unwrap_err();
        let path = "/properties/b/properties/c~0~1".to_owned();
        assert_eq!(
            error,
            HeaderParamError::Repeated {
                path,
                name: "REGION".to_owned()
            }
        );
    }

    #[test]
    fn hdr_08_only_some_primitives_are_mirrored() {
        for kind in [
            json!("string"),
            json!("integer"),
            json!("boolean"),
            json!(["null", "integer"]),
            json!(["string"]),
        ] {
            property(&json!({"type": kind, "x-mcp-header": "P"})).unwrap();
        }
        // CONF-22
        for kind in [
            json!("number"),
            json!("object"),
            json!("array"),
            json!("null"),
            json!(["string", "integer"]),
            json!(["null"]),
            json!([]),
            json!(null),
        ] {
            let error = property(&json!({"type": kind, "x-mcp-header": "P"})).unwrap_err();
            assert!(matches!(error, HeaderParamError::Type { .. }), "{error}");
        }
        property(&json!({"x-mcp-header": "P"})).unwrap_err();
    }

    #[test]
    fn hdr_11_annotations_elsewhere_invalidate_the_tool() {
        let annotated = json!({"type": "string", "x-mcp-header": "P"});
        let inside = json!({"properties": {"q": annotated}});
        for (schema, path) in [
            (annotated.clone(), ""),
            (json!({"items": annotated}), "/items"),
            (json!({"prefixItems": [annotated]}), "/prefixItems/0"),
            (json!({"oneOf": [{}, inside]}), "/oneOf/1/properties/q"),
            (json!({"anyOf": [inside]}), "/anyOf/0/properties/q"),
            (json!({"allOf": [inside]}), "/allOf/0/properties/q"),
            (json!({"not": inside}), "/not/properties/q"),
            (json!({"if": inside}), "/if/properties/q"),
            (json!({"then": inside}), "/then/properties/q"),
            (json!({"else": inside}), "/else/properties/q"),
            (
                json!({"additionalProperties": annotated}),
                "/additionalProperties",
            ),
            (
                json!({"patternProperties": {"^x": annotated}}),
                "/patternProperties/^x",
            ),
            (
                json!({"dependentSchemas": {"x-mcp-header": annotated}}),
                "/dependentSchemas/x-mcp-header",
            ),
            (
                json!({"$defs": {"d": annotated}, "properties": {"p": {"$ref": "#/$defs/d"}}}),
                "/$defs/d",
            ),
            (
                json!({"properties": {"p": {"items": inside}}}),
                "/properties/p/items/properties/q",
            ),
            (
                json!({"somethingElse": {"deep": [annotated]}}),
                "/somethingElse/deep/0",
            ),
        ] {
            assert_eq!(
                names(&schema),
                Err(HeaderParamError::Misplaced {
                    path: path.to_owned()
                }),
                "{schema}"
            );
        }
    }
}
