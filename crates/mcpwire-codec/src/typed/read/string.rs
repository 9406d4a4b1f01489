//! Strings: found by their closing quote, borrowed unless they have escapes.

use alloc::string::String;

use serde_core::de::Visitor;

use super::Reader;
use super::error::Failed;
use crate::json::{WIDTH, plain_end, plain_run};

/// From how many bytes on a string that was unescaped is handed over instead of copied.
const WORTH_KEEPING: usize = 256;

impl<'a> Reader<'a> {
    /// The string at hand.
    #[inline]
    pub(super) fn visit_string<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        let start = self.at + 1;
        let Some(end) = next_ending(self.bytes(), start) else {
            return Err(self.fail());
        };
        if self.bytes().get(end) != Some(&b'"') {
            return self.visit_escaped(start, end, visitor);
        }
        self.at = end + 1;
        match self.text.get(start..end) {
            Some(text) => visitor.visit_borrowed_str(text),
            None => Err(self.fail()),
        }
    }

    /// The string that begins at `start` and has its first escape at `escape`.
    fn visit_escaped<V: Visitor<'a>>(
        &mut self,
        start: usize,
        escape: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        let mut scratch = core::mem::take(&mut self.scratch);
        scratch.clear();
        self.at = start;
        match self.unescape(escape, &mut scratch) {
            None => Err(self.fail()),
            Some(()) if scratch.len() >= WORTH_KEEPING => visitor.visit_string(scratch),
            Some(()) => {
                let outcome = visitor.visit_str(&scratch);
                self.scratch = scratch;
                outcome
            }
        }
    }

    /// Reads to the end of the string, of which `special` is the next escape or the end.
    fn unescape(&mut self, mut special: usize, into: &mut String) -> Option<()> {
        loop {
            into.push_str(self.text.get(self.at..special)?);
            self.at = special + 1;
            match self.bytes().get(special)? {
                b'"' => return Some(()),
                b'\\' => {}
                _ => return None,
            }
            let escape = *self.bytes().get(self.at)?;
            self.at += 1;
            into.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode_escape()?,
                _ => return None,
            });
            special = next_ending(self.bytes(), self.at)?;
        }
    }

    /// The character of one `\u`, or of two that are a pair of surrogates.
    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !matches!(first, 0xD800..=0xDBFF) {
            return char::from_u32(first);
        }
        let second = self.bytes().get(self.at..)?.starts_with(b"\\u");
        if !second {
            return None;
        }
        self.at += 2;
        match self.hex()? {
            second @ 0xDC00..=0xDFFF => {
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            }
            _ => None,
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes().get(self.at..)?.first_chunk::<4>()?;
        self.at += 4;
        digits.iter().try_fold(0, |value, digit| {
            Some(value * 16 + char::from(*digit).to_digit(16)?)
        })
    }
}

/// The next quote or backslash, from `at` on; there is no control character in front of it, since this
/// text is JSON.
///
/// Most strings are short: the first bytes are looked at in place.
#[inline]
pub(super) fn next_ending(bytes: &[u8], at: usize) -> Option<usize> {
    let Some(window) = bytes.get(at..)?.first_chunk() else {
        return last_ending(bytes, at);
    };
    match plain_run(window) {
        WIDTH => later_ending(bytes, at + WIDTH),
        plain => Some(at + plain),
    }
}

/// How many windows more are looked at one by one before a string counts as long.
const SHORT: usize = 3;

#[inline(never)]
fn later_ending(bytes: &[u8], mut at: usize) -> Option<usize> {
    let (windows, _) = bytes.get(at..)?.as_chunks();
    for window in windows.iter().take(SHORT) {
        let plain = plain_run(window);
        at += plain;
        if plain < WIDTH {
            return Some(at);
        }
    }
    if windows.len() <= SHORT {
        return last_ending(bytes, at);
    }
    Some(at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?)
}

/// Among the last bytes of the text.
#[inline(never)]
fn last_ending(bytes: &[u8], at: usize) -> Option<usize> {
    let found = at + plain_end(bytes, at);
    (found < bytes.len()).then_some(found)
}
