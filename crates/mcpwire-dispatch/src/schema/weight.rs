//! How much work a schema can make, told before it makes any.

use std::collections::HashMap;

use serde_json::Value;

use crate::uri::percent_decode;

/// Upper bounds, found by following every local reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Objects that a reader of the schema comes by, an object as often as references lead to it.
    pub(super) subschemas: u64,
    /// References that lead back to where the reader is already, or that are not followed: for each
    /// level of a value the schema may be entered anew this many times.
    recursions: u64,
}

impl Weight {
    pub(super) fn of(schema: &Value) -> Self {
        Walk {
            root: schema,
            known: HashMap::new(),
        }
        .value(schema)
    }

    /// A bound for the steps that it takes to list everything that is wrong with a value.
    pub(super) fn steps(self, value: &Value) -> u64 {
        let (nodes, depth) = measure(value);
        let entered = self.recursions.max(1).saturating_pow(depth);
        self.subschemas
            .saturating_mul(nodes)
            .saturating_mul(entered)
    }

    fn add(&mut self, other: Self) {
        self.subschemas = self.subschemas.saturating_add(other.subschemas);
        self.recursions = self.recursions.saturating_add(other.recursions);
    }
}

struct Walk<'a> {
    root: &'a Value,
    /// What a reference leads to; `None` while the reader is inside.
    known: HashMap<&'a str, Option<Weight>>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, value: &'a Value) -> Weight {
        let mut weight = Weight::default();
        match value {
            Value::Object(members) => {
                weight.subschemas = 1;
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("$ref", Value::String(reference)) => weight.add(self.reference(reference)),
                        ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                            weight.add(RECURSION);
                        }
                        // Data, and schemas that are counted where a reference leads to them.
                        (
                            "$defs" | "definitions" | "enum" | "const" | "default" | "examples",
                            _,
                        ) => {}
                        _ => weight.add(self.value(member)),
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    weight.add(self.value(item));
                }
            }
            _ => {}
        }
        weight
    }

    fn reference(&mut self, reference: &'a str) -> Weight {
        if let Some(known) = self.known.get(reference) {
            return known.unwrap_or(RECURSION);
        }
        let root = self.root;
        let pointer = reference
            .strip_prefix('#')
            .and_then(|pointer| percent_decode(pointer.as_bytes()));
        let Some(target) = pointer.and_then(|pointer| root.pointer(&pointer)) else {
            return RECURSION;
        };
        self.known.insert(reference, None);
        let weight = self.value(target);
        self.known.insert(reference, Some(weight));
        weight
    }
}

const RECURSION: Weight = Weight {
    subschemas: 1,
    recursions: 1,
};

/// Values in a value, itself included, and how deep they are nested.
fn measure(value: &Value) -> (u64, u32) {
    let children: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => return (1, 1),
    };
    children
        .map(measure)
        .fold((1, 1), |(nodes, depth), (more, below)| {
            (nodes + more, depth.max(below + 1))
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schema_13_references_count_as_often_as_they_are_followed() {
        let weight = Weight::of(&json!({
            "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"items": {"type": "string"}}, "unused": {"items": {"items": {}}}},
        }));
        // The root, `properties`, a and b, and twice what x has.
        assert_eq!(
            weight,
            Weight {
                subschemas: 8,
                recursions: 0
            }
        );
        assert_eq!(weight.steps(&json!({"a": [1, 2]})), 8 * 4);
    }

    #[test]
    fn schema_13_recursion_counts_by_depth() {
        let weight = Weight::of(&json!({"anyOf": [{"$ref": "#"}, {"items": {"$ref": "#"}}]}));
        assert_eq!(weight.recursions, 4);
        assert!(weight.steps(&json!([[[[]]]])) >= 4_u64.pow(4));
        let list = Weight::of(&json!({"properties": {"next": {"$ref": "#"}}}));
        assert_eq!(list.recursions, 1);
        assert_eq!(Weight::of(&json!({"$ref": "other.json"})).recursions, 1);
    }

    #[test]
    fn depth_and_size_of_a_value() {
        assert_eq!(measure(&json!(1)), (1, 1));
        assert_eq!(measure(&json!({"a": [1, {"b": null}], "c": []})), (6, 4));
    }
}
