//! Values that fit a JSON Schema, for the part of JSON Schema that servers use.
//!
//! What is not understood is passed over: a value that does not fit is refused by the server, and that
//! is an answer like any other.

use serde_json::{Map, Number, Value, json};

use crate::tape::Tape;

/// Few, so that two requests of one conversation often speak of the same thing.
const WORDS: &[&str] = &["a", "b", "oslo", "", "Ada Lovelace", "ü/?#%20{x}"];

/// Levels of nesting beyond which only what is required is filled in, and `null` below twice that.
const MAX_DEPTH: usize = 6;

/// A value that fits `schema`, as the tape has it.
pub(crate) fn value(schema: &Value, tape: &mut Tape<'_>) -> Value {
    Generator { root: schema }.value(schema, tape, 0)
}

/// A short text, one of few.
pub(crate) fn word(tape: &mut Tape<'_>) -> &'static str {
    tape.pick(WORDS).copied().unwrap_or_default()
}

/// Something that has nothing to do with any schema.
pub(crate) fn anything(tape: &mut Tape<'_>) -> Value {
    match tape.choose(7) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(7),
        3 => json!(-0.5),
        4 => json!(word(tape)),
        5 => json!([word(tape)]),
        _ => json!({"a": word(tape)}),
    }
}

struct Generator<'s> {
    root: &'s Value,
}

impl Generator<'_> {
    fn value(&self, schema: &Value, tape: &mut Tape<'_>, depth: usize) -> Value {
        if depth > 2 * MAX_DEPTH {
            return Value::Null;
        }
        let Some(schema) = schema.as_object() else {
            return if schema == &Value::Bool(true) {
                anything(tape)
            } else {
                Value::Null
            };
        };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target
                .strip_prefix('#')
                .and_then(|at| self.root.pointer(at));
            return target.map_or(Value::Null, |target| self.value(target, tape, depth + 1));
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        for list in ["enum", "examples"] {
            let values = schema.get(list).and_then(Value::as_array);
            if let Some(one) = values.and_then(|values| tape.pick(values)) {
                return one.clone();
            }
        }
        for list in ["anyOf", "oneOf"] {
            let schemas = schema.get(list).and_then(Value::as_array);
            if let Some(one) = schemas.and_then(|schemas| tape.pick(schemas)) {
                let chosen = self.value(one, tape, depth + 1);
                return self.with_own_members(schema, chosen, tape, depth);
            }
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            let mut whole = Value::Null;
            for part in all {
                whole = merged(whole, self.value(part, tape, depth + 1));
            }
            return self.with_own_members(schema, whole, tape, depth);
        }
        self.typed(schema, tape, depth)
    }

    /// The members that the schema asks for beside `anyOf` and its like.
    fn with_own_members(
        &self,
        schema: &Map<String, Value>,
        value: Value,
        tape: &mut Tape<'_>,
        depth: usize,
    ) -> Value {
        if schema.contains_key("properties") {
            return merged(value, self.object(schema, tape, depth));
        }
        value
    }

    fn typed(&self, schema: &Map<String, Value>, tape: &mut Tape<'_>, depth: usize) -> Value {
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => tape.pick(kinds).and_then(Value::as_str).unwrap_or("null"),
            _ if schema.contains_key("properties") => "object",
            _ => "",
        };
        match kind {
            "object" => self.object(schema, tape, depth),
            "array" => self.array(schema, tape, depth),
            "string" => Value::String(text(schema, tape)),
            "integer" => integer(schema, tape),
            "number" => number(schema, tape),
            "boolean" => Value::Bool(tape.choose(2) == 1),
            "null" => Value::Null,
            _ => anything(tape),
        }
    }

    fn object(&self, schema: &Map<String, Value>, tape: &mut Tape<'_>, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
        let mut object = Map::new();
        for (name, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if is_required(name) || (depth < MAX_DEPTH && tape.choose(2) == 1) {
                object.insert(name.clone(), self.value(property, tape, depth + 1));
            }
        }
        if let Some(more @ Value::Object(_)) = schema.get("additionalProperties")
            && tape.choose(2) == 1
        {
            object.insert(word(tape).to_owned(), self.value(more, tape, depth + 1));
        }
        Value::Object(object)
    }

    fn array(&self, schema: &Map<String, Value>, tape: &mut Tape<'_>, depth: usize) -> Value {
        let least = bound(schema, "minItems").unwrap_or(0).min(64);
        let most = bound(schema, "maxItems").unwrap_or(least + 2).max(least);
        let len = least + tape.choose((most - least).min(2) + 1);
        let fixed = schema.get("prefixItems").and_then(Value::as_array);
        let items = schema.get("items").unwrap_or(&Value::Bool(true));
        let mut array: Vec<Value> = Vec::new();
        for index in 0..len {
            let of = fixed.and_then(|fixed| fixed.get(index)).unwrap_or(items);
            let item = self.value(of, tape, depth + 1);
            let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
            if !(unique && array.contains(&item)) {
                array.push(item);
            }
        }
        Value::Array(array)
    }
}

/// The members of both, or the second one where they are no objects.
fn merged(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (_, second) => second,
    }
}

