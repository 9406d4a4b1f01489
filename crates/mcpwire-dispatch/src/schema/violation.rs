//! Violations of a schema in words that a model can act on, and no more of them than it can use.

use std::fmt::Write as _;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// Violations that are listed, and characters of each.
const MAX_VIOLATIONS: usize = 8;
const MAX_CHARS: usize = 300;
/// Alternatives of an `anyOf` or `oneOf` of which is said why they do not fit.
const MAX_ALTERNATIVES: usize = 4;

/// One line: each violation with the JSON Pointer of the value that is at fault.
pub(super) fn list<'a>(errors: impl Iterator<Item = ValidationError<'a>>, value: &Value) -> String {
    let mut text = String::new();
    let mut more = 0_usize;
    for (index, error) in errors.enumerate() {
        if index >= MAX_VIOLATIONS {
            more += 1;
            continue;
        }
        let separator = if index == 0 { "" } else { "; " };
        let _ = write!(text, "{separator}{}", cut(&sentence(&error, value)));
    }
    if more > 0 {
        let _ = write!(text, "; and {more} more");
    }
    text
}

/// The first characters of a text.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn sentence(error: &ValidationError<'_>, value: &Value) -> String {
    let what = describe(error, value);
    match error.instance_path().as_str() {
        "" => what,
        path => format!("{path}: {what}"),
    }
}

fn describe(error: &ValidationError<'_>, value: &Value) -> String {
    match error.kind() {
        // The validator speaks of the first value alone, and not of its name.
        ValidationErrorKind::FalseSchema => match value.pointer(error.instance_path().as_str()) {
            Some(Value::Object(members)) => {
                let names: Vec<_> = members.keys().map(String::as_str).collect();
                format!("no members are allowed here, found {}", names.join(", "))
            }
            _ => "no value is allowed here".to_owned(),
        },
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let reasons: Vec<_> = context
                .iter()
                .filter_map(|alternative| alternative.first())
                .take(MAX_ALTERNATIVES)
                .map(|error| cut_short(&sentence(error, value)))
                .collect();
            format!(
                "fits none of {} alternatives ({})",
                context.len(),
                reasons.join(" / ")
            )
        }
        _ => error.to_string(),
    }
}

/// Leaves room for the other alternatives.
fn cut_short(text: &str) -> String {
    text.chars().take(MAX_CHARS / MAX_ALTERNATIVES).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(schema: &Value, value: &Value) -> String {
        let compiled = jsonschema::validator_for(schema).unwrap();
        list(compiled.iter_errors(value), value)
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let nothing = json!({"type": "object", "additionalProperties": false});
        assert_eq!(
            listed(&nothing, &json!({"a": 1, "b": 2})),
            "no members are allowed here, found a, b"
        );
        let inside = json!({"properties": {"p": nothing, "q": false}});
        assert_eq!(
            listed(&inside, &json!({"p": {"a": 1}, "q": 1})),
            "/p: no members are allowed here, found a; /q: no value is allowed here"
        );
    }

    #[test]
    fn alternatives_say_why_they_do_not_fit() {
        let schema =
            json!({"properties": {"p": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}}});
        assert_eq!(
            listed(&schema, &json!({"p": 1})),
            "/p: fits none of 2 alternatives (/p: 1 is not one of \"a\" or \"b\" / /p: 1 is not of type \"null\")"
        );
    }
}
