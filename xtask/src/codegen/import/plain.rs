//! A schema brought into the few forms that the draft understands.
//!
//! Schemas come from many tools, and say the same in many ways. What only annotates is dropped. A
//! demand that no model can hold (a pattern, a length) is dropped too, but told of: the types will let
//! more through than the schema does. What would change the shape of a type is left, and refused later.

use std::collections::BTreeSet;

use serde_json::Value;

use super::shape::strings;
use crate::codegen::emit::TAKEN;
use crate::codegen::names::pascal;
use crate::codegen::schema::{Kinds, Members, Schema};

/// Says nothing about what is valid.
const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$id",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "examples",
    "markdownDescription",
    "readOnly",
    "title",
    "writeOnly",
];

/// Narrows the values of a type without changing what the type is made of.
const DEMANDS: &[&str] = &[
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "if",
    "maxContains",
    "maxLength",
    "maxProperties",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "propertyNames",
    "then",
    "unevaluatedProperties",
    "uniqueItems",
];

/// The definitions in plain forms, and what had to be left out, each with its place.
pub(super) fn plain(defs: &Members) -> (Members, Vec<String>) {
    let mut plain = Plain {
        left_out: Vec::new(),
    };
    let mut simple: Vec<(String, Schema)> = Vec::new();
    for (name, schema) in defs.iter() {
        let fit = type_name(name);
        if fit != name {
            plain.left_out.push(format!(
                "the name {name:?}, which no type can have: it is {fit} here"
            ));
        }
        simple.push((fit, plain.schema(schema, name)));
    }
    (Members(simple), plain.left_out)
}

/// The definitions that are themselves, with nothing in between: no value has such a type.
pub(super) fn circular(defs: &Members) -> Vec<String> {
    let stands_for = |name: &str| {
        let mut found = Vec::new();
        if let Some(schema) = defs.get(name) {
            in_its_place(schema, &mut found);
        }
        found
    };
    let is_itself = |name: &str| {
        let mut seen = BTreeSet::new();
        let mut next = stands_for(name);
        while let Some(target) = next.pop() {
            if target == name {
                return true;
            }
            if seen.insert(target.clone()) {
                next.extend(stands_for(&target));
            }
        }
        false
    };
    let circular = defs
        .iter()
        .map(|(name, _)| name)
        .filter(|name| is_itself(name));
    circular
        .map(|name| format!("{name}: the definition leads back to itself"))
        .collect()
}

/// The definitions that a value has to fit in the very place of this schema.
fn in_its_place(schema: &Schema, found: &mut Vec<String>) {
    found.extend(schema.target().map(str::to_owned));
    for part in schema.all_of.iter().chain(&schema.any_of) {
        in_its_place(part, found);
    }
}

/// The name itself where a type can have it.
fn type_name(name: &str) -> String {
    let fits = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    let name = if fits { name.to_owned() } else { pascal(name) };
    if TAKEN.contains(&name.as_str()) {
        format!("{name}Type")
    } else if name.starts_with(|c: char| c.is_ascii_uppercase()) {
        name
    } else {
        format!("Type{name}")
    }
}

struct Plain {
    left_out: Vec<String>,
}

impl Plain {
    fn schema(&mut self, schema: &Schema, place: &str) -> Schema {
        let mut plain = schema.clone();
        plain
            .other
            .retain(|keyword, _| !ANNOTATIONS.contains(&keyword.as_str()));
        for keyword in DEMANDS {
            if plain.other.remove(*keyword).is_some() {
                self.leave_out(place, keyword);
            }
        }
        if plain.any_of.is_empty()
            && let Some(Value::Array(choices)) = plain.other.get("oneOf")
            && let Ok(choices) = choices
                .iter()
                .map(|one| serde_json::from_value(one.clone()))
                .collect()
        {
            plain.any_of = choices;
            plain.other.remove("oneOf");
        }
        plain.reference = plain
            .target()
            .map(|name| format!("#/$defs/{}", type_name(name)));
        self.inner(&mut plain, place);
        self.scalars(&mut plain, place);
        plain = self.choices(plain, place);
        if plain.kind.is_none() && !plain.properties.is_empty() {
            plain.kind = Some(Kinds::One("object".to_owned()));
        }
        if plain.not.is_some() && plain.kind.is_some() {
            plain.not = None;
            self.leave_out(place, "not");
        }
        alone(plain)
    }

