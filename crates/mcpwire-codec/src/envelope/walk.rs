//! The walk over a message: the objects whose members have a meaning here, and what else there is.
#![allow(
    clippy::inline_always,
    reason = "what is called for each member has to keep its state in registers; measured"
)]

use super::Found;
use super::rules::Fault;
use crate::error::Invalid;
use crate::json::{ESCAPED, Expected, NONE, Start, Walk};
use crate::json::{
    behind, from_digit, literal, number, skip, start, string, trim, trim_slow, unescape_into,
};
use crate::limits::Limits;
use crate::slot::{Parent, Slot};

pub(super) struct Envelope<'a, 'f> {
    pub(super) walk: Walk<'a>,
    /// The offset of the first byte of the value.
    pub(super) start: usize,
    /// One bit for each slot whose name was seen, be its value read or not.
    pub(super) named: u32,
    pub(super) found: &'f mut Found,
    /// The first fault, and its offset.
    pub(super) fault: Option<(usize, Fault)>,
}

/// One bit each in [`Envelope::named`].
const _: () = assert!(Slot::COUNT <= u32::BITS as usize);

impl<'a, 'f> Envelope<'a, 'f> {
    /// `text` is what is behind the whitespace that `bytes` start with.
    pub(super) fn new(
        bytes: &'a [u8],
        text: &'a [u8],
        limits: &Limits,
        found: &'f mut Found,
    ) -> Self {
        Self {
            walk: Walk {
                bytes,
                max_depth: limits.max_depth,
                flags: 0,
                too_deep_at: None,
                stop: None,
            },
            start: bytes.len() - text.len(),
            named: 0,
            found,
            fault: None,
        }
    }

    /// Reads the whole text. `None` if it is no JSON; [`Walk::stop`] then says where it ceases to be.
    #[inline(always)]
    pub(super) fn text(&mut self, text: &'a [u8]) -> Option<()> {
        let rest = match text {
            [b'{', rest @ ..] => self.object(rest, Parent::Message, 1)?,
            other => {
                let problem = match other {
                    [b'[', ..] => Invalid::Batch,
                    _ => Invalid::NotAnObject,
                };
                self.fault(self.start, Fault::Invalid(problem));
                self.value(other, Slot::Unknown, Parent::Other, 0)?
            }
        };
        match trim(rest) {
            [] => Some(()),
            rest => self.walk.stop(rest, Expected::End),
        }
    }

    /// Reads an object that has members of interest, from behind its brace. It is the `level`th,
    /// counted from the outside; there are three at most.
    fn object(&mut self, text: &'a [u8], parent: Parent, level: usize) -> Option<&'a [u8]> {
        if level > self.walk.max_depth {
            let brace = self.walk.offset(text) - 1;
            self.walk.too_deep_at.get_or_insert(brace);
        }
        let mut text = trim(text);
        if let [b'}', rest @ ..] = text {
            return Some(rest);
        }
        loop {
            let offset = self.walk.offset(text);
            let (slot, value) = match Slot::spelled_plainly(parent, text) {
                Some((slot, rest)) => (self.claim(slot, parent, offset), trim(rest)),
                None => self.name(text, parent, offset)?,
            };
            text = self.value(value, slot, parent, level)?;
            if slot != Slot::Unknown {
                self.settle(slot, value, text);
            }
            loop {
                match text {
                    [b',', rest @ ..] => {
                        text = trim(rest);
                        break;
                    }
                    [b'}', rest @ ..] => return Some(rest),
                    [b' ' | b'\t' | b'\n' | b'\r', ..] => text = trim_slow(text),
                    _ => return self.walk.stop(text, Expected::CommaOrBrace),
                }
            }
        }
    }

    /// Reads a name and its colon, however they are spelled, to where the value starts.
    #[inline(never)]
    fn name(&mut self, text: &'a [u8], parent: Parent, offset: usize) -> Option<(Slot, &'a [u8])> {
        let [b'"', content @ ..] = text else {
            return self.walk.stop(text, Expected::Name);
        };
        let token = string(text);
        let Some(rest) = text.get(token.length..) else {
            return self.walk.stop(text, Expected::Name);
        };
        self.walk.flags |= token.flags;
        let name = content.get(..token.length - 2).unwrap_or_default();
        let slot = if token.flags & ESCAPED == 0 {
            Slot::of_member(parent, name)
        } else {
            // A name too long for the scratch space is longer than any that is known.
            let mut scratch = [0; 64];
            Slot::of_member(
                parent,
                unescape_into(name, &mut scratch).unwrap_or_default(),
            )
        };
        match trim(rest) {
            [b':', rest @ ..] => Some((self.claim(slot, parent, offset), trim(rest))),
            rest => self.walk.stop(rest, Expected::Colon),
        }
    }

    /// Reads the value of a slot of `outer`, which stands in `level` containers.
    #[inline(always)]
    fn value(
        &mut self,
        text: &'a [u8],
        slot: Slot,
        outer: Parent,
        level: usize,
    ) -> Option<&'a [u8]> {
        let length = match start(text) {
            Start::String => {
                let token = string(text);
                self.walk.flags |= token.flags;
                token.length
            }
            Start::Digit => from_digit(text),
            Start::OtherNumber => number(text),
            Start::Object => {
                return match slot.parent(outer) {
                    Parent::Other => skip(&mut self.walk, text, level),
                    parent => self.object(behind(text, 1), parent, level + 1),
                };
            }
            Start::Array => return skip(&mut self.walk, text, level),
            Start::True => literal(text, b"true"),
            Start::False => literal(text, b"false"),
            Start::Null => literal(text, b"null"),
            Start::Nothing | Start::Whitespace => NONE,
        };
        match text.get(length..) {
            Some(rest) => Some(rest),
            None => self.walk.stop(text, Expected::Value),
        }
    }
}
