//! A look at a value that tells of nearly all that fit their schema that they do.
//!
//! It goes once over the text, and builds nothing. It knows the keywords that schemas of arguments are
//! made of for the most part; a schema with any other has no outline, and a value that does not pass one
//! is held against the schema itself. So an outline says yes, or nothing.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Subschemas of an outline, each reference followed.
const MAX_SUBSCHEMAS: usize = 500;
/// Levels of subschemas.
const MAX_LEVELS: usize = 16;
/// Members of one object: as many as there are bits.
const MAX_MEMBERS: usize = 64;

/// What a value looks like that fits.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    kinds: u8,
    /// For strings, unless it is empty.
    words: Vec<Box<str>>,
    /// For integers.
    least: i64,
    most: u64,
    items: Option<Box<Outline>>,
    members: Members,
}

#[derive(Clone, Debug)]
struct Members {
    known: Vec<(Box<str>, Outline)>,
    /// One bit for each of those.
    required: u64,
    /// There are no others.
    closed: bool,
}

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const FRACTION: u8 = 8;
const STRING: u8 = 16;
const ARRAY: u8 = 32;
const OBJECT: u8 = 64;

const ANYTHING: Outline = Outline {
    kinds: NULL | BOOLEAN | INTEGER | FRACTION | STRING | ARRAY | OBJECT,
    words: Vec::new(),
    least: i64::MIN,
    most: u64::MAX,
    items: None,
    members: Members {
        known: Vec::new(),
        required: 0,
        closed: false,
    },
};

impl Outline {
    /// The outline of a schema of 2020-12, if all of it is known here.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let dialect = schema.get("$schema").and_then(Value::as_str);
        if dialect.is_some_and(|uri| uri != "https://json-schema.org/draft/2020-12/schema") {
            return None;
        }
        let mut reading = Reading {
            root: schema,
            left: MAX_SUBSCHEMAS,
        };
        reading.outline(schema, 0)
    }

    /// Whether the value of a text that is JSON fits for sure.
    pub(super) fn admits(&self, json: &str) -> bool {
        mcpwire_codec::parse_valid_with(self, json).is_some()
    }

    fn admit<E: Error>(&self, kind: u8) -> Result<(), E> {
        if self.kinds & kind != 0 {
            return Ok(());
        }
        Err(E::custom("of another type"))
    }
}

/// A schema on its way to an outline.
struct Reading<'s> {
    root: &'s Value,
    left: usize,
}

impl Reading<'_> {
    fn outline(&mut self, schema: &Value, level: usize) -> Option<Outline> {
        self.left = self.left.checked_sub(1)?;
        if level > MAX_LEVELS {
            return None;
        }
        let keywords = match schema {
            Value::Bool(true) => return Some(ANYTHING),
            Value::Object(keywords) => keywords,
            _ => return None,
        };
        let says = |keyword: &&String| !says_nothing(keyword, level);
        // Both stand alone, or what is beside them would have to hold as well.
        if let Some(target) = keywords.get("$ref") {
            let alone = keywords.keys().filter(says).count() == 1;
            return alone.then(|| self.referenced(target.as_str()?, level))?;
        }
        if let Some(choices) = keywords.get("anyOf") {
            let alone = keywords.keys().filter(says).count() == 1;
            return alone.then(|| self.optional(choices.as_array()?, level))?;
        }
        let mut outline = ANYTHING;
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "type" => outline.kinds &= kinds(value)?,
                "enum" => {
                    let words = value.as_array()?.iter().map(Value::as_str);
                    outline.words = words
                        .map(|word| Some(word?.into()))
                        .collect::<Option<_>>()?;
                    outline.kinds &= STRING;
                }
                "minimum" => outline.least = outline.least.max(value.as_i64()?),
                "maximum" => outline.most = outline.most.min(value.as_u64()?),
                "items" => outline.items = Some(Box::new(self.outline(value, level + 1)?)),
                "properties" | "required" | "additionalProperties" => {}
                other => says_nothing(other, level).then_some(())?,
            }
        }
        outline.members = self.members(keywords, level)?;
        Some(outline)
    }

    /// `$defs` of the root alone: nothing else that a reference could lead to is known here.
    fn referenced(&mut self, target: &str, level: usize) -> Option<Outline> {
        let name = target.strip_prefix("#/$defs/")?;
        if name.contains(['/', '~', '%']) {
            return None;
        }
        let schema = self.root.get("$defs")?.get(name)?;
        self.outline(schema, level + 1)
    }

    /// Something, or `null`.
    fn optional(&mut self, choices: &[Value], level: usize) -> Option<Outline> {
        let is_null = |schema: &Value| {
            let keywords = schema.as_object();
            keywords.is_some_and(|keywords| keywords.len() == 1)
                && schema.get("type").is_some_and(|kind| kind == "null")
        };
        let (something, _) = match choices {
            [something, null] if is_null(null) => (something, null),
            [null, something] if is_null(null) => (something, null),
            _ => return None,
        };
        let mut outline = self.outline(something, level + 1)?;
        outline.kinds |= NULL;
        Some(outline)
    }

    /// What is said of the members of an object.
    fn members(&mut self, keywords: &Map<String, Value>, level: usize) -> Option<Members> {
        let mut members = ANYTHING.members;
        if let Some(properties) = keywords.get("properties") {
            for (name, schema) in properties.as_object()? {
                let outline = self.outline(schema, level + 1)?;
                members.known.push((name.as_str().into(), outline));
            }
        }
        for name in keywords
            .get("required")
            .map_or(Some(&Vec::new()), Value::as_array)?
        {
            let name = name.as_str()?;
            let at = members
                .known
                .iter()
                .position(|(known, _)| **known == *name)?;
            members.required |= 1_u64.checked_shl(u32::try_from(at).ok()?)?;
        }
        members.closed = match keywords.get("additionalProperties") {
            None | Some(Value::Bool(true)) => false,
            Some(Value::Bool(false)) => true,
            Some(_) => return None,
        };
        if members.known.len() > MAX_MEMBERS {
            return None;
        }
        Some(members)
    }
}

