//! Questions about a single schema that the draft turns on.

use serde_json::Value;

use crate::codegen::model::By;
use crate::codegen::names::{last_segment, pascal};
use crate::codegen::schema::{Kinds, Schema};

/// Whether Rust needs a type for it: an object with members, a choice, an open set of strings.
pub(super) fn worth_a_name(schema: &Schema) -> bool {
    let object = schema.is_kind("object") && !is_map(schema);
    strings(schema).is_some()
        || !schema.all_of.is_empty()
        || object
        || (nullable(schema).is_none() && alternatives(schema).is_some())
}

/// An object of which nothing is known: every such place is like every other, so that none is a copy.
pub(super) fn bare(schema: &Schema) -> bool {
    schema.is_kind("object")
        && schema.properties.is_empty()
        && schema.additional_properties.is_none()
}

/// An object without members of its own, whose members are all of one type.
pub(super) fn is_map(schema: &Schema) -> bool {
    schema.properties.is_empty()
        && schema
            .additional_properties
            .as_deref()
            .is_some_and(|value| !value.is_never())
}

/// The strings of an `enum`, or of an `anyOf` of constants.
pub(super) fn strings(schema: &Schema) -> Option<Vec<String>> {
    let constant = |one: &Schema| {
        if one.is_kind("string") {
            one.constant.clone()
        } else {
            None
        }
    };
    let values = match schema.values.as_slice() {
        [] => schema
            .any_of
            .iter()
            .map(constant)
            .collect::<Option<Vec<_>>>()?,
        values => values.to_vec(),
    };
    let strings = values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect::<Option<Vec<_>>>()?;
    (!strings.is_empty()).then_some(strings)
}

/// What is allowed beside `null`, if `null` is.
pub(super) fn nullable(schema: &Schema) -> Option<Schema> {
    let others: Vec<Schema> = schema
        .any_of
        .iter()
        .filter(|one| !one.is_kind("null"))
        .cloned()
        .collect();
    match others.as_slice() {
        _ if others.len() == schema.any_of.len() => None,
        [one] => Some(one.clone()),
        _ => Some(Schema {
            any_of: others,
            ..schema.clone()
        }),
    }
}

/// The choices of an `anyOf`.
pub(super) fn alternatives(schema: &Schema) -> Option<&[Schema]> {
    (!schema.any_of.is_empty()).then_some(&schema.any_of)
}

/// The string that a member is fixed to.
pub(super) fn fixed(schema: &Schema) -> Option<String> {
    schema
        .constant
        .as_ref()
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// How a reader tells the alternatives apart; `shapes` is what each of them is once names are looked
/// through.
pub(super) fn discriminator(alternatives: &[Schema], shapes: &[Schema]) -> By {
    if shapes
        .iter()
        .all(|shape| json_kind(shape) == Some("object"))
    {
        if let Some(member) = tag(shapes) {
            return By::Tag(member);
        }
        if alternatives.len() == 2
            && alternatives
                .iter()
                .any(|one| result_type(one) == "input_required")
        {
            return By::ResultType;
        }
        if shapes
            .iter()
            .all(|shape| !own_members(shape, shapes).is_empty())
        {
            return By::Members;
        }
        return By::Asked;
    }
    // A reader sees a number before it sees that it is an integer.
    let kind = |shape| json_kind(shape).map(|kind| if kind == "integer" { "number" } else { kind });
    let kinds: Option<Vec<&str>> = shapes.iter().map(kind).collect();
    match kinds {
        Some(mut kinds) => {
            kinds.sort_unstable();
            kinds.dedup();
            if kinds.len() == shapes.len() {
                By::JsonKind
            } else {
                By::Asked
            }
        }
        None => By::Asked,
    }
}

/// The member that every shape fixes to another string; at most one of them may leave it out.
fn tag(shapes: &[Schema]) -> Option<String> {
    const USUAL: [&str; 3] = ["type", "method", "mode"];
    let members = shapes.first()?.properties.iter().map(|(member, _)| member);
    USUAL
        .into_iter()
        .chain(members)
        .find(|member| {
            let values: Option<Vec<String>> = shapes
                .iter()
                .map(|shape| shape.properties.get(member).and_then(fixed))
                .collect();
            let Some(mut values) = values else {
                return false;
            };
            values.sort();
            values.dedup();
            let left_out = shapes
                .iter()
                .filter(|shape| !shape.required.iter().any(|required| required == member));
            values.len() == shapes.len() && left_out.count() <= 1
        })
        .map(str::to_owned)
}

/// The kind of JSON value that a shape is.
fn json_kind(shape: &Schema) -> Option<&str> {
    if strings(shape).is_some() {
        return Some("string");
    }
    match shape.kind.as_ref().map(Kinds::names) {
        Some([kind]) => Some(kind),
        // Unions of the protocol are unions of objects, as long as they are not told apart by kind.
        None if !shape.any_of.is_empty() => shape
            .any_of
            .iter()
            .all(|one| one.target().is_some())
            .then_some("object"),
        _ => None,
    }
}

/// `resultType` of a result that stands beside an `InputRequiredResult`, or is one.
pub(super) fn result_type(one: &Schema) -> &'static str {
    if one.target() == Some("InputRequiredResult") {
        "input_required"
    } else {
        "complete"
    }
}

