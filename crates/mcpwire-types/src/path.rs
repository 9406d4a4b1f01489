//! The JSON path of an error, gathered on the way out.
//!
//! serde's errors are opaque, so the path travels in the message: whoever reads a member or an item
//! puts its step in front (`$.text: …` becomes `$.content[0].text: …`). Only errors pay for that.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{Display, Write};

use serde_core::de;

/// Longest message and longest name in a path, in characters: a peer's text is not echoed whole.
const LONGEST_MESSAGE: usize = 300;
const LONGEST_NAME: usize = 64;

/// The error of a value that is the member `name` of an object.
#[cold]
pub(crate) fn in_member<E: de::Error>(error: &E, name: &str) -> E {
    let mut step = String::new();
    push_member(&mut step, name);
    prefix(error, &step)
}

/// The error of a value that is the item `index` of an array.
#[cold]
pub(crate) fn in_item<E: de::Error>(error: &E, index: usize) -> E {
    prefix(error, &format!("[{index}]"))
}

/// The error of a value that was read apart from the text around it, whose line and column therefore
/// say nothing.
#[cold]
pub(crate) fn apart<E: de::Error>(error: &serde_json::Error) -> E {
    E::custom(position(&error.to_string()).0)
}

/// An error about the member `name` of the object at hand.
#[cold]
pub(crate) fn about_member<E: de::Error>(name: &str, what: impl Display) -> E {
    in_member(&E::custom(what), name)
}

fn prefix<E: de::Error>(error: &E, step: &str) -> E {
    let message = error.to_string();
    let (message, position) = position(&message);
    let (path, what) = split(message);
    // serde_json takes its position off the end again, so that the innermost one is kept.
    E::custom(format_args!(
        "${step}{path}: {}{position}",
        Shortened(what, LONGEST_MESSAGE)
    ))
}

/// Splits `$.a[0]: what` into `.a[0]` and `what`; a message without a path has an empty one.
pub(crate) fn split(message: &str) -> (&str, &str) {
    let Some(rest) = message.strip_prefix('$') else {
        return ("", message);
    };
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => {
                let (path, what) = rest.split_at(at);
                return match what.strip_prefix(": ") {
                    Some(what) => (path, what),
                    None => ("", message),
                };
            }
            _ => {}
        }
    }
    ("", message)
}

/// Splits off the ` at line 1 column 2` that serde_json appends to each message.
pub(crate) fn position(message: &str) -> (&str, &str) {
    const MARK: &str = " at line ";
    let Some(at) = message.rfind(MARK) else {
        return (message, "");
    };
    let (front, position) = message.split_at(at);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match position
        .strip_prefix(MARK)
        .and_then(|numbers| numbers.split_once(" column "))
    {
        Some((line, column)) if digits(line) && digits(column) => (front, position),
        _ => (message, ""),
    }
}

fn push_member(path: &mut String, name: &str) {
    let plain = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-'));
    if plain {
        path.push('.');
        path.push_str(name);
    } else {
        let name = Shortened(name, LONGEST_NAME).to_string();
        // Writing to a string cannot fail, and a JSON string is also how the name looked on the wire.
        let _ = write!(path, "[{}]", serde_json::Value::String(name));
    }
}

/// One step of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(String),
    Item(usize),
}

/// The steps of a path that this module made.
pub(crate) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(member) = rest.strip_prefix('.') {
            let end = member.find(['.', '[']).unwrap_or(member.len());
            let (name, after) = member.split_at(end);
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let mut texts =
                serde_json::Deserializer::from_str(inside).into_iter::<serde_json::Value>();
            match texts.next() {
                Some(Ok(serde_json::Value::String(name))) => steps.push(Step::Member(name)),
                Some(Ok(serde_json::Value::Number(index))) => {
                    let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                    steps.push(Step::Item(index.unwrap_or(usize::MAX)));
                }
                _ => break,
            }
            rest = inside
                .get(texts.byte_offset()..)
                .and_then(|rest| rest.strip_prefix(']'))
                .unwrap_or("");
        } else {
            break;
        }
    }
    steps
}

struct Shortened<'a>(&'a str, usize);

impl Display for Shortened<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0.char_indices().nth(self.1) {
            None => f.write_str(self.0),
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(what: &str) -> serde_json::Error {
        <serde_json::Error as de::Error>::custom(what)
    }

    #[test]
    fn steps_are_put_in_front_and_read_back() {
        let inner = in_member(&error("missing required member"), "text");
        let inner = in_item(&inner, 3);
        let inner = in_member(&inner, "a: \"b\"");
        let inner = in_member(&inner, "io.example/x");
        let message = in_member(&inner, "params").to_string();
        assert_eq!(
            message,
            r#"$.params["io.example/x"]["a: \"b\""][3].text: missing required member"#
        );
        let (path, what) = split(&message);
        assert_eq!(what, "missing required member");
        let member = |name: &str| Step::Member(name.to_owned());
        assert_eq!(
            steps(path),
            [
                member("params"),
                member("io.example/x"),
                member("a: \"b\""),
                Step::Item(3),
                member("text")
            ]
        );
    }

    #[test]
    fn positions_are_seen_only_where_serde_json_put_them() {
        assert_eq!(
            position("bad at line 1 column 20"),
            ("bad", " at line 1 column 20")
        );
        assert_eq!(
            position("bad at line one column 20"),
            ("bad at line one column 20", "")
        );
        assert_eq!(position("seen at line 3"), ("seen at line 3", ""));
    }

    #[test]
    fn long_text_of_a_peer_is_cut() {
        let long = "x".repeat(100_000);
        let message = in_member(&in_item(&error(&long), 0), &long).to_string();
        assert!(message.len() < 1_000, "{}", message.len());
        assert!(message.contains('…'));
    }

    #[test]
    fn messages_that_merely_look_like_a_path_survive() {
        for what in ["$", "$5 is too much", "$: ", "cost: $5", "$.a", "$[\"x: "] {
            let message = in_member(&error(what), "a").to_string();
            assert!(message.starts_with("$.a"), "{message}");
        }
    }
}