/// Keywords that no value can violate. In 2020-12 `format` is one of them.
fn says_nothing(keyword: &str, level: usize) -> bool {
    match keyword {
        "$schema" | "$defs" => level == 0,
        _ => matches!(
            keyword,
            "title"
                | "description"
                | "default"
                | "examples"
                | "deprecated"
                | "readOnly"
                | "writeOnly"
                | "format"
                | "$comment"
                | "x-mcp-header"
        ),
    }
}

fn kinds(value: &Value) -> Option<u8> {
    let kind = |name: &Value| {
        Some(match name.as_str()? {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => INTEGER | FRACTION,
            "string" => STRING,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => return None,
        })
    };
    match value {
        Value::Array(names) => names
            .iter()
            .try_fold(0, |all, name| Some(all | kind(name)?)),
        name => kind(name),
    }
}

impl<'de> DeserializeSeed<'de> for &Outline {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Outline {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that fits its schema")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.admit(NULL)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.admit(BOOLEAN)
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<(), E> {
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        if integer < self.least || integer > most {
            return Err(E::custom("out of its range"));
        }
        self.admit(INTEGER)
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<(), E> {
        let least = u64::try_from(self.least).unwrap_or(0);
        if integer < least || integer > self.most {
            return Err(E::custom("out of its range"));
        }
        self.admit(INTEGER)
    }

    /// `1.0` is an integer, and a bound can be a fraction: such are left to others.
    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        if !number.is_finite() || self.least != i64::MIN || self.most != u64::MAX {
            return Err(E::custom("no integer"));
        }
        self.admit(FRACTION)
    }

    fn visit_str<E: Error>(self, string: &str) -> Result<(), E> {
        if !self.words.is_empty() && !self.words.iter().any(|word| **word == *string) {
            return Err(E::custom("another word"));
        }
        self.admit(STRING)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.admit(ARRAY)?;
        match &self.items {
            Some(item) => while items.next_element_seed(&**item)?.is_some() {},
            None => while items.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(())
    }

    /// Of several members with one name the last counts elsewhere; here all have to fit.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.admit(OBJECT)?;
        let expected = &self.members;
        let mut seen = 0;
        while let Some(found) = members.next_key_seed(Name(&expected.known))? {
            match found {
                Some((at, outline)) => {
                    seen |= 1 << at;
                    members.next_value_seed(outline)?;
                }
                None if expected.closed => return Err(A::Error::custom("an unknown member")),
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        if expected.required & !seen != 0 {
            return Err(A::Error::custom("a member is missing"));
        }
        Ok(())
    }
}

/// Tells which member it is, and what is expected there.
struct Name<'a>(&'a [(Box<str>, Outline)]);

impl<'de, 'a> DeserializeSeed<'de> for Name<'a> {
    type Value = Option<(usize, &'a Outline)>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_identifier(self)
    }
}

impl<'a> Visitor<'_> for Name<'a> {
    type Value = Option<(usize, &'a Outline)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let mut known = self.0.iter().enumerate();
        let found = known.find(|(_, (known, _))| **known == *name);
        Ok(found.map(|(at, (_, outline))| (at, outline)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schema::compiled::Validator;

    fn admits(schema: &Value, value: &Value) -> Option<bool> {
        Some(Outline::of(schema)?.admits(&value.to_string()))
    }

    #[test]
    fn tool_35_what_fits_is_admitted_at_a_look() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Search",
            "type": "object",
            "properties": {
                "text": {"type": "string", "description": "d"},
                "limit": {"type": ["integer", "null"], "format": "uint8", "minimum": 0, "maximum": 255},
                "order": {"$ref": "#/$defs/Order"},
                "near": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "more": true,
            },
            "required": ["text"],
            "$defs": {
                "Order": {"type": "string", "enum": ["up", "down"]},
                "Place": {
                    "type": "object",
                    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
                    "required": ["x", "y"],
                    "additionalProperties": false,
                },
            },
        });
        let fits = |value: Value| admits(&schema, &value);
        for right in [
            json!({"text": ""}),
            json!({"text": "\n", "limit": null, "order": "up", "tags": [], "other": [1]}),
            json!({"text": "a", "limit": 255, "near": {"x": 1, "y": -0.5}, "more": {"a": [null]}}),
            json!({"text": "a", "near": null, "tags": ["a", "b"], "more": 1}),
        ] {
            assert_eq!(fits(right.clone()), Some(true), "{right}");
        }
        for wrong in [
            json!({}),
            json!([]),
            json!({"text": 1}),
            json!({"text": "a", "limit": -1}),
            json!({"text": "a", "limit": 256}),
            json!({"text": "a", "limit": 1.5}),
            json!({"text": "a", "order": "left"}),
            json!({"text": "a", "near": {"x": 1}}),
            json!({"text": "a", "near": {"x": 1, "y": 1, "z": 1}}),
            json!({"text": "a", "tags": ["a", 1]}),
        ] {
            assert_eq!(fits(wrong.clone()), Some(false), "{wrong}");
        }
    }

