use serde_json::{Value, json};

use super::*;
use crate::codegen::{draft as toml_draft, load, lower};

mod random;

fn document(defs: Value) -> Document {
    let mut file = json!({"$schema": crate::codegen::schema::DIALECT});
    file["$defs"] = defs;
    serde_json::from_value(file).unwrap()
}

fn drafted(defs: Value) -> Area {
    draft(&document(defs), "test", None).unwrap().area
}

fn ty<'a>(area: &'a Area, name: &str) -> &'a Type {
    area.types
        .iter()
        .find(|ty| ty.name == name)
        .unwrap_or_else(|| panic!("{name} is not drafted: {area:#?}"))
}

fn field<'a>(ty: &'a Type, name: &str) -> &'a Field {
    ty.fields
        .iter()
        .find(|field| field.name == name)
        .unwrap_or_else(|| panic!("{ty:?} has no {name}"))
}

#[test]
fn members_keep_their_order_and_what_is_said_of_them() {
    // As text: `json!` would sort the members.
    let text = r#"{"$schema": "", "$defs": {"Point": {
        "type": "object",
        "properties": {
            "y": {"type": "integer", "minimum": 0, "maximum": 9},
            "x": {"type": "string", "format": "uri"},
            "list": {"type": "array", "items": {"type": "number"}, "maxItems": 3},
            "kind": {"type": "string", "const": "point"},
            "free": {},
            "bag": {"type": "object", "additionalProperties": {}},
            "map": {"type": "object", "additionalProperties": {"type": "boolean"}}
        },
        "required": ["x", "kind"]
    }}}"#;
    let area = draft(&serde_json::from_str(text).unwrap(), "test", None)
        .unwrap()
        .area;
    let point = ty(&area, "Point");
    let names: Vec<&str> = point
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(names, ["y", "x", "list", "kind", "free", "bag", "map"]);
    assert_eq!(
        (
            field(point, "y").minimum,
            field(point, "y").maximum,
            field(point, "y").optional
        ),
        (Some(0), Some(9), true)
    );
    assert_eq!(field(point, "x").ty, "string:uri");
    assert!(!field(point, "x").optional);
    assert_eq!(
        (
            field(point, "list").ty.as_str(),
            field(point, "list").max_items
        ),
        ("number[]", Some(3))
    );
    assert_eq!(
        field(point, "kind").constant,
        Some(Scalar::String("point".to_owned()))
    );
    assert_eq!(field(point, "free").ty, "any");
    assert_eq!(field(point, "bag").ty, "object");
    assert_eq!(field(point, "map").ty, "map<boolean>");
}

#[test]
fn a_shape_without_a_name_gets_one_from_its_place() {
    let area = drafted(json!({"Outer": {
        "type": "object",
        "properties": {
            "inner": {"type": "object", "properties": {"a": {"type": "string"}}},
            "entries": {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "string"}}}},
            "level": {"type": "string", "enum": ["low", "high"]}
        }
    }}));
    let outer = ty(&area, "Outer");
    assert_eq!(field(outer, "inner").ty, "OuterInner");
    assert_eq!(field(outer, "entries").ty, "OuterEntry[]");
    assert_eq!(field(outer, "level").ty, "OuterLevel");
    assert!(ty(&area, "OuterInner").inline && ty(&area, "OuterEntry").inline);
    assert_eq!(ty(&area, "OuterLevel").kind, Kind::Enum);
}

#[test]
fn a_copy_of_a_definition_becomes_its_name() {
    let status =
        json!({"anyOf": [{"type": "string", "const": "on"}, {"type": "string", "const": "off"}]});
    let mut copy = status.clone();
    copy["description"] = json!("A sentence that the definition has not.");
    let area = drafted(
        json!({"Status": status, "Lamp": {"type": "object", "properties": {"status": copy}}}),
    );
    assert_eq!(ty(&area, "Status").kind, Kind::Enum);
    assert_eq!(field(ty(&area, "Lamp"), "status").ty, "Status");
}

#[test]
fn null_beside_a_type_makes_it_nullable() {
    let area = drafted(json!({"Task": {
        "type": "object",
        "properties": {
            "ttl": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            "name": {"type": ["string", "null"]},
            "next": {"anyOf": [{"$ref": "#/$defs/Task"}, {"type": "null"}]}
        }
    }}));
    let task = ty(&area, "Task");
    assert_eq!(
        (field(task, "ttl").ty.as_str(), field(task, "ttl").minimum),
        ("integer|null", Some(0))
    );
    assert_eq!(field(task, "name").ty, "string|null");
    assert_eq!(field(task, "next").ty, "Task|null");
}