/// The required members that no other shape has.
pub(super) fn own_members(shape: &Schema, shapes: &[Schema]) -> Vec<String> {
    let others = |member: &str| {
        shapes
            .iter()
            .filter(|other| other.properties.get(member).is_some())
            .count()
    };
    shape
        .required
        .iter()
        .filter(|member| others(member) == 1)
        .cloned()
        .collect()
}

/// A name for each variant, no two the same.
pub(super) fn variant_names(by: &By, alternatives: &[Schema], shapes: &[Schema]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, name) in wished_names(by, alternatives, shapes)
        .into_iter()
        .enumerate()
    {
        // `Unknown` is what holds a value that is none of them.
        let fits = name.starts_with(|c: char| c.is_ascii_uppercase()) && name != "Unknown";
        let fit = if fits {
            name
        } else {
            format!("Variant{}{name}", at + 1)
        };
        let numbered = (2..).map(|number| format!("{fit}{number}"));
        let free = [fit.clone()]
            .into_iter()
            .chain(numbered)
            .find(|name| !names.contains(name));
        names.extend(free);
    }
    names
}

/// Named for its tag, its kind, or for what its type's name has that the others have not.
fn wished_names(by: &By, alternatives: &[Schema], shapes: &[Schema]) -> Vec<String> {
    let targets: Option<Vec<&str>> = alternatives.iter().map(Schema::target).collect();
    let by_target = |targets: &[&str]| {
        let words: Vec<Vec<String>> = targets.iter().map(|name| words(name)).collect();
        let shortest = words
            .iter()
            .map(Vec::len)
            .min()
            .unwrap_or(1)
            .saturating_sub(1);
        let first = words.first().cloned().unwrap_or_default();
        let tail = (0..shortest)
            .take_while(|back| {
                words
                    .iter()
                    .all(|name| name.iter().rev().nth(*back) == first.iter().rev().nth(*back))
            })
            .count();
        let head = (0..shortest.saturating_sub(tail))
            .take_while(|at| words.iter().all(|name| name.get(*at) == first.get(*at)))
            .count();
        let middle = |name: &Vec<String>| {
            name.iter()
                .take(name.len() - tail)
                .skip(head)
                .cloned()
                .collect::<String>()
        };
        words.iter().map(middle).collect::<Vec<_>>()
    };
    let one = |at: usize, shape: &Schema| {
        match by {
            By::Tag(member) => shape
                .properties
                .get(member)
                .and_then(fixed)
                .map(|tag| pascal(last_segment(&tag))),
            By::JsonKind => json_kind(shape).map(pascal),
            _ => None,
        }
        .unwrap_or_else(|| format!("Variant{}", at + 1))
    };
    match (by, targets) {
        (By::ResultType, _) => alternatives
            .iter()
            .map(|one| pascal(result_type(one)))
            .collect(),
        (By::Tag(member), Some(targets)) if member == "method" && targets.len() > 1 => {
            by_target(&targets)
        }
        (By::Members | By::Asked, Some(targets)) if targets.len() > 1 => by_target(&targets),
        _ => shapes
            .iter()
            .enumerate()
            .map(|(at, shape)| one(at, shape))
            .collect(),
    }
}

/// `TextResourceContents` to `Text`, `Resource`, `Contents`; `ElicitURLParams` keeps its `URL` whole.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && (before.is_none_or(|c| !c.is_ascii_uppercase())
                || after.is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !starts => word.push(*letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}

/// The name of one element of a list: `icons` to `icon`, `properties` to `property`.
pub(super) fn singular(member: &str) -> String {
    match member.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => member
            .strip_suffix('s')
            .filter(|stem| !stem.ends_with('s'))
            .unwrap_or(member)
            .to_owned(),
    }
}