fn bound(schema: &Map<String, Value>, name: &str) -> Option<usize> {
    schema
        .get(name)
        .and_then(Value::as_u64)
        .and_then(|bound| usize::try_from(bound).ok())
}

fn text(schema: &Map<String, Value>, tape: &mut Tape<'_>) -> String {
    let formatted = match schema.get("format").and_then(Value::as_str) {
        Some("date") => Some("2026-07-28"),
        Some("date-time") => Some("2026-07-28T12:00:00Z"),
        Some("time") => Some("12:00:00Z"),
        Some("email") => Some("ada@example.com"),
        Some("uri" | "iri" | "uri-reference") => Some("https://example.com/a"),
        Some("uuid") => Some("2f1e0d5c-8a57-4c1b-9a55-0d9a3b9b5a11"),
        Some("ipv4") => Some("192.0.2.1"),
        Some("hostname") => Some("example.com"),
        _ => None,
    };
    if let Some(formatted) = formatted {
        return formatted.to_owned();
    }
    let (least, most) = (bound(schema, "minLength"), bound(schema, "maxLength"));
    let word = word(tape);
    let padding = std::iter::repeat_n('x', least.unwrap_or(0).min(4096));
    let len = word.chars().count().max(least.unwrap_or(0));
    word.chars()
        .chain(padding)
        .take(len.min(most.unwrap_or(usize::MAX)))
        .collect()
}

/// Near the bounds and near zero, where mistakes are.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a bound beyond 64 bits is as good as none"
)]
fn integer(schema: &Map<String, Value>, tape: &mut Tape<'_>) -> Value {
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    let least = number("minimum").map(|least| least.ceil() as i64);
    let least =
        least.max(number("exclusiveMinimum").map(|least| (least.floor() as i64).saturating_add(1)));
    let most = number("maximum").map(|most| most.floor() as i64);
    let above = number("exclusiveMaximum").map(|most| (most.ceil() as i64).saturating_sub(1));
    let most = match (most, above) {
        (Some(most), Some(above)) => Some(most.min(above)),
        (most, above) => most.or(above),
    };
    let (low, high) = match (least, most) {
        (Some(least), Some(most)) => (least, most.max(least)),
        (Some(least), None) => (least, least.saturating_add(1000)),
        (None, Some(most)) => (most.saturating_sub(1000), most),
        (None, None) => (-1000, 1000),
    };
    let step = number("multipleOf").map_or(1, |step| (step as i64).max(1));
    let near = low.max(0).min(high);
    let options = [
        near,
        near.saturating_add(1),
        near.saturating_add(2),
        low,
        high,
        7,
    ];
    let chosen = tape
        .pick(&options)
        .copied()
        .unwrap_or(near)
        .clamp(low, high);
    let aligned = chosen - chosen.rem_euclid(step);
    json!(if aligned < low {
        aligned.saturating_add(step)
    } else {
        aligned
    })
}

fn number(schema: &Map<String, Value>, tape: &mut Tape<'_>) -> Value {
    let whole = integer(schema, tape);
    let fits = |value: f64| {
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        limit("maximum").is_none_or(|most| value <= most)
            && limit("exclusiveMaximum").is_none_or(|most| value < most)
            && !schema.contains_key("multipleOf")
    };
    let half = whole.as_f64().map_or(0.5, |whole| whole + 0.5);
    if tape.choose(2) == 1 && fits(half) {
        return Number::from_f64(half).map_or(whole, Value::Number);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_tape_gives_the_plainest_value() {
        let schema = json!({
            "type": "object",
            "properties": {
                "n": {"type": "integer", "minimum": 3, "maximum": 9},
                "s": {"type": "string", "minLength": 3, "maxLength": 4},
                "e": {"enum": ["x", "y"]},
                "r": {"$ref": "#/$defs/one"},
                "left out": {"type": "string"},
            },
            "required": ["n", "s", "e", "r"],
            "$defs": {"one": {"const": 1}},
        });
        let plain = value(&schema, &mut Tape::new(&[]));
        assert_eq!(plain, json!({"n": 3, "s": "axx", "e": "x", "r": 1}));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        for (schema, least, most) in [
            (
                json!({"type": "integer", "exclusiveMinimum": 0, "maximum": 2}),
                1.0,
                2.0,
            ),
            (
                json!({"type": "integer", "minimum": -5, "exclusiveMaximum": -3}),
                -5.0,
                -4.0,
            ),
            (
                json!({"type": "number", "minimum": 0, "maximum": 1}),
                0.0,
                1.0,
            ),
            (
                json!({"type": "integer", "minimum": 10, "multipleOf": 4}),
                12.0,
                2000.0,
            ),
        ] {
            for first in 0..12 {
                for second in 0..4 {
                    let value = value(&schema, &mut Tape::new(&[first, second]));
                    let value = value.as_f64().unwrap();
                    assert!((least..=most).contains(&value), "{schema}: {value}");
                }
            }
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({
            "type": "object",
            "properties": {"next": {"$ref": "#"}},
            "required": ["next"],
        });
        value(&schema, &mut Tape::new(&[255; 64]));
    }
}
