//! What is wrong with a text that is no JSON, and where. Asked at most once for a message, so that
//! reading need not keep account of it.

use super::string::escape;
use super::{SyntaxError, behind, first};
use crate::error::Syntax;

/// What the grammar asks for where reading came to a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Value,
    Name,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    End,
}

/// Where reading stopped that did not come to the end, and what was expected there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) offset: usize,
    pub(crate) expected: Expected,
}

/// Says what is wrong where reading stopped.
#[cold]
pub(crate) fn fault(bytes: &[u8], stop: Stop) -> SyntaxError {
    let Stop { offset, expected } = stop;
    let text = behind(bytes, offset);
    let (length, syntax) = match (expected, first(text)) {
        (Expected::Name | Expected::Value, b'"') => in_string(text),
        (Expected::Name, _) => (0, Syntax::ExpectedName),
        (Expected::Value, b'-' | b'0'..=b'9') => in_number(text),
        (Expected::Value, b't') => in_literal(text, b"true"),
        (Expected::Value, b'f') => in_literal(text, b"false"),
        (Expected::Value, b'n') => in_literal(text, b"null"),
        (Expected::Value, _) => (0, Syntax::ExpectedValue),
        (Expected::Colon, _) => (0, Syntax::ExpectedColon),
        (Expected::CommaOrBrace, _) => (0, Syntax::ExpectedCommaOrBrace),
        (Expected::CommaOrBracket, _) => (0, Syntax::ExpectedCommaOrBracket),
        (Expected::End, _) => (0, Syntax::TrailingBytes),
    };
    let offset = offset + length;
    // Where the text has ended, that is what is wrong with it, whatever was expected there.
    if offset >= bytes.len() || syntax == Syntax::UnexpectedEnd {
        return SyntaxError {
            offset: bytes.len(),
            syntax: Syntax::UnexpectedEnd,
        };
    }
    SyntaxError { offset, syntax }
}

fn in_string(text: &[u8]) -> (usize, Syntax) {
    let mut rest = behind(text, 1);
    let at = |rest: &[u8]| text.len() - rest.len();
    loop {
        match rest.first() {
            Some(b'\\') => match escape(rest) {
                Ok((_, length)) => rest = behind(rest, length),
                Err(syntax) => return (at(rest), syntax),
            },
            Some(0x20..) => rest = behind(rest, 1),
            _ => return (at(rest), Syntax::ControlCharacter),
        }
    }
}

fn in_number(text: &[u8]) -> (usize, Syntax) {
    let digits = |from: usize| {
        let rest = behind(text, from);
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let at = |place: usize| first(behind(text, place));
    let start = usize::from(at(0) == b'-');
    let whole = if at(start) == b'0' {
        start + 1
    } else {
        digits(start)
    };
    let fraction = if at(whole) == b'.' {
        digits(whole + 1)
    } else {
        whole
    };
    let offset = if whole == start {
        start
    } else if fraction == whole + 1 || at(whole).is_ascii_digit() {
        fraction
    } else if at(fraction) | 0x20 == b'e' {
        let sign = usize::from(matches!(at(fraction + 1), b'+' | b'-'));
        digits(fraction + 1 + sign)
    } else {
        fraction
    };
    (offset, Syntax::Number)
}

fn in_literal(text: &[u8], literal: &[u8]) -> (usize, Syntax) {
    let equal = text.iter().zip(literal).take_while(|(a, b)| a == b).count();
    (equal, Syntax::Literal)
}
