//! `x-mcp-header`: which arguments of a tool are mirrored as `Mcp-Param-*` fields, and whether the
//! fields of a call say the same as its arguments (HDR rows).
//!
//! Both halves need it, so that it lives below them: a dispatcher compares, a client mirrors. Putting
//! the fields into a request and reading them off it is the transport's part.

mod annotations;
mod values;

use std::fmt;

use bytes::Bytes;
use mcpwire_types::Error;

use self::values::{Found, Node};
use crate::{MirroredParams, header_value};

/// The annotated parameters of one tool.
///
/// ```
/// use mcpwire_service::HeaderParams;
///
/// let schema = r#"{"type":"object","properties":{
///     "region":{"type":"string","x-mcp-header":"Region"}}}"#;
/// let params = HeaderParams::parse(schema)?;
/// let fields = params.mirror(Some(br#"{"region":"eu","size":3}"#))?;
/// assert_eq!(fields.iter().collect::<Vec<_>>(), [("Region", &b"eu"[..])]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HeaderParams {
    params: Vec<HeaderParam>,
    /// The same paths as a tree, to find the values in one pass.
    tree: Node,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct HeaderParam {
    /// What follows `Mcp-Param-`.
    name: String,
    /// Names of properties, from the root of the arguments.
    path: Vec<String>,
}

impl HeaderParams {
    /// Finds the annotations of an `inputSchema`, and refuses a schema with a bad one.
    pub fn parse(schema: &str) -> Result<Self, HeaderParamError> {
        let params = annotations::find(schema)?;
        let mut tree = Node::default();
        for (index, param) in params.iter().enumerate() {
            tree.insert(&param.path, index);
        }
        Ok(Self { params, tree })
    }

    /// Whether nothing is mirrored.
    pub fn is_empty(&self) -> bool {
        self.params.is_empty()
    }

    /// Compares the fields of a call with its arguments (HDR-29 to HDR-36). Fields that no annotation
    /// names are not looked at. The error is `-32020`.
    pub fn check(
        &self,
        mirrored: &MirroredParams,
        arguments: Option<&[u8]>,
    ) -> Result<(), Error<'static>> {
        if self.is_empty() {
            return Ok(());
        }
        let found = values::find(&self.tree, self.params.len(), arguments.unwrap_or(b"{}"))
            .map_err(|error| {
                Error::header_mismatch(format!("params.arguments cannot be compared: {error}"))
            })?;
        for (param, found) in self.params.iter().zip(found) {
            param.check(mirrored, &found).map_err(|fault| {
                let HeaderParam { name, path } = param;
                Error::header_mismatch(format!(
                    "Mcp-Param-{name} {fault} (params.arguments.{})",
                    path.join(".")
                ))
            })?;
        }
        Ok(())
    }

    /// The fields that a call with these arguments has to carry (HDR-16 to HDR-28). Null and absent
    /// arguments have none.
    pub fn mirror(&self, arguments: Option<&[u8]>) -> Result<MirroredParams, MirrorError> {
        let mut fields = MirroredParams::default();
        if self.is_empty() {
            return Ok(fields);
        }
        let found = values::find(&self.tree, self.params.len(), arguments.unwrap_or(b"{}"))
            .map_err(|error| MirrorError::Arguments {
                message: error.to_string(),
            })?;
        for (param, found) in self.params.iter().zip(found) {
            let found = found.text().map_err(|reason| MirrorError::Value {
                name: param.name.clone(),
                path: param.path.join("."),
                reason,
            })?;
            if let Some(text) = found {
                fields.push(
                    &param.name,
                    Bytes::from(header_value::encode(&text).into_owned()),
                );
            }
        }
        Ok(fields)
    }
}

impl HeaderParam {
    fn check(&self, mirrored: &MirroredParams, found: &Found) -> Result<(), String> {
        let mut fields = mirrored.get_all(&self.name);
        let Some(raw) = fields.next() else {
            return match found {
                Found::Nothing => Ok(()), // HDR-33
                _ => Err("is missing although the argument has a value".to_owned()), // HDR-32
            };
        };
        if fields.next().is_some() {
            return Err("is sent more than once".to_owned()); // HTTP-53
        }
        let text = header_value::decode(raw).map_err(|error| error.to_string())?; // HDR-29, HDR-35
        match found {
            Found::Nothing => Err("is sent although the argument has no value".to_owned()), // HDR-36
            Found::Structure => Err("mirrors an argument that is an object or array".to_owned()),
            Found::OutOfRange => Err("mirrors an integer beyond 2^53-1".to_owned()), // HDR-09
            found if found.is(&text) => Ok(()),
            _ => Err("says something else than the argument".to_owned()), // HDR-30
        }
    }
}

/// Why the arguments of a call cannot be mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MirrorError {
    /// They are not JSON, or a mirrored one appears twice.
    Arguments {
        /// What the JSON parser said.
        message: String,
    },
    /// A mirrored argument is nothing that a header field can hold.
    Value {
        /// What follows `Mcp-Param-`.
        name: String,
        /// Names of properties, from the root of the arguments, with dots between them.
        path: String,
        /// What it is.
        reason: &'static str,
    },
}