    #[test]
    fn a_schema_that_is_not_all_known_has_no_outline() {
        for schema in [
            json!({"type": "string", "pattern": "a"}),
            json!({"type": "object", "patternProperties": {}}),
            json!({"properties": {"a": {"minLength": 1}}}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
            json!({"properties": {"a": {"$defs": {}}}}),
            json!({"$ref": "#"}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}),
            json!({"$ref": "#/$defs/a", "type": "object", "$defs": {"a": true}}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$id": "https://a/b"}}}),
            json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            json!({"additionalProperties": {"type": "string"}}),
            json!({"required": ["a"]}),
            json!({"minimum": 0.5}),
            json!({"enum": ["a", 1]}),
            json!(false),
        ] {
            assert!(Outline::of(&schema).is_none(), "{schema}");
        }
    }

    fn schemas() -> impl Strategy<Value = Value> {
        let kind = prop::sample::select(vec![
            "null", "boolean", "integer", "number", "string", "array", "object",
        ]);
        let leaf = prop_oneof![
            kind.clone().prop_map(|kind| json!({"type": kind})),
            (kind.clone(), kind).prop_map(|(one, other)| if one == other {
                json!({"type": [one]})
            } else {
                json!({"type": [one, other]})
            }),
            (-2_i64..3).prop_map(|least| json!({"minimum": least})),
            (0_u64..3).prop_map(|most| json!({"type": "integer", "maximum": most})),
            Just(json!({"enum": ["a", "b"]})),
            Just(json!({"type": "string", "format": "date"})),
            Just(json!(true)),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                inner
                    .clone()
                    .prop_map(|items| json!({"type": "array", "items": items})),
                inner.clone().prop_map(|items| json!({"items": items})),
                inner
                    .clone()
                    .prop_map(|some| json!({"anyOf": [some, {"type": "null"}]})),
                (
                    inner.clone(),
                    inner,
                    any::<bool>(),
                    any::<bool>(),
                    any::<bool>()
                )
                    .prop_map(|(a, b, object, required, closed)| {
                        let mut schema = json!({"properties": {"a": a, "b": b}});
                        if object {
                            schema["type"] = "object".into();
                        }
                        if required {
                            schema["required"] = json!(["b"]);
                        }
                        if closed {
                            schema["additionalProperties"] = false.into();
                        }
                        schema
                    }),
            ]
        })
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-3_i64..4).prop_map(Value::from),
            prop::sample::select(vec![0.0, 1.0, -1.0, 0.5, 1e300]).prop_map(Value::from),
            prop::sample::select(vec!["a", "b", "c", "\n"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[abc]", inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// The validator is the oracle: what an outline admits is valid.
        #[test]
        fn tool_35_nothing_is_admitted_that_is_not_valid(schema in schemas(), value in values()) {
            let outline = Outline::of(&schema);
            prop_assert!(outline.is_some(), "{}", schema);
            if outline.is_some_and(|outline| outline.admits(&value.to_string())) {
                let whole = Validator::compile(&schema.to_string()).unwrap();
                prop_assert!(whole.is_valid(&value.to_string()), "{} {}", schema, value);
            }
        }
    }
}
