//! Text that is known to be JSON, read as a type.

mod access;
mod de;
mod enumeration;
mod error;
mod key;
mod number;
mod raw;
mod skip;
mod string;

use alloc::string::String;
use core::marker::PhantomData;

use mcpwire_types::DecodeError;
use serde_core::Deserialize;
use serde_core::de::DeserializeSeed;

use error::Failed;

pub(super) use raw::RAW_VALUE;

/// Reads `text`, which is known to be one JSON text, as a `T`; strings and raw JSON in it borrow.
///
/// For text that was validated before: a part of a [`Message`](crate::Message), a
/// [`JSONValue`](mcpwire_types::JSONValue) or a `RawValue`. The grammar is not checked again: strings
/// end at their closing quote, and what the type ignores or keeps raw is stepped over by its brackets
/// and quotes alone. For valid text the outcome is that of [`mcpwire_types::decode_str`]: the same
/// value, or the same error with its path and offset. Arrays and objects that the type takes apart
/// may nest 127 levels deep, as there.
///
/// For text that is not JSON the outcome is an error or a value that means nothing (raw JSON in it
/// may be no JSON either), and nothing worse. Text of unknown origin goes to
/// [`mcpwire_types::decode_str`].
///
/// ```
/// let text = r#"{"type": "text", "text": "16 °C"}"#;
/// let content: mcpwire_types::TextContent = mcpwire_codec::parse_valid(text)?;
/// assert_eq!(content.text, "16 °C");
/// # Ok::<(), mcpwire_types::DecodeError>(())
/// ```
pub fn parse_valid<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    match parse_valid_with(PhantomData, text) {
        Some(value) => Ok(value),
        // Anything at all went wrong on the way.
        None => again(text),
    }
}

/// Reads `text` as [`parse_valid`] does, by a seed: for types that are known when the program runs. `None` if
/// anything at all does not fit.
pub fn parse_valid_with<'a, S: DeserializeSeed<'a>>(seed: S, text: &'a str) -> Option<S::Value> {
    let mut reader = Reader::new(text);
    let value = seed.deserialize(&mut reader).ok()?;
    reader.is_done().then_some(value)
}

/// Errors are found and told by one reader only, and that is not the fast one.
#[cold]
fn again<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    mcpwire_types::decode_str(text)
}

/// How many levels `serde_json` enters before it gives up, and one more.
const LEVELS: u8 = 128;

/// Where reading stands.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Levels that may still be entered, and one more.
    levels: u8,
    /// Something went wrong. A visitor may take an error for an answer and go on, but from there on
    /// this reader need not stand where `serde_json` would: its outcome is not used.
    failed: bool,
    /// Where strings with escapes are put together.
    scratch: String,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            levels: LEVELS,
            failed: false,
            scratch: String::new(),
        }
    }

    const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The byte at hand, or 0 at the end: no JSON has one outside a string.
    fn byte(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Steps over white space, to the byte after it; 0 at the end.
    #[inline]
    fn peek(&mut self) -> u8 {
        while let Some(&byte) = self.bytes().get(self.at) {
            if byte > b' ' {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// Steps over one byte, which has to be there.
    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Failed> {
        if self.peek() == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(self.fail())
        }
    }

    /// Steps over `null`, `true` or `false`.
    #[inline]
    fn literal(&mut self, literal: &[u8]) -> Result<(), Failed> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(literal) {
            self.at += literal.len();
            Ok(())
        } else {
            Err(self.fail())
        }
    }

    /// Goes one level down, over a bracket.
    #[inline]
    fn enter(&mut self) -> Result<(), Failed> {
        self.levels = self.levels.saturating_sub(1);
        if self.levels == 0 {
            return Err(self.fail());
        }
        self.at += 1;
        Ok(())
    }

    /// Goes one level up, over the bracket that closes it; visitors may stop before they have seen
    /// everything, and that is an error.
    #[inline]
    fn leave(&mut self, bracket: u8) -> Result<(), Failed> {
        self.levels = self.levels.saturating_add(1);
        self.expect(bracket)
    }

    /// Notes that something went wrong.
    #[cold]
    fn fail(&mut self) -> Failed {
        self.failed = true;
        Failed
    }

    /// Notes whether a visitor was content.
    #[inline]
    fn note<T>(&mut self, outcome: Result<T, Failed>) -> Result<T, Failed> {
        if outcome.is_err() {
            self.failed = true;
        }
        outcome
    }

    /// Whether all was read and nothing went wrong.
    fn is_done(&mut self) -> bool {
        !self.failed && self.peek() == 0
    }
}

#[cfg(test)]
mod tests;