impl fmt::Display for MirrorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments { message } => {
                write!(
                    f,
                    "the arguments cannot be mirrored in header fields: {message}"
                )
            }
            Self::Value { name, path, reason } => {
                write!(
                    f,
                    "argument {path:?} cannot be mirrored as Mcp-Param-{name}: it is {reason}"
                )
            }
        }
    }
}

impl std::error::Error for MirrorError {}

/// Why the `x-mcp-header` annotations of a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderParamError {
    /// The schema is not JSON.
    Syntax {
        /// What the JSON parser said.
        message: String,
    },
    /// The name is not a string, empty, or no token of HTTP (HDR-04 to HDR-06).
    Name {
        /// Where the annotation is, as a JSON Pointer into the schema.
        path: String,
        /// The name as JSON.
        found: String,
    },
    /// Two annotations have the same name, without regard to case (HDR-07).
    Repeated {
        /// Where the second one is, as a JSON Pointer into the schema.
        path: String,
        /// The name.
        name: String,
    },
    /// The property's `type` is not string, integer or boolean, possibly or null (HDR-08, CONF-22).
    Type {
        /// Where the annotation is, as a JSON Pointer into the schema.
        path: String,
        /// The type as JSON; `null` where there is none.
        found: String,
    },
    /// The way from the root leads through something else than `properties` (HDR-10, HDR-11).
    Misplaced {
        /// Where the annotation is, as a JSON Pointer into the schema.
        path: String,
    },
}

impl fmt::Display for HeaderParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { message } => write!(f, "the schema is not JSON: {message}"),
            Self::Name { path, found } => write!(
                f,
                "x-mcp-header at {path:?} is {found}: use a string of letters, digits and !#$%&'*+-.^_`|~"
            ),
            Self::Repeated { path, name } => {
                write!(
                    f,
                    "x-mcp-header at {path:?} repeats the name {name:?}: letter case does not count"
                )
            }
            Self::Type { path, found } => write!(
                f,
                "x-mcp-header at {path:?} is on a property of type {found}: \
                 only string, integer and boolean can be mirrored"
            ),
            Self::Misplaced { path } => write!(
                f,
                "x-mcp-header at {path:?} is out of reach: \
                 nothing but `properties` may stand between it and the root"
            ),
        }
    }
}

