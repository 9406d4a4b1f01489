use serde_json::json;

use super::*;

fn small() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            "Tool": {
                "description": "Some sentence.",
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "Another."},
                    "description": {"type": "string"},
                    "size": {"type": "integer", "minimum": 0}
                },
                "required": ["name", "size"]
            },
            "Level": {"type": "string", "enum": ["low", "high"]},
            "Either": {"anyOf": [{"$ref": "#/$defs/Tool"}, {"$ref": "#/$defs/Level"}, {"type": "null"}]}
        }
    })
}

/// What is found once one thing of the schema is altered.
fn altered(alter: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut schema = small();
    alter(&mut schema);
    let document = |value: Value| serde_json::from_value::<Document>(value).unwrap();
    let report = compare(&document(small()), &document(schema), Vec::new());
    report.differences.iter().map(ToString::to_string).collect()
}

fn only(found: &[String]) -> &str {
    assert_eq!(found.len(), 1, "{found:#?}");
    &found[0]
}

#[test]
fn sentences_and_the_order_of_sets_are_no_difference() {
    let found = altered(|schema| {
        schema["$defs"]["Tool"]["description"] = json!("A new sentence.");
        schema["$defs"]["Tool"]["properties"]["name"]["description"] = json!("And one more.");
        schema["$defs"]["Tool"]["required"] = json!(["size", "name"]);
        schema["$defs"]["Level"]["enum"] = json!(["high", "low"]);
        schema["$defs"]["Either"]["anyOf"]
            .as_array_mut()
            .unwrap()
            .reverse();
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_dropped_member_is_named() {
    let found = altered(|schema| {
        drop(
            schema["$defs"]["Tool"]["properties"]
                .as_object_mut()
                .unwrap()
                .remove("size"),
        );
    });
    assert!(
        only(&found).starts_with("$defs/Tool/properties/size\n"),
        "{found:#?}"
    );
}

#[test]
fn a_member_called_description_is_a_member() {
    let found = altered(|schema| {
        drop(
            schema["$defs"]["Tool"]["properties"]
                .as_object_mut()
                .unwrap()
                .remove("description"),
        );
    });
    assert!(
        only(&found).starts_with("$defs/Tool/properties/description\n"),
        "{found:#?}"
    );
}

#[test]
fn an_altered_type_is_named_with_both_sides() {
    let found =
        altered(|schema| schema["$defs"]["Tool"]["properties"]["size"]["type"] = json!("number"));
    assert_eq!(
        only(&found),
        "$defs/Tool/properties/size/type\n    model:  \"integer\"\n    schema: \"number\""
    );
}

#[test]
fn an_altered_bound_is_named() {
    let found =
        altered(|schema| schema["$defs"]["Tool"]["properties"]["size"]["minimum"] = json!(1));
    assert!(
        only(&found).starts_with("$defs/Tool/properties/size/minimum\n"),
        "{found:#?}"
    );
}

#[test]
fn an_added_and_a_dropped_definition_are_named() {
    let found = altered(|schema| {
        schema["$defs"]["Fresh"] = json!({"type": "string"});
        schema["$defs"].as_object_mut().unwrap().remove("Level");
    });
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].starts_with("$defs/Fresh\n    model:  nothing\n"),
        "{found:#?}"
    );
    assert!(
        found[1].starts_with("$defs/Level\n") && found[1].ends_with("schema: nothing"),
        "{found:#?}"
    );
}

#[test]
fn a_changed_value_of_an_enum_is_named() {
    let found = altered(|schema| schema["$defs"]["Level"]["enum"] = json!(["low", "highest"]));
    assert_eq!(
        only(&found),
        "$defs/Level/enum/*\n    model:  \"high\"\n    schema: \"highest\""
    );
}

#[test]
fn a_member_that_becomes_optional_is_named() {
    let found = altered(|schema| schema["$defs"]["Tool"]["required"] = json!(["name"]));
    assert_eq!(
        only(&found),
        "$defs/Tool/required/*\n    model:  \"size\"\n    schema: nothing"
    );
}

#[test]
fn a_new_variant_is_named() {
    let found = altered(|schema| {
        schema["$defs"]["Either"]["anyOf"]
            .as_array_mut()
            .unwrap()
            .push(json!({"type": "boolean"}));
    });
    assert!(
        only(&found).starts_with("$defs/Either/anyOf/*\n    model:  nothing\n"),
        "{found:#?}"
    );
}

#[test]
fn a_keyword_that_no_model_has_is_named() {
    let found =
        altered(|schema| schema["$defs"]["Tool"]["properties"]["name"]["pattern"] = json!("^a"));
    assert!(
        only(&found).starts_with("$defs/Tool/properties/name/pattern\n"),
        "{found:#?}"
    );
    let found = altered(|schema| schema["$defs"]["Tool"]["additionalProperties"] = json!(false));
    assert!(
        only(&found).starts_with("$defs/Tool/additionalProperties\n"),
        "{found:#?}"
    );
}

#[test]
fn what_stands_at_the_root_is_compared() {
    let found =
        altered(|schema| schema["$schema"] = json!("http://json-schema.org/draft-07/schema#"));
    assert!(only(&found).starts_with("$schema\n"), "{found:#?}");
    let found = altered(|schema| schema["oneOf"] = json!([]));
    assert!(only(&found).starts_with("oneOf\n"), "{found:#?}");
}

#[test]
fn a_listed_slip_covers_one_difference_exactly() {
    let slip = |schema: &str| Slip {
        path: "$defs/Tool/properties/size/type".to_owned(),
        model: "\"integer\"".to_owned(),
        schema: schema.to_owned(),
        reason: "a test".to_owned(),
        see: "CONF-06".to_owned(),
    };
    let document = |value: Value| serde_json::from_value::<Document>(value).unwrap();
    let mut schema = small();
    schema["$defs"]["Tool"]["properties"]["size"]["type"] = json!("number");

    let report = compare(
        &document(small()),
        &document(schema.clone()),
        vec![slip("\"number\"")],
    );
    assert!(report.is_clean() && report.known.len() == 1, "{report:#?}");

    let report = compare(
        &document(small()),
        &document(schema),
        vec![slip("\"string\"")],
    );
    assert_eq!(
        (report.differences.len(), report.stale.len()),
        (1, 1),
        "{report:#?}"
    );

    let report = compare(
        &document(small()),
        &document(small()),
        vec![slip("\"number\"")],
    );
    assert!(
        !report.is_clean(),
        "a slip that was mended has to leave the list"
    );
}