#[test]
fn unions_are_told_apart_by_what_their_variants_fix() {
    let shape = |tag: &str| json!({"type": "object", "properties": {"type": {"type": "string", "const": tag}}, "required": ["type"]});
    let area = drafted(json!({
        "TextPart": shape("text"),
        "ImagePart": shape("image"),
        "Part": {"anyOf": [{"$ref": "#/$defs/TextPart"}, {"$ref": "#/$defs/ImagePart"}]},
        "Text": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        "Blob": {"type": "object", "properties": {"blob": {"type": "string"}}, "required": ["blob"]},
        "Contents": {"anyOf": [{"$ref": "#/$defs/Text"}, {"$ref": "#/$defs/Blob"}]},
        "Id": {"type": ["string", "integer"]},
        "OneOrMany": {"anyOf": [{"$ref": "#/$defs/TextPart"}, {"$ref": "#/$defs/ImagePart"}, {"type": "array", "items": {"$ref": "#/$defs/Part"}}]},
        "Loose": {"type": "object", "properties": {"text": {"type": "string"}}},
        "Vague": {"anyOf": [{"$ref": "#/$defs/Text"}, {"$ref": "#/$defs/Loose"}]}
    }));
    let by = |name: &str| ty(&area, name).by.clone().unwrap();
    let variants = |name: &str| {
        ty(&area, name)
            .variants
            .iter()
            .map(|one| format!("{}={}", one.name, one.ty))
            .collect::<Vec<_>>()
    };
    assert_eq!(by("Part"), By::Tag("type".to_owned()));
    assert_eq!(variants("Part"), ["Text=TextPart", "Image=ImagePart"]);
    assert_eq!(by("Contents"), By::Members);
    assert_eq!(ty(&area, "Contents").variants[1].when, ["blob"]);
    assert_eq!(by("Id"), By::JsonKind);
    assert_eq!(by("OneOrMany"), By::JsonKind);
    assert_eq!(variants("OneOrMany"), ["Object=Part", "Array=Part[]"]);
    assert_eq!(
        by("Vague"),
        By::Asked,
        "nothing tells a text from a loose one"
    );
}

#[test]
fn all_of_becomes_one_object_and_a_choice_in_it_a_union() {
    let area = drafted(json!({
        "Base": {"type": "object", "properties": {"_meta": {"type": "object", "additionalProperties": {}}}},
        "On": {"type": "object", "properties": {"state": {"type": "string", "const": "on"}}, "required": ["state"]},
        "Off": {"type": "object", "properties": {"state": {"type": "string", "const": "off"}}, "required": ["state"]},
        "Plain": {"allOf": [
            {"$ref": "#/$defs/Base"},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {"type": "string"}}}
        ]},
        "Choice": {"allOf": [
            {"$ref": "#/$defs/Base"},
            {"anyOf": [{"$ref": "#/$defs/On"}, {"$ref": "#/$defs/Off"}]},
            {"type": "object", "properties": {"kind": {"type": "string", "const": "lamp"}}, "required": ["kind"]}
        ]}
    }));
    let plain = ty(&area, "Plain");
    assert_eq!(plain.refines.as_deref(), Some("Base"));
    assert_eq!(
        plain
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(!field(plain, "a").optional && field(plain, "b").optional);
    let choice = ty(&area, "Choice");
    assert_eq!(choice.by, Some(By::Tag("state".to_owned())));
    let on = ty(&area, &choice.variants[0].ty);
    assert_eq!(on.name, "ChoiceOn");
    assert_eq!(
        on.fields
            .iter()
            .map(|field| field.name.as_str())
            .collect::<BTreeSet<_>>(),
        BTreeSet::from(["_meta", "kind", "state"])
    );
}

#[test]
fn methods_codes_and_meta_keys_become_constants() {
    let area = drafted(json!({
        "GetThing": {"type": "object", "properties": {"method": {"type": "string", "const": "things/get"}}, "required": ["method"]},
        "ThingLostError": {"type": "object", "properties": {"code": {"type": "integer", "const": -32050}}, "required": ["code"]},
        "ThingMetaObject": {"type": "object", "properties": {"com.example/thingId": {"type": "string"}}}
    }));
    let constants: Vec<String> = area
        .constants
        .iter()
        .map(|one| format!("{}::{}", one.group, one.name))
        .collect();
    assert_eq!(
        constants,
        [
            "error_code::THING_LOST",
            "meta_key::THING_ID",
            "method::THINGS_GET"
        ]
    );
}

