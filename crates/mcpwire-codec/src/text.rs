//! JSON strings that have been read before: comparing them as they are spelled, and resolving their
//! escapes when somebody asks.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::json::{Piece, Unescape, is_short_and_plain, unescape_into};

/// What stands between the quotes; `None` if the value is no string.
fn content(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// The string that a value is, borrowed unless it has escapes; `None` if the value is no string.
pub(crate) fn unquote(value: &[u8]) -> Option<Cow<'_, str>> {
    let raw = content(value)?;
    if is_short_and_plain(raw) || memchr::memchr(b'\\', raw).is_none() {
        return core::str::from_utf8(raw).ok().map(Cow::Borrowed);
    }
    let mut resolved = String::with_capacity(raw.len());
    for piece in Unescape(raw) {
        match piece {
            Piece::Plain(bytes) => resolved.push_str(core::str::from_utf8(bytes).ok()?),
            Piece::Escaped(character) => resolved.push(character),
        }
    }
    Some(Cow::Owned(resolved))
}

/// Whether a value is the string `expected`, however it is spelled.
pub(crate) fn equals(value: &[u8], expected: &str) -> bool {
    content(value)
        .and_then(|raw| unescape_into(raw, &mut [0; 64]).map(|text| text == expected.as_bytes()))
        == Some(true)
}

/// Whether a value is a string that starts with `prefix`, however it is spelled.
pub(crate) fn starts_with(value: &[u8], prefix: &str) -> bool {
    let mut awaited = prefix.as_bytes();
    for piece in Unescape(content(value).unwrap_or_default()) {
        let mut utf8 = [0; 4];
        let bytes = match piece {
            Piece::Plain(bytes) => bytes,
            Piece::Escaped(character) => character.encode_utf8(&mut utf8).as_bytes(),
        };
        let common = bytes.len().min(awaited.len());
        let (Some(found), Some((expected, rest))) =
            (bytes.get(..common), awaited.split_at_checked(common))
        else {
            return false;
        };
        if found != expected {
            return false;
        }
        awaited = rest;
        if awaited.is_empty() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_without_escapes_are_borrowed() {
        assert!(matches!(
            unquote("\"wörter\"".as_bytes()),
            Some(Cow::Borrowed("wörter"))
        ));
        assert!(matches!(unquote(br#""""#), Some(Cow::Borrowed(""))));
        let Some(Cow::Owned(resolved)) = unquote("\"a\\n\u{e4}\\u00e4\\ud83d\\ude00\"".as_bytes())
        else {
            panic!("an escape has to be resolved into a copy");
        };
        assert_eq!(resolved, "a\nää😀");
        for other in ["1", "null", "{}", "[\"a\"]"] {
            assert_eq!(unquote(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        assert!(equals(br#""2.0""#, "2.0"));
        assert!(equals(br#""2\u002e0""#, "2.0"));
        for other in ["2.0", "\"2.00\"", "\"2\"", "\"\"", "\"2.0\\u0000\""] {
            assert!(!equals(other.as_bytes(), "2.0"), "{other}");
        }
    }

    #[test]
    fn prefixes() {
        let prefix = "notifications/";
        for yes in [
            r#""notifications/""#,
            r#""notifications/x""#,
            r#""notification\u0073\/x""#,
        ] {
            assert!(starts_with(yes.as_bytes(), prefix), "{yes}");
        }
        for no in [
            r#""""#,
            r#""notifications""#,
            r#""Notifications/x""#,
            r#""x\u006eotifications/""#,
            "1",
        ] {
            assert!(!starts_with(no.as_bytes(), prefix), "{no}");
        }
    }
}
