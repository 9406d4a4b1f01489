//! Reading a value that nobody asked about: its grammar is checked, and where it ends is found.

use super::nesting::{Container, Nesting};
use super::{
    Expected, Start, Stop, behind, from_digit, literal, number, start, string, trim, trim_slow,
};

/// What reading has brought to light besides where values end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    /// The whole text.
    pub(crate) bytes: &'a [u8],
    /// How deep values may nest.
    pub(crate) max_depth: usize,
    /// The flags of all strings.
    pub(crate) flags: u32,
    /// Offset of the first bracket beyond the limit on depth. Reading goes on behind it, because the
    /// member that says whom to tell may stand there.
    pub(crate) too_deep_at: Option<usize>,
    /// Where reading came to an end before the text did.
    pub(crate) stop: Option<Stop>,
}

impl Walk<'_> {
    /// The offset at which `rest` starts, which is the end of the whole text.
    #[inline(always)]
    pub(crate) fn offset(&self, rest: &[u8]) -> usize {
        self.bytes.len() - rest.len()
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn stop<T>(&mut self, rest: &[u8], expected: Expected) -> Option<T> {
        self.stop = Some(Stop {
            offset: self.offset(rest),
            expected,
        });
        None
    }
}

/// The text behind the array or object that `text` starts with, which is within `depth` others.
#[expect(
    clippy::too_many_lines,
    reason = "the states of one automaton, which jumps between them"
)]
#[inline(never)]
pub(crate) fn skip<'a>(walk: &mut Walk<'a>, mut text: &'a [u8], depth: usize) -> Option<&'a [u8]> {
    let bytes = walk.bytes;
    let mut nesting = Nesting::new(walk.max_depth.saturating_sub(depth));
    let mut flags = 0;
    /// Reads the name of a member and its colon.
    macro_rules! name {
        () => {{
            let token = string(text);
            let Some(rest) = text.get(token.length..) else {
                return walk.stop(text, Expected::Name);
            };
            text = rest;
            flags |= token.flags;
            loop {
                match text {
                    [b':', rest @ ..] => {
                        text = rest;
                        break;
                    }
                    [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                    _ => return walk.stop(text, Expected::Colon),
                }
            }
        }};
    }
    /// Steps over a value of this length.
    macro_rules! value {
        ($length:expr) => {{
            let Some(rest) = text.get($length..) else {
                return walk.stop(text, Expected::Value);
            };
            text = rest;
        }};
    }
    'value: loop {
        match start(text) {
            Start::String => {
                let token = string(text);
                let Some(rest) = text.get(token.length..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
                flags |= token.flags;
            }
            Start::Digit => value!(from_digit(text)),
            Start::OtherNumber => value!(number(text)),
            Start::Object => {
                nesting.open(Container::Object, bytes.len() - text.len());
                text = behind(text, 1);
                loop {
                    match text {
                        [b'"', ..] => {
                            name!();
                            continue 'value;
                        }
                        [b'}', rest @ ..] => {
                            text = rest;
                            if nesting.close() {
                                break 'value;
                            }
                            break;
                        }
                        [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                        _ => return walk.stop(text, Expected::Name),
                    }
                }
            }
            Start::Array => {
                nesting.open(Container::Array, bytes.len() - text.len());
                text = trim(behind(text, 1));
                let [b']', rest @ ..] = text else {
                    continue;
                };
                text = rest;
                if nesting.close() {
                    break;
                }
            }
            Start::True => value!(literal(text, b"true")),
            Start::False => value!(literal(text, b"false")),
            Start::Null => value!(literal(text, b"null")),
            Start::Whitespace => {
                text = trim_slow(text);
                continue;
            }
            Start::Nothing => return walk.stop(text, Expected::Value),
        }
        // Behind a value: closes what ends here, and goes to the next value, if any.
        loop {
            if let [b',', rest @ ..] = text {
                text = rest;
                if !nesting.in_object() {
                    continue 'value;
                }
                loop {
                    match text {
                        [b'"', ..] => {
                            name!();
                            continue 'value;
                        }
                        [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                        _ => return walk.stop(text, Expected::Name),
                    }
                }
            }
            match text {
                [b'}', rest @ ..] if nesting.in_object() => text = rest,
                [b']', rest @ ..] if !nesting.in_object() => text = rest,
                [b' ' | b'\t' | b'\n' | b'\r', ..] => {
                    text = trim_slow(text);
                    continue;
                }
                _ if nesting.in_object() => return walk.stop(text, Expected::CommaOrBrace),
                _ => return walk.stop(text, Expected::CommaOrBracket),
            }
            if nesting.close() {
                break 'value;
            }
        }
    }
    walk.flags |= flags;
    walk.too_deep_at = walk.too_deep_at.or(nesting.exceeded_at());
    Some(text)
}
