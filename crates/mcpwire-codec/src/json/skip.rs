//! Reading a value that nobody asked about: its grammar is checked, and where it ends is found.

use super::nesting::{Container, Nesting};
use super::{Expected, Stop, literal, number, string, trim_slow};

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
    'value: loop {
        match text {
            [b'"', ..] => {
                let token = string(text);
                let Some(rest) = text.get(token.length..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
                flags |= token.flags;
            }
            [b'-' | b'0'..=b'9', ..] => {
                let Some(rest) = text.get(number(text)..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
            }
            [b'{', rest @ ..] => {
                nesting.open(Container::Object, bytes.len() - text.len());
                text = rest;
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
            [b'[', rest @ ..] => {
                nesting.open(Container::Array, bytes.len() - text.len());
                text = rest;
                if let [b' ' | b'\t' | b'\n' | b'\r', ..] = text {
                    text = trim_slow(text);
                }
                let [b']', rest @ ..] = text else {
                    continue;
                };
                text = rest;
                if nesting.close() {
                    break;
                }
            }
            [b't', ..] => {
                let Some(rest) = text.get(literal(text, b"true")..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
            }
            [b'f', ..] => {
                let Some(rest) = text.get(literal(text, b"false")..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
            }
            [b'n', ..] => {
                let Some(rest) = text.get(literal(text, b"null")..) else {
                    return walk.stop(text, Expected::Value);
                };
                text = rest;
            }
            [b' ' | b'\t' | b'\n' | b'\r', ..] => {
                text = trim_slow(text);
                continue;
            }
            _ => return walk.stop(text, Expected::Value),
        }
        // Behind a value: closes what ends here, and goes to the next value, if any.
        loop {
            if nesting.in_object() {
                match text {
                    [b',', rest @ ..] => {
                        text = rest;
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
                    [b'}', rest @ ..] => {
                        text = rest;
                        if nesting.close() {
                            break 'value;
                        }
                    }
                    [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                    _ => return walk.stop(text, Expected::CommaOrBrace),
                }
            } else {
                match text {
                    [b',', rest @ ..] => {
                        text = rest;
                        continue 'value;
                    }
                    [b']', rest @ ..] => {
                        text = rest;
                        if nesting.close() {
                            break 'value;
                        }
                    }
                    [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                    _ => return walk.stop(text, Expected::CommaOrBracket),
                }
            }
        }
    }
    walk.flags |= flags;
    walk.too_deep_at = walk.too_deep_at.or(nesting.exceeded_at());
    Some(text)
}
