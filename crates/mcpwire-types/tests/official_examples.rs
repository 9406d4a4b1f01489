//! The official example messages of the specification, read where they lie: each decodes into its type
//! and encodes back to an equal JSON value, and without any one required member it is refused.
//!
//! They are not part of this repository. `MCPWIRE_SPEC_DIR` names the folder with `examples/` and
//! `schema.json`; without it, `../shared/spec/2026-07-28` beside the repository is tried.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests"
)]

#[macro_use]
mod every_type;

use std::fs;
use std::path::{Path, PathBuf};

use mcpwire_types::*;
use serde_json::Value;

/// Members that the schema requires and a reader lets be absent all the same: servers of earlier
/// revisions never send them (BASE-18, CACHE-09), and one official example lacks two (CONF-07).
const TOLERATED: [&str; 3] = ["resultType", "ttlMs", "cacheScope"];

/// The result that has no other tag than its `resultType`: without it, it is somebody else's.
const UNTAGGED: &str = "InputRequiredResult";

fn spec() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec/2026-07-28");
    let folder = std::env::var_os("MCPWIRE_SPEC_DIR").map_or(beside, PathBuf::from);
    if folder.join("examples").is_dir() {
        return Some(folder);
    }
    println!(
        "left out: no official examples at {} (set MCPWIRE_SPEC_DIR)",
        folder.display()
    );
    None
}

/// Reads the text as the type of this name and writes it again.
fn again(name: &str, text: &str) -> std::result::Result<String, DecodeError> {
    fn through<'a, T: serde::Deserialize<'a> + serde::Serialize>(
        text: &'a str,
    ) -> std::result::Result<String, DecodeError> {
        decode_str::<T>(text).map(|value| serde_json::to_string(&value).unwrap())
    }
    macro_rules! by_name {
        ($($name:ident)*) => {
            match name {
                $( stringify!($name) => through::<$name<'_>>(text), )*
                _ => panic!("there is no type {name}"),
            }
        };
    }
    every_name!(by_name)
}

struct Example {
    /// The folder, which is the type's name.
    name: String,
    file: PathBuf,
    text: String,
}

fn examples(spec: &Path) -> Vec<Example> {
    let mut examples = Vec::new();
    for folder in fs::read_dir(spec.join("examples")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let text = fs::read_to_string(&file).unwrap();
            examples.push(Example {
                name: name.clone(),
                file,
                text,
            });
        }
    }
    examples
}

/// CONTENT-01, CONTENT-02, CONTENT-04, CONTENT-05, CONTENT-06, CONF-07.
#[test]
fn each_example_decodes_and_encodes_to_an_equal_value() {
    let Some(spec) = spec() else { return };
    let examples = examples(&spec);
    for example in &examples {
        let encoded = again(&example.name, &example.text)
            .unwrap_or_else(|error| panic!("{}: {error}", example.file.display()));
        let (before, after): (Value, Value) = (
            serde_json::from_str(&example.text).unwrap(),
            serde_json::from_str(&encoded).unwrap(),
        );
        assert_eq!(before, after, "{}", example.file.display());
    }
    assert_eq!(examples.len(), 129, "the number of official examples");
}

#[test]
fn each_example_without_one_required_member_is_refused_by_path() {
    let Some(spec) = spec() else { return };
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(spec.join("schema.json")).unwrap()).unwrap();
    let (mut refused, mut tolerated) = (0, 0);
    for example in examples(&spec) {
        let whole: Value = serde_json::from_str(&example.text).unwrap();
        let mut required = Vec::new();
        let shape = serde_json::json!({ "$ref": format!("#/$defs/{}", example.name) });
        collect(&schema, &shape, &whole, &mut Vec::new(), &mut required);
        for (path, owner) in required {
            let mut without = whole.clone();
            let (member, object) = path.split_last().unwrap();
            let object = object.iter().fold(&mut without, |at, step| match step {
                Step::Member(name) => &mut at[name],
                Step::Item(index) => &mut at[index],
            });
            let Step::Member(member) = member else {
                panic!("an item is not required")
            };
            object.as_object_mut().unwrap().remove(member).unwrap();
            let outcome = again(&example.name, &without.to_string());
            let shown = shown(&path);
            if TOLERATED.contains(&&**member) && owner != UNTAGGED {
                let encoded: Value = serde_json::from_str(&outcome.unwrap()).unwrap();
                assert_eq!(
                    encoded,
                    without,
                    "{} without {shown}",
                    example.file.display()
                );
                tolerated += 1;
            } else if let Ok(encoded) = &outcome
                && path.len() > 1
                && decides(&owner, &path)
            {
                // The member told the variants of an open union apart. Without it the value is one that
                // this revision does not know, and survives as it is.
                let encoded: Value = serde_json::from_str(encoded).unwrap();
                assert_eq!(
                    encoded,
                    without,
                    "{} without {shown}",
                    example.file.display()
                );
            } else {
                let error =
                    outcome.expect_err(&format!("{} without {shown}", example.file.display()));
                // Without its tag this variant reads as the other one, and misses that one's members.
                let as_other = path.len() > 1 && owner == UNTAGGED && member == "resultType";
                let expected = if as_other { error.path() } else { &shown };
                assert_eq!(
                    error.path(),
                    expected,
                    "{} without {shown}: {error}",
                    example.file.display()
                );
                assert_eq!(error.message(), "missing required member");
                refused += 1;
            }
        }
    }
    println!("{refused} required members missed, {tolerated} tolerated");
    assert!(
        refused > 500,
        "only {refused} required members were taken out"
    );
}