#[test]
fn what_no_model_can_say_is_refused_with_its_place() {
    let refused = |schema: Value| {
        let defs = json!({"Odd": {"type": "object", "properties": {"member": schema}}});
        let complaints = draft(&document(defs), "test", None).unwrap_err();
        assert!(
            complaints.iter().all(|one| one.contains("Odd.member")),
            "{complaints:?}"
        );
        complaints.join("\n")
    };
    assert!(refused(json!({"$ref": "#/$defs/Nowhere"})).contains("Nowhere"));
    assert!(refused(json!({"$ref": "https://example.com/schema.json"})).contains("no definition"));
    assert!(refused(json!({"not": {"type": "string"}})).contains("not"));
    assert!(
        refused(json!({"type": "object", "patternProperties": {}})).contains("patternProperties")
    );
    assert!(refused(json!({"enum": [1, "a"]})).contains("enum"));
}

#[test]
fn a_demand_that_no_model_holds_is_left_out_and_told_of() {
    let left_out = |schema: Value| {
        let defs = json!({"Odd": {"type": "object", "properties": {"member": schema}}});
        let found = draft(&document(defs), "test", None).unwrap();
        (
            field(ty(&found.area, "Odd"), "member").ty.clone(),
            found.left_out.join("\n"),
        )
    };
    let pair = |ty: &str, left: &str| (ty.to_owned(), left.to_owned());
    assert_eq!(
        left_out(json!({"type": "string", "pattern": "^a"})),
        pair("string", "Odd.member: pattern")
    );
    assert_eq!(
        left_out(json!({"type": "number", "minimum": 0.5})),
        pair("number", "Odd.member: minimum 0.5")
    );
    assert_eq!(
        left_out(json!({"type": "boolean", "const": true})),
        pair("boolean", "Odd.member: const true")
    );
    assert_eq!(
        left_out(json!({"enum": [1, 2]})),
        pair("integer", "Odd.member: enum [1,2]")
    );
    assert_eq!(
        left_out(json!({"type": "string", "not": {"const": ""}})),
        pair("string", "Odd.member: not")
    );
    assert_eq!(
        left_out(json!({"type": "string", "title": "A", "default": "b", "examples": []})),
        pair("string", "")
    );
}

#[test]
fn other_spellings_mean_the_same() {
    let text = r##"{"definitions": {
        "task_state": {"enum": ["on", "off"]},
        "Map": {"type": "string"},
        "Lamp": {"properties": {
            "state": {"allOf": [{"$ref": "#/definitions/task_state"}]},
            "kind": {"const": "lamp"},
            "of": {"oneOf": [{"type": "string"}, {"type": "null"}]},
            "open": {"type": ["object", "string"], "properties": {"a": {"type": "string"}}, "additionalProperties": false}
        }}
    }}"##;
    let found = draft(&serde_json::from_str(text).unwrap(), "test", None).unwrap();
    let lamp = ty(&found.area, "Lamp");
    assert_eq!(field(lamp, "state").ty, "TaskState");
    assert_eq!(
        field(lamp, "kind").constant,
        Some(Scalar::String("lamp".to_owned()))
    );
    assert_eq!(field(lamp, "of").ty, "string|null");
    assert_eq!(ty(&found.area, "LampOpen").by, Some(By::JsonKind));
    assert_eq!(
        ty(&found.area, "LampOpenObject").additional.as_deref(),
        Some("never")
    );
    assert_eq!(ty(&found.area, "MapType").kind, Kind::Alias);
    assert_eq!(
        found.left_out.len(),
        2,
        "the other names: {:?}",
        found.left_out
    );
}

#[test]
fn what_the_base_says_already_is_used_and_what_differs_is_drafted() {
    let shared = json!({
        "Id": {"type": "string"},
        "Same": {"type": "object", "properties": {"id": {"$ref": "#/$defs/Id"}}},
        "Deep": {"type": "object", "properties": {"id": {"$ref": "#/$defs/Kind"}}},
        "Kind": {"type": "string"}
    });
    let mut own = shared.clone();
    own["Kind"] = json!({"type": "integer"});
    own["Mine"] = json!({"type": "object", "properties": {"same": {"$ref": "#/$defs/Same"}, "deep": {"$ref": "#/$defs/Deep"}}});
    let base = Base {
        path: "their_types".to_owned(),
        model: "theirs".to_owned(),
        document: document(shared),
        slips: Vec::new(),
    };
    let area = draft(&document(own), "test", Some(&base)).unwrap().area;
    let names: BTreeSet<&str> = area.types.iter().map(|ty| ty.name.as_str()).collect();
    assert_eq!(
        names,
        BTreeSet::from(["Deep", "Kind", "Mine"]),
        "`Deep` says the same, but of another `Kind`"
    );
    assert_eq!(area.uses.len(), 1);
    assert_eq!(
        (area.uses[0].path.as_str(), area.uses[0].model.as_str()),
        ("their_types", "theirs")
    );
    assert_eq!(area.uses[0].types, ["Same"], "only what the draft names");
}