    fn inner(&mut self, plain: &mut Schema, place: &str) {
        for (name, inner) in &mut plain.properties.0 {
            *inner = self.schema(inner, &format!("{place}.{name}"));
        }
        for inner in plain.any_of.iter_mut().chain(&mut plain.all_of) {
            *inner = self.schema(inner, place);
        }
        plain.all_of.retain(|part| !part.is_any());
        let boxed = [
            &mut plain.items,
            &mut plain.additional_properties,
            &mut plain.not,
        ];
        for inner in boxed.into_iter().flatten() {
            **inner = self.schema(inner, place);
        }
    }

    /// What can be one thing or another is an `anyOf` with one place for each, and nothing beside it.
    fn choices(&mut self, mut schema: Schema, place: &str) -> Schema {
        schema.kind = schema.kind.map(|kinds| {
            // An integer is a number too.
            let number = kinds.names().iter().any(|kind| kind == "number");
            Kinds::of(
                kinds
                    .names()
                    .iter()
                    .filter(|kind| !(number && *kind == "integer"))
                    .cloned()
                    .collect(),
            )
        });
        if let Some(at) = schema.values.iter().position(Value::is_null) {
            schema.values.remove(at);
            schema.kind = schema.kind.map(|kinds| {
                let others = kinds.names().iter().filter(|kind| *kind != "null").cloned();
                Kinds::of(others.collect())
            });
            let any_of = vec![self.choices(schema, place), Schema::kind("null")];
            return Schema {
                any_of,
                ..Schema::default()
            };
        }
        if several(&schema) && !schema.values.is_empty() {
            self.leave_out(place, "enum");
            schema.values.clear();
        }
        // `{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}` asks for more, but for no other members.
        let only_required = |one: &Schema| {
            !one.required.is_empty()
                && *one
                    == Schema {
                        required: one.required.clone(),
                        ..Schema::default()
                    }
        };
        if !schema.any_of.is_empty() && schema.any_of.iter().all(only_required) {
            self.leave_out(place, "anyOf");
            schema.any_of.clear();
        }
        // Something or anything is anything.
        if schema.any_of.iter().any(Schema::is_any) {
            schema.any_of.clear();
        }
        let mut choices: Vec<Schema> = Vec::new();
        for choice in std::mem::take(&mut schema.any_of)
            .into_iter()
            .flat_map(spread)
        {
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        if choices.contains(&Schema::kind("number")) {
            choices.retain(|choice| !choice.is_kind("integer"));
        }
        schema = apart(Schema {
            any_of: choices,
            ..schema
        });
        if schema.any_of.is_empty() {
            schema = match split(schema).as_slice() {
                [one] => one.clone(),
                choices => Schema {
                    any_of: choices.to_vec(),
                    ..Schema::default()
                },
            };
        }
        schema
    }

    /// Constants and bounds: a model has strings and integers.
    fn scalars(&mut self, plain: &mut Schema, place: &str) {
        if plain.kind.is_none() {
            let kind = match &plain.constant {
                Some(Value::String(_)) => Some("string"),
                Some(Value::Number(number)) if number.is_i64() => Some("integer"),
                Some(Value::Bool(_)) => Some("boolean"),
                Some(Value::Null) => Some("null"),
                None if plain.values.is_empty() => None,
                None if plain
                    .values
                    .iter()
                    .all(|value| value.is_string() || value.is_null()) =>
                {
                    Some("string")
                }
                None if plain.values.iter().all(Value::is_i64) => Some("integer"),
                None if plain.values.iter().all(Value::is_number) => Some("number"),
                _ => None,
            };
            plain.kind = kind.map(|kind| Kinds::One(kind.to_owned()));
        }
        let sayable = |value: &Value| value.is_string() || value.is_i64();
        if plain.kind.is_some() && plain.constant.as_ref().is_some_and(|value| !sayable(value)) {
            let value = plain.constant.take().unwrap_or_default();
            if !value.is_null() {
                self.leave_out(place, &format!("const {value}"));
            }
        }
        for (keyword, bound) in [
            ("minimum", &mut plain.minimum),
            ("maximum", &mut plain.maximum),
        ] {
            if let Some(value) = bound.take_if(|value| !value.is_i64()) {
                self.leave_out(place, &format!("{keyword} {value}"));
            }
        }
        if plain
            .values
            .iter()
            .any(|value| !value.is_string() && !value.is_null())
            && plain.kind.is_some()
        {
            let values = std::mem::take(&mut plain.values);
            self.leave_out(place, &format!("enum {}", Value::Array(values)));
        }
    }

    fn leave_out(&mut self, place: &str, what: &str) {
        self.left_out.push(format!("{place}: {what}"));
    }
}

/// A list of one choice, or of one part, is that one.
fn alone(mut schema: Schema) -> Schema {
    for list in [
        Schema {
            any_of: Vec::new(),
            ..schema.clone()
        },
        Schema {
            all_of: Vec::new(),
            ..schema.clone()
        },
    ] {
        if list.is_any() {
            let lists = [&mut schema.any_of, &mut schema.all_of];
            if let Some(only) = lists
                .into_iter()
                .find(|list| list.len() == 1)
                .and_then(Vec::pop)
            {
                return only;
            }
        }
    }
    schema
}

/// Whether it can be of several kinds other than `null`.
fn several(schema: &Schema) -> bool {
    let kinds = schema.kind.as_ref().map(Kinds::names).unwrap_or_default();
    kinds.iter().filter(|kind| *kind != "null").count() > 1
}

/// A choice within a choice is spread out; strings to choose from stay together.
fn spread(schema: Schema) -> Vec<Schema> {
    let only_choices = schema
        == Schema {
            any_of: schema.any_of.clone(),
            ..Schema::default()
        };
    if only_choices && strings(&schema).is_none() {
        schema.any_of
    } else {
        split(schema)
    }
}

/// Members beside an `allOf` or an `anyOf` are one more part of the whole.
fn apart(mut schema: Schema) -> Schema {
    let beside = !schema.properties.is_empty() || !schema.required.is_empty();
    if !beside || (schema.all_of.is_empty() && schema.any_of.is_empty()) {
        return schema;
    }
    let mut all_of = std::mem::take(&mut schema.all_of);
    if !schema.any_of.is_empty() {
        all_of.push(alone(Schema {
            any_of: std::mem::take(&mut schema.any_of),
            ..Schema::default()
        }));
    }
    all_of.push(Schema {
        properties: std::mem::take(&mut schema.properties),
        required: std::mem::take(&mut schema.required),
        ..Schema::kind("object")
    });
    Schema {
        all_of,
        other: schema.other,
        ..Schema::default()
    }
}

/// Several kinds, one by one, each with what is demanded of it.
fn split(schema: Schema) -> Vec<Schema> {
    let Some(Kinds::Many(kinds)) = &schema.kind else {
        return vec![schema];
    };
    let choice = |kind: &String| {
        let all = schema.clone();
        let part = match kind.as_str() {
            "object" => Schema {
                properties: all.properties,
                required: all.required,
                additional_properties: all.additional_properties,
                ..Schema::default()
            },
            "array" => Schema {
                items: all.items,
                max_items: all.max_items,
                ..Schema::default()
            },
            "string" => Schema {
                format: all.format,
                values: all.values,
                ..Schema::default()
            },
            "integer" | "number" => Schema {
                minimum: all.minimum,
                maximum: all.maximum,
                ..Schema::default()
            },
            _ => Schema::default(),
        };
        Schema {
            kind: Some(Kinds::One(kind.clone())),
            ..part
        }
    };
    kinds.iter().map(choice).collect()
}
