//! Schemas made up at random: no draft of one is unsound.

use serde_json::{Value, json};

use super::document;
use crate::codegen::import::draft;
use crate::codegen::model::Area;
use crate::codegen::{draft as toml_draft, load, lower};

/// Schemas of all the shapes that there are, with references to three definitions.
fn schemas() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;

    let leaf = prop_oneof![
        proptest::sample::select(vec![
            json!({}),
            json!({"type": "string"}),
            json!({"type": "string", "format": "uri"}),
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "number"}),
            json!({"type": "boolean"}),
            json!({"type": "null"}),
            json!({"const": "a"}),
            json!({"const": "b"}),
            json!({"type": "string", "const": "Unknown"}),
            json!({"enum": ["a", "A", "1"]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            json!({"type": ["string", "integer"]}),
            json!({"type": ["object", "string"]}),
            json!({"type": "object"}),
            json!({"not": {}}),
            json!({"type": "object", "additionalProperties": {"not": {}}}),
            json!({"pattern": "^a"}),
            json!(true),
            json!(false),
        ]),
        proptest::sample::select(vec!["One", "Two", "Three"])
            .prop_map(|name| json!({"$ref": format!("#/$defs/{name}")})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let members =
            || proptest::collection::btree_map("[a-c]|type|method|self", inner.clone(), 0..4);
        let list = || proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (members(), any::<bool>()).prop_map(|(members, all)| {
                let required: Vec<&String> = if all {
                    members.keys().collect()
                } else {
                    Vec::new()
                };
                json!({"type": "object", "properties": members, "required": required})
            }),
            inner
                .clone()
                .prop_map(|items| json!({"type": "array", "items": items})),
            inner
                .clone()
                .prop_map(|value| json!({"type": "object", "additionalProperties": value})),
            list().prop_map(|choices| json!({"anyOf": choices})),
            list().prop_map(|parts| json!({"allOf": parts})),
            (members(), list())
                .prop_map(|(members, choices)| json!({"properties": members, "oneOf": choices})),
        ]
    })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 1024, failure_persistence: None, ..Default::default() })]

    /// Whatever a schema says, it is refused or becomes a model that is sound; and so does what that
    /// model says.
    #[test]
    fn a_draft_is_sound(one in schemas(), two in schemas(), three in schemas()) {
        let schema = document(json!({"One": one, "Two": two, "Three": three}));
        if let Ok(found) = draft(&schema, "test", None) {
            let sound = |area: &Area| {
                let text = toml_draft::toml(area, &[]);
                let failed = |problems: Vec<String>| proptest::test_runner::TestCaseError::fail(format!("{problems:#?}\n{text}"));
                load::from_text(&text).map_err(failed)
            };
            let said = lower::document(&sound(&found.area)?);
            let again = draft(&said, "test", None).unwrap();
            sound(&again.area)?;
        }
    }
}

/// A union in a list in a union leads back to the first one, by its name.
#[test]
fn a_union_may_hold_lists_of_what_it_is() {
    let schema = document(json!({"Tree": {"anyOf": [
        {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "integer"}]}},
        {"type": "string"},
    ]}}));
    let found = draft(&schema, "test", None).unwrap();
    let model = load::from_text(&toml_draft::toml(&found.area, &[])).unwrap();
    let said = lower::document(&model);
    let tree = said.defs.get("Tree").unwrap();
    let items = tree.any_of.iter().find_map(|one| one.items.as_deref());
    let again = items.and_then(|items| items.any_of.iter().find_map(|one| one.target()));
    assert_eq!(again, Some("Tree"), "{tree:?}");
}
