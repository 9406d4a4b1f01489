//! From bytes to a type, with errors that say where: the JSON path and the byte offset.
//!
//! Every type also implements serde's `Deserialize` and can be read with `serde_json` directly. What
//! this module adds is paid for by failures only.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::path::{self, Step};
use crate::support::{Seed, next_key};

/// Reads one JSON text as a `T`; strings and raw JSON in it borrow from `bytes`.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| DecodeError::new(&error, bytes))
}

/// Like [`decode`], for text that is known to be UTF-8 already.
pub fn decode_str<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|error| DecodeError::new(&error, text.as_bytes()))
}

/// Why a JSON text is not what it should be, and where.
///
/// Reads as `$.params.content[0].text: missing required member (at byte 31)`. Text of the peer that
/// appears in it is cut to a few hundred characters; escape it before it reaches a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    offset: usize,
    message: String,
    syntax: bool,
}

impl DecodeError {
    #[cold]
    pub(crate) fn new(error: &serde_json::Error, bytes: &[u8]) -> Self {
        if let Err(error) = core::str::from_utf8(bytes) {
            let (path, message) = ("$".to_owned(), "invalid UTF-8".to_owned());
            return Self {
                path,
                offset: error.valid_up_to(),
                message,
                syntax: true,
            };
        }
        // The reading that failed stopped early; only a whole reading tells bad JSON from JSON of
        // another shape.
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
            let message = path::position(&error.to_string()).0.to_owned();
            return Self {
                path: "$".to_owned(),
                offset: offset_of(&error, bytes),
                message,
                syntax: true,
            };
        }
        let message = error.to_string();
        let (path, what) = path::split(path::position(&message).0);
        let offset = locate(bytes, path).unwrap_or(0);
        Self {
            path: format!("${path}"),
            offset,
            message: what.to_owned(),
            syntax: false,
        }
    }

    /// An error of the value as a whole that this crate did not find while reading.
    pub(crate) fn of_value(message: impl fmt::Display) -> Self {
        Self {
            path: "$".to_owned(),
            offset: 0,
            message: message.to_string(),
            syntax: false,
        }
    }

    /// Where in the JSON value, such as `$.params.content[0].text`; `$` is the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where in the bytes that were given: the start of the value at [`path`](Self::path), or of the
    /// innermost object around it when there is none; for bad JSON, where reading stopped.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What was expected and what was found.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the text is not JSON at all, rather than JSON of another shape.
    pub fn is_syntax(&self) -> bool {
        self.syntax
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (at byte {})",
            self.path, self.message, self.offset
        )
    }
}

impl core::error::Error for DecodeError {}

/// serde_json counts lines from one and columns in bytes.
fn offset_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    if error.is_eof() {
        return bytes.len();
    }
    let lines_before = error.line().saturating_sub(1);
    let line_start = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(lines_before.wrapping_sub(1))
        .map_or(0, |(at, _)| at.saturating_add(1));
    line_start
        .saturating_add(error.column().saturating_sub(1))
        .min(bytes.len())
}

/// Where the value at `path` begins, or the innermost value on the way to it that there is.
fn locate(bytes: &[u8], path: &str) -> Option<usize> {
    let whole: &RawValue = serde_json::from_slice(bytes).ok()?;
    let mut at = whole;
    for step in path::steps(path) {
        match at.deserialize_any(Walk(&step)) {
            Ok(Some(next)) => at = next,
            _ => break,
        }
    }
    // Both are addresses inside `bytes`, since a raw value borrows.
    Some((at.get().as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize))
}

/// Takes one step into an object or an array. Of a repeated member the last is taken: if the error is
/// about a repetition, that is where it is.
struct Walk<'s>(&'s Step);

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = next_key(&mut map)? {
            let value = map.next_value()?;
            if matches!(self.0, Step::Member(name) if *name == key) {
                found = Some(value);
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let mut index = 0_usize;
        while let Some(item) = items.next_element_seed(Seed::<&'de RawValue>::new())? {
            if matches!(self.0, Step::Item(at) if *at == index) {
                found = Some(item);
            }
            index = index.saturating_add(1);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_of_bad_json_count_bytes_over_lines() {
        for (text, offset) in [
            ("{\n \"é\": x}", 9),
            ("[1,]", 3),
            ("", 0),
            ("{", 1),
            ("[1] 2", 4),
        ] {
            let error = decode_str::<serde_json::Value>(text).unwrap_err();
            assert!(error.is_syntax());
            assert_eq!(error.offset(), offset, "{text:?}: {error}");
        }
    }

    #[test]
    fn values_are_located_by_path() {
        let text = r#"{"a": [0, {"b c": {"d": 1, "d": 2}}]}"#;
        for (path, found) in [
            ("", &text[0..]),
            (".a", &text[6..]),
            (".a[0]", "0, {"),
            (r#".a[1]["b c"]"#, r#"{"d": 1"#),
            (r#".a[1]["b c"].d"#, "2}}"),
            (r#".a[1]["b c"].missing.more"#, r#"{"d": 1"#),
            (".a[7]", r"[0, {"),
        ] {
            let offset = locate(text.as_bytes(), path).unwrap();
            assert!(
                text[offset..].starts_with(found),
                "{path}: {}",
                &text[offset..]
            );
        }
    }
}