impl std::error::Error for HeaderParamError {}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn params() -> HeaderParams {
        let schema = json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "size": {"type": ["integer", "null"], "x-mcp-header": "Size"},
            "deep": {"type": "object", "properties": {
                "dry": {"type": "boolean", "x-mcp-header": "Dry"},
            }},
            "free": {"type": "string"},
        }});
        HeaderParams::parse(&schema.to_string()).unwrap()
    }

    fn check(arguments: &Value, fields: &[(&str, &[u8])]) -> Result<(), String> {
        check_text(&arguments.to_string(), fields)
    }

    fn check_text(arguments: &str, fields: &[(&str, &[u8])]) -> Result<(), String> {
        let mut mirrored = MirroredParams::default();
        for (name, value) in fields {
            mirrored.push(name, Bytes::copy_from_slice(value));
        }
        params()
            .check(&mirrored, Some(arguments.as_bytes()))
            .map_err(|error| {
                assert_eq!(error.code, mcpwire_types::error_code::HEADER_MISMATCH); // HDR-31
                error.message.into_owned()
            })
    }

    #[test]
    fn hdr_30_equal_values_pass() {
        check(&json!({}), &[]).unwrap();
        check(&json!({"region": "eu", "free": "x"}), &[("Region", b"eu")]).unwrap();
        check(
            &json!({"region": "eu"}),
            &[("REGION", b" eu\t"), ("Other", b"x")],
        )
        .unwrap();
        check(&json!({"region": ""}), &[("Region", b"")]).unwrap();
        check(
            &json!({"region": " lead"}),
            &[("Region", b"=?base64?IGxlYWQ=?=")],
        )
        .unwrap();
        check(&json!({"deep": {"dry": false}}), &[("Dry", b"false")]).unwrap();
        assert_eq!(params().check(&MirroredParams::default(), None), Ok(()));
    }

    #[test]
    fn hdr_34_integers_are_compared_as_numbers() {
        for (value, text) in [
            ("42", "42"),
            ("42.0", "42"),
            ("42", "42.0"),
            ("4.2e1", "42"),
            ("-7", "-7"),
            ("0", "-0"),
        ] {
            check_text(
                &format!(r#"{{"size":{value}}}"#),
                &[("Size", text.as_bytes())],
            )
            .unwrap();
        }
        for text in ["43", "+42", "0x2A", "42 1", "", "=?base64?IDQy?="] {
            let error = check(&json!({"size": 42}), &[("Size", text.as_bytes())]).unwrap_err();
            assert!(error.contains("something else"), "{error}");
        }
    }

    #[test]
    fn hdr_09_integers_beyond_the_range_are_refused() {
        check_text(
            r#"{"size":9007199254740991}"#,
            &[("Size", b"9007199254740991")],
        )
        .unwrap();
        for value in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
            "1e300",
        ] {
            let error = check_text(
                &format!(r#"{{"size":{value}}}"#),
                &[("Size", value.as_bytes())],
            )
            .unwrap_err();
            assert!(error.contains("2^53"), "{error}");
        }
    }

    #[test]
    fn hdr_32_a_value_without_its_field_is_refused() {
        let error = check(&json!({"deep": {"dry": true}}), &[]).unwrap_err();
        assert_eq!(
            error,
            "Mcp-Param-Dry is missing although the argument has a value (params.arguments.deep.dry)"
        );
        assert!(check(&json!({"region": ""}), &[]).is_err());
        assert!(check(&json!({"region": ["eu"]}), &[]).is_err());
    }

    /// HDR-25: an empty text has a field that is empty, see `hdr_30_equal_values_pass`.
    #[test]
    fn hdr_33_null_and_absent_have_no_field() {
        for arguments in [
            json!({"size": null}),
            json!({"deep": null}),
            json!({"deep": {}}),
            json!({"deep": 1}),
        ] {
            check(&arguments, &[]).unwrap();
            let error = check(&arguments, &[("Size", b"1"), ("Dry", b"true")]).unwrap_err();
            assert!(error.contains("has no value"), "{error}"); // HDR-36
        }
    }

    #[test]
    fn hdr_29_unreadable_fields_are_refused() {
        for raw in [
            &b"e\x00u"[..],
            "ż".as_bytes(),
            b"=?base64?SGVsbG8?=",
            b"=?base64?SGVs!!!bG8=?=",
        ] {
            check(&json!({"region": "Hello"}), &[("Region", raw)]).unwrap_err();
        }
    }

    /// The table of the conformance suite.
    #[test]
    fn hdr_35_incomplete_marks_are_literal() {
        for (value, raw, accepted) in [
            ("Hello", "=?base64?SGVsbG8=?=", true),
            ("SGVsbG8=", "SGVsbG8=", true),
            ("=?base64?SGVsbG8=", "=?base64?SGVsbG8=", true),
            ("Hello", "=?BASE64?SGVsbG8=?=", false),
        ] {
            let result = check(&json!({"region": value}), &[("Region", raw.as_bytes())]);
            assert_eq!(result.is_ok(), accepted, "{raw}");
        }
    }

    #[test]
    fn http_53_a_field_that_is_sent_twice_is_refused() {
        let error = check(
            &json!({"region": "eu"}),
            &[("Region", b"eu"), ("region", b"eu")],
        )
        .unwrap_err();
        assert!(error.contains("more than once"), "{error}");
    }

    #[test]
    fn hdr_09_what_no_field_can_hold_is_not_mirrored() {
        for (arguments, reason) in [
            (r#"{"size":9007199254740992}"#, "an integer beyond 2^53-1"),
            (r#"{"region":{}}"#, "an object or array"),
            (r#"{"region":"a","region":"b"}"#, "twice"),
            ("[", "EOF"),
        ] {
            let error = params().mirror(Some(arguments.as_bytes())).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
        assert!(params().mirror(None).unwrap().is_empty());
    }

    /// Two readers of the body could see two values; so neither counts.
    #[test]
    fn an_argument_that_appears_twice_is_refused() {
        for text in [
            r#"{"region":"us","region":"eu"}"#,
            r#"{"deep":{},"deep":{"dry":true},"region":"eu"}"#,
        ] {
            let error = check_text(text, &[("Region", b"eu"), ("Dry", b"true")]).unwrap_err();
            assert!(error.contains("twice"), "{error}");
        }
        check_text(r#"{"free":"a","free":"b"}"#, &[]).unwrap();
    }

    proptest! {
        #[test]
        fn any_text_can_be_mirrored(text in ".*") {
            let field = header_value::encode(&text);
            prop_assert_eq!(check(&json!({"region": text}), &[("Region", field.as_bytes())]), Ok(()));
        }

        /// HDR-27: what one half mirrors, the other accepts.
        #[test]
        fn hdr_27_what_is_mirrored_is_accepted(
            region: Option<String>, size: Option<i32>, dry: Option<bool>,
        ) {
            let arguments = json!({"region": region, "size": size, "deep": {"dry": dry}}).to_string();
            let fields = params().mirror(Some(arguments.as_bytes())).unwrap();
            let sent = [region.is_some(), size.is_some(), dry.is_some()];
            prop_assert_eq!(fields.len(), sent.iter().filter(|sent| **sent).count());
            prop_assert_eq!(params().check(&fields, Some(arguments.as_bytes())), Ok(()));
        }

        #[test]
        fn any_other_text_is_refused(a in "[ab=?]{0,4}", b in "[ab=?]{0,4}") {
            let field = header_value::encode(&b);
            let result = check(&json!({"region": a}), &[("Region", field.as_bytes())]);
            prop_assert_eq!(result.is_ok(), a == b);
        }

        #[test]
        fn checking_takes_anything(arguments in ".*", field: Vec<u8>) {
            let _ = check_text(&arguments, &[("Size", &field), ("Region", &field)]);
        }
    }
}