/// MRTR-24.
#[test]
fn input_responses_are_read_by_what_was_asked() {
    let Some(spec) = spec() else { return };
    let mut read = 0;
    for example in examples(&spec)
        .iter()
        .filter(|example| example.name == "InputResponses")
    {
        let responses: InputResponses<'_> = decode_str(&example.text).unwrap();
        for (name, response) in responses.iter() {
            let members: Value = response.parse().unwrap();
            let (asked, member): (fn(&InputResponse<'_>) -> Option<DecodeError>, _) =
                if members.get("action").is_some() {
                    (|response| response.as_elicit().err(), "action")
                } else if members.get("roots").is_some() {
                    (|response| response.as_list_roots().err(), "roots")
                } else {
                    (|response| response.as_create_message().err(), "content")
                };
            assert_eq!(asked(response), None, "{}: {name}", example.file.display());
            let mut without = members.clone();
            without.as_object_mut().unwrap().remove(member).unwrap();
            let error = asked(&InputResponse::from_value(without.into())).unwrap();
            assert_eq!(
                (error.path(), error.message()),
                (&*format!("$.{member}"), "missing required member")
            );
            read += 1;
        }
    }
    assert!(read > 0);
}

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

fn shown(path: &[Step]) -> String {
    path.iter().fold("$".to_owned(), |text, step| match step {
        Step::Member(name) if name.contains(['/', '.']) => format!("{text}[{name:?}]"),
        Step::Member(name) => format!("{text}.{name}"),
        Step::Item(index) => format!("{text}[{index}]"),
    })
}

/// Whether this member is what tells the variant apart, in a union that no tag decides.
fn decides(owner: &str, path: &[Step]) -> bool {
    let Some(Step::Member(member)) = path.last() else {
        return false;
    };
    match owner {
        "TextResourceContents" => member == "text",
        "BlobResourceContents" => member == "blob",
        // The fields of a form, and what is inside `items`.
        _ => {
            (owner.ends_with("Schema") || owner.is_empty())
                && matches!(&**member, "type" | "enum" | "oneOf" | "anyOf" | "items")
        }
    }
}

/// Where in `value` the schema requires a member, and whose it is.
fn collect(
    schema: &Value,
    shape: &Value,
    value: &Value,
    path: &mut Vec<Step>,
    required: &mut Vec<(Vec<Step>, String)>,
) {
    let (shape, name) = resolve(schema, shape, "");
    if name == "InputResponse" {
        // Read by whoever asked (see `input_responses_are_read_by_what_was_asked`).
        return;
    }
    if let Some(options) = shape.get("anyOf").and_then(Value::as_array) {
        // The variant that the value is: the one whose fixed and required members it has.
        if let Some(shape) = options.iter().find(|option| fits(schema, option, value)) {
            collect(schema, shape, value, path, required);
        }
        return;
    }
    for part in shape
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect(schema, part, value, path, required);
    }
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate() {
            path.push(Step::Item(index));
            collect(schema, &shape["items"], item, path, required);
            path.pop();
        }
    }
    let Some(members) = value.as_object() else {
        return;
    };
    for member in shape
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let member = member.as_str().unwrap();
        path.push(Step::Member(member.to_owned()));
        let seen = required.iter().any(|(seen, _)| shown(seen) == shown(path));
        if members.contains_key(member) && !seen {
            required.push((path.clone(), name.clone()));
        }
        path.pop();
    }
    for (member, value) in members {
        let shape = shape["properties"]
            .get(member)
            .or_else(|| shape.get("additionalProperties"));
        if let Some(shape) = shape {
            path.push(Step::Member(member.clone()));
            collect(schema, shape, value, path, required);
            path.pop();
        }
    }
}

fn resolve<'s>(schema: &'s Value, shape: &'s Value, name: &str) -> (&'s Value, String) {
    match shape.get("$ref").and_then(Value::as_str) {
        Some(target) => {
            let name = target.rsplit('/').next().unwrap();
            resolve(schema, &schema["$defs"][name], name)
        }
        None => (shape, name.to_owned()),
    }
}

fn fits(schema: &Value, shape: &Value, value: &Value) -> bool {
    let (shape, name) = resolve(schema, shape, "");
    if let Some(options) = shape.get("anyOf").and_then(Value::as_array) {
        return options.iter().any(|option| fits(schema, option, value));
    }
    if let Some(expected) = shape.get("const") {
        return value == expected;
    }
    match value {
        Value::Array(items) => {
            shape["type"] == "array" && items.iter().all(|item| fits(schema, &shape["items"], item))
        }
        Value::Object(members) => {
            // `resultType` is no constant in the schema, but tells these two apart.
            if members
                .get("resultType")
                .is_some_and(|tag| (tag == "input_required") != (name == UNTAGGED))
            {
                return false;
            }
            let required = shape
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            shape["type"] == "object"
                && required
                    .into_iter()
                    .all(|member| members.contains_key(member.as_str().unwrap()))
                && members.iter().all(|(member, value)| {
                    shape["properties"]
                        .get(member)
                        .and_then(|shape| shape.get("const"))
                        .is_none_or(|expected| value == expected)
                })
        }
        _ => shape["type"] != "object" && shape["type"] != "array",
    }
}
