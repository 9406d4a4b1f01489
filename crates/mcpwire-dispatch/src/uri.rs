//! Which texts are URIs (RFC 3986): the characters and the scheme, and no more.
//!
//! Nothing is normalized or resolved here; two URIs are equal when their bytes are.

use std::fmt;

/// Why a text is not a URI (RES-25, RES-26, RES-30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// It does not begin with a scheme and a colon.
    NoScheme,
    /// A byte that has to be percent-encoded stands there as it is.
    InvalidCharacter {
        /// Where, counted in bytes from 0.
        offset: usize,
    },
    /// `%` is not followed by two hexadecimal digits.
    InvalidEscape {
        /// Where, counted in bytes from 0.
        offset: usize,
    },
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("does not begin with a scheme such as file: or https:"),
            Self::InvalidCharacter { offset } => {
                write!(
                    f,
                    "holds a character at byte {offset} that has to be percent-encoded"
                )
            }
            Self::InvalidEscape { offset } => {
                write!(
                    f,
                    "has a % at byte {offset} without two hexadecimal digits after it"
                )
            }
        }
    }
}

impl std::error::Error for UriError {}

/// Whether `uri` is an absolute URI, with a fragment or without.
pub(crate) fn check(uri: &str) -> Result<(), UriError> {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    if !scheme.is_some_and(is_scheme) {
        return Err(UriError::NoScheme);
    }
    check_characters(uri)
}

/// Whether every byte may stand in a URI and every escape is whole.
pub(crate) fn check_characters(text: &str) -> Result<(), UriError> {
    let bytes = text.as_bytes();
    for (offset, byte) in bytes.iter().enumerate() {
        if *byte == b'%' {
            let digits = bytes.get(offset + 1..offset + 3);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return Err(UriError::InvalidEscape { offset });
            }
        } else if !is_unreserved(*byte) && !is_reserved(*byte) {
            return Err(UriError::InvalidCharacter { offset });
        }
    }
    Ok(())
}

/// Whether it has the form of a scheme (RES-25).
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

pub(crate) fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&byte)
}

/// The bytes that percent-encoded text stands for, if they are UTF-8.
pub(crate) fn percent_decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>()?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn res_26_uris_are_checked() {
        for uri in [
            "file:///a%20b",
            "test://x",
            "urn:a:b",
            "a+b-c.1:",
            "https://h/p?q=1#f",
            "x:[::1]",
        ] {
            assert_eq!(check(uri), Ok(()), "{uri}");
        }
        for (uri, error) in [
            ("", UriError::NoScheme),
            ("/etc/passwd", UriError::NoScheme),
            ("1a:b", UriError::NoScheme),
            ("a_b:c", UriError::NoScheme),
            (":x", UriError::NoScheme),
            ("file:///a b", UriError::InvalidCharacter { offset: 9 }),
            ("file:///ż", UriError::InvalidCharacter { offset: 8 }),
            ("a:\\b", UriError::InvalidCharacter { offset: 2 }),
            ("a:b\n", UriError::InvalidCharacter { offset: 3 }),
            ("a:%4", UriError::InvalidEscape { offset: 2 }),
            ("a:%+1", UriError::InvalidEscape { offset: 2 }),
        ] {
            assert_eq!(check(uri), Err(error), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in ".*") {
            let encoded = text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
            prop_assert_eq!(percent_decode(encoded.as_bytes()), Some(text));
        }

        #[test]
        fn decoding_takes_anything(bytes: Vec<u8>) {
            percent_decode(&bytes);
        }
    }
}
