//! Numbers: held to the grammar, and not to a magnitude.

use super::window::{self, WIDTH};
use super::{NONE, behind, first};

/// As many bytes as are looked at in one step.
#[expect(clippy::cast_possible_truncation, reason = "it is 16")]
const LENGTH: u32 = WIDTH as u32;

/// The length of the number that `text` starts with, which is a digit other than zero.
///
/// Most numbers are integers, and those that do not start with a zero need no other check.
#[inline(always)]
pub(crate) fn from_digit(text: &[u8]) -> usize {
    if let Some(window) = text.first_chunk::<WIDTH>() {
        let whole = (!window::digits(*window)).trailing_zeros() as usize;
        if let Some(next) = window.get(whole)
            && *next != b'.'
            && next | 0x20 != b'e'
        {
            return whole;
        }
    }
    number(text)
}

/// The length of the number that `text` starts with.
#[inline(never)]
pub(crate) fn number(text: &[u8]) -> usize {
    if let Some(window) = text.first_chunk::<WIDTH>() {
        let at = |place: u32| window.get(place as usize).copied().unwrap_or(0);
        // What is no digit, and an end to it in any case.
        let others = !window::digits(*window);
        let minus = u32::from(at(0) == b'-');
        let whole = (others >> minus).trailing_zeros();
        let mut end = minus + whole;
        let mut next = at(end);
        if next == b'.' {
            let fraction = (others >> (end + 1)).trailing_zeros();
            if fraction == 0 {
                return slow(text);
            }
            end += 1 + fraction;
            next = at(end);
        }
        if next | 0x20 == b'e' && end < LENGTH - 2 {
            end += 1 + u32::from(matches!(at(end + 1), b'+' | b'-'));
            let exponent = (others >> end).trailing_zeros();
            if exponent == 0 {
                return slow(text);
            }
            end += exponent;
            next = 0;
        }
        if whole != 0 && (at(minus) != b'0' || whole == 1) && end < LENGTH && next | 0x20 != b'e' {
            return end as usize;
        }
    }
    slow(text)
}

/// Long numbers, numbers near the end of the text, and what is no number.
#[inline(never)]
fn slow(text: &[u8]) -> usize {
    let mut rest = text;
    if first(rest) == b'-' {
        rest = behind(rest, 1);
    }
    let whole = if first(rest) == b'0' { 1 } else { digits(rest) };
    if whole == 0 {
        return NONE;
    }
    rest = behind(rest, whole);
    if first(rest) == b'.' {
        let fraction = digits(behind(rest, 1));
        if fraction == 0 {
            return NONE;
        }
        rest = behind(rest, 1 + fraction);
    }
    if first(rest) | 0x20 == b'e' {
        rest = behind(rest, 1);
        if matches!(first(rest), b'+' | b'-') {
            rest = behind(rest, 1);
        }
        let exponent = digits(rest);
        if exponent == 0 {
            return NONE;
        }
        rest = behind(rest, exponent);
    }
    if first(rest).is_ascii_digit() {
        return NONE;
    }
    text.len() - rest.len()
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: &[&str] = &[
        "0",
        "-0",
        "7",
        "-7",
        "10",
        "4711",
        "0.5",
        "-0.5",
        "12.25",
        "1e5",
        "1E5",
        "1e+5",
        "1e-5",
        "0e0",
        "-1.5e-10",
        "1234567890123",
        "12345678901234",
        "123456789012345",
        "1234567890123456",
        "12345678901234567",
        "123456789012345678901234567890",
        "0.12345678901",
        "0.123456789012",
        "0.1234567890123",
        "0.12345678901234",
        "0.123456789012345",
        "123456.78901e12",
        "1234567.8901e123",
        "1e123456789012",
        "1e1234567890123",
        "1e12345678901234",
        "-1e-999999",
    ];

    const NO_NUMBERS: &[&str] = &[
        "-",
        "-a",
        "00",
        "01",
        "-01",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "1e-",
        "-.5",
        "1.5e",
        "1.5e+a",
        "12345678901234.",
        "12345678901234e",
        "123456789012345.",
        "1234567890123456.",
        "00000000000000000000",
        "0123456789012345678",
    ];

    #[test]
    fn numbers_are_as_long_as_they_are() {
        for number in NUMBERS {
            // Whatever follows, and wherever the text ends.
            for tail in [
                "",
                ",",
                "}",
                "]            ",
                " 1234567890123456789",
                "\n\"12345678901\"",
            ] {
                let text = format!("{number}{tail}");
                assert_eq!(super::number(text.as_bytes()), number.len(), "{text}");
                if matches!(number.as_bytes(), [b'1'..=b'9', ..]) {
                    assert_eq!(from_digit(text.as_bytes()), number.len(), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for bad in NO_NUMBERS {
            for tail in ["", ",", ",                       "] {
                let text = format!("{bad}{tail}");
                assert_eq!(super::number(text.as_bytes()), NONE, "{text}");
                if matches!(bad.as_bytes(), [b'1'..=b'9', ..]) {
                    assert_eq!(from_digit(text.as_bytes()), NONE, "{text}");
                }
            }
        }
    }
}
