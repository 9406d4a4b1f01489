//! Header values that mirror members of a message, and the Base64 sentinel that wraps what is not
//! plain ASCII (HDR-19 to HDR-25).
//!
//! It lives here, below the transports, since the HTTP transport reads `Mcp-Name` and a dispatcher
//! compares `Mcp-Param-*`, and neither knows the other.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// Why a header value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderValueError {
    /// Holds a byte outside visible ASCII, space and tab (HDR-19, HDR-29).
    InvalidCharacter,
    /// What stands between the sentinel's marks is not padded standard Base64 (HDR-24, HDR-35).
    InvalidBase64,
    /// The decoded bytes are not UTF-8.
    InvalidUtf8,
}

impl fmt::Display for HeaderValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidCharacter => {
                "holds a byte outside visible ASCII, space and tab; wrap the value as =?base64?...?="
            }
            Self::InvalidBase64 => "is not padded standard Base64 between =?base64? and ?=",
            Self::InvalidUtf8 => "is Base64 of bytes that are not UTF-8",
        })
    }
}

impl std::error::Error for HeaderValueError {}

/// The text that a raw header value stands for.
///
/// Outer spaces and tabs are not part of a value (HTTP-52). A value without both marks, or with
/// marks in another letter case, is literal (HDR-22).
pub fn decode(raw: &[u8]) -> Result<Cow<'_, str>, HeaderValueError> {
    let plain = raw.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let text = std::str::from_utf8(raw).ok().filter(|_| plain);
    let text = text
        .ok_or(HeaderValueError::InvalidCharacter)?
        .trim_matches([' ', '\t']);
    let wrapped = text
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    let Some(wrapped) = wrapped else {
        return Ok(Cow::Borrowed(text));
    };
    let bytes = STANDARD
        .decode(wrapped)
        .map_err(|_| HeaderValueError::InvalidBase64)?;
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| HeaderValueError::InvalidUtf8)
}

/// The header value for a text: as it is where that is safe, wrapped otherwise (HDR-20, HDR-21).
pub fn encode(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let padded = text.starts_with(' ') || text.ends_with(' ');
    let looks_wrapped = text.starts_with(PREFIX) && text.ends_with(SUFFIX);
    if plain && !padded && !looks_wrapped {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table that closes the HDR section, to the header and back.
    #[test]
    fn hdr_20_values_are_wrapped_where_they_must_be() {
        for (text, header) in [
            ("eu-north", "eu-north"),
            ("a b c", "a b c"),
            (" lead", "=?base64?IGxlYWQ=?="),
            ("zażółć", "=?base64?emHFvMOzxYLEhw==?="),
            ("x\ty", "=?base64?eAl5?="),
            ("=?base64?Zm9v?=", "=?base64?PT9iYXNlNjQ/Wm05dj89?="),
            ("", ""),
        ] {
            assert_eq!(encode(text), header, "encode {text:?}");
            assert_eq!(
                decode(header.as_bytes()).as_deref(),
                Ok(text),
                "decode {header:?}"
            );
        }
    }

    #[test]
    fn hdr_22_incomplete_or_differently_written_marks_are_literal() {
        for literal in [
            "=?base64?SGVsbG8=",
            "SGVsbG8=",
            "=?BASE64?SGVsbG8=?=",
            "SGVsbG8=?=",
        ] {
            assert_eq!(decode(literal.as_bytes()).as_deref(), Ok(literal));
        }
    }

    #[test]
    fn hdr_35_bad_padding_or_alphabet_is_refused() {
        for bad in [
            "=?base64?SGVsbG8?=",
            "=?base64?SGVs!!!bG8=?=",
            "=?base64?-_-_?=",
        ] {
            assert_eq!(
                decode(bad.as_bytes()),
                Err(HeaderValueError::InvalidBase64),
                "{bad}"
            );
        }
        assert_eq!(
            decode(b"=?base64?//79?="),
            Err(HeaderValueError::InvalidUtf8)
        );
    }

    #[test]
    fn hdr_29_bytes_outside_visible_ascii_are_refused() {
        for bad in [&b"a\x00b"[..], b"a\x7fb", "ż".as_bytes(), b"\xff"] {
            assert_eq!(decode(bad), Err(HeaderValueError::InvalidCharacter));
        }
    }

    #[test]
    fn http_52_outer_white_space_is_no_part_of_the_value() {
        assert_eq!(decode(b"  foo\t").as_deref(), Ok("foo"));
    }
}