#[test]
fn a_draft_is_a_model_that_says_what_the_schema_says() {
    let schema = document(json!({
        "Level": {"type": "string", "enum": ["high", "low"]},
        "Empty": {"type": "object", "additionalProperties": {"not": {}}},
        "Thing": {
            "type": "object",
            "properties": {
                "level": {"$ref": "#/$defs/Level"},
                "parts": {"type": "array", "items": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": ["string", "boolean"]}]}},
                "nothing": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "more": {"type": "object", "properties": {"$schema": {"type": "string"}}, "additionalProperties": {}}
            },
            "required": ["level"]
        }
    }));
    let area = draft(&schema, "test", None).unwrap().area;
    let model = load::from_text(&toml_draft::toml(&area, &[])).unwrap();
    let report = crate::codegen::against::compare(&lower::document(&model), &schema, Vec::new());
    assert!(report.is_clean(), "{report:#?}");
}

#[test]
fn what_stands_beside_a_choice_belongs_to_each_choice() {
    let area = drafted(json!({
        "Base": {"type": "object", "properties": {"a": {"type": "string"}}},
        "Bag": {"type": "object", "additionalProperties": {}},
        "Beside": {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"], "allOf": [{"$ref": "#/$defs/Base"}]},
        "Chosen": {"type": "object", "properties": {"c": {"type": "string"}}, "oneOf": [
            {"properties": {"kind": {"const": "on"}}, "required": ["kind"]},
            {"properties": {"kind": {"const": "off"}}, "required": ["kind"]}
        ]},
        "Open": {"allOf": [{"$ref": "#/$defs/Bag"}, {"type": "object", "properties": {"d": {"type": "string"}}}]}
    }));
    assert_eq!(ty(&area, "Beside").refines.as_deref(), Some("Base"));
    assert!(!field(ty(&area, "Beside"), "b").optional);
    assert_eq!(ty(&area, "Chosen").by, Some(By::Tag("kind".to_owned())));
    assert_eq!(
        ty(&area, "ChosenOn")
            .fields
            .iter()
            .map(|field| &field.name)
            .collect::<BTreeSet<_>>()
            .len(),
        2
    );
    assert_eq!(
        ty(&area, "Open").refines,
        None,
        "a map has no members to take over"
    );
    assert_eq!(field(ty(&area, "Open"), "d").ty, "string");
}

#[test]
fn what_a_part_requires_of_another_is_required() {
    let defs = json!({
        "Base": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
        "Strict": {"allOf": [{"$ref": "#/$defs/Base"}, {"type": "object", "required": ["a", "c"]}]},
        "Closed": {"allOf": [{"$ref": "#/$defs/Base"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
    });
    let found = draft(&document(defs), "test", None).unwrap();
    let strict = ty(&found.area, "Strict");
    assert_eq!(
        (strict.fields.len(), field(strict, "a").optional),
        (1, false)
    );
    assert_eq!(
        found.left_out,
        ["Closed: additionalProperties", "Strict: required c"]
    );
}

#[test]
fn null_and_numbers_are_found_wherever_they_stand() {
    let area = drafted(json!({"Odd": {"type": "object", "properties": {
        "level": {"type": ["string", "null"], "enum": ["low", "high", null]},
        "any": {"anyOf": [{"type": ["string", "null"]}, {"type": ["integer", "number"]}]},
        "number": {"type": ["integer", "number"]}
    }}}));
    let odd = ty(&area, "Odd");
    assert_eq!(field(odd, "level").ty, "OddLevel|null");
    assert_eq!(ty(&area, "OddLevel").values.len(), 2);
    assert_eq!(field(odd, "any").ty, "OddAny|null");
    assert_eq!(
        ty(&area, "OddAny")
            .variants
            .iter()
            .map(|one| one.ty.as_str())
            .collect::<Vec<_>>(),
        ["string", "number"]
    );
    assert_eq!(field(odd, "number").ty, "number");
}
