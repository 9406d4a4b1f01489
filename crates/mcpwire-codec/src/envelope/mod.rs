//! What makes a JSON text a message: the members that the codec knows, and the rules they follow.
//!
//! One walk over the text finds everything. A fault in what the members say does not end it: text
//! that turns out not to be JSON is a graver fault, and the `id` that the sender waits for may stand
//! behind. Of several faults the first in the text is told. Members that are unknown here are read
//! as JSON and otherwise left alone (BASE-44).

mod rules;
mod walk;

use mcpwire_types::RequestId;

use crate::error::{DecodeError, Syntax};
use crate::json::{self, ESCAPED, Span, Stop, SyntaxError, trim};
use crate::limits::Limits;
use crate::part::Kind;
use crate::place;
use crate::slot::Slot;
use crate::text;
use walk::Envelope;

/// Everything that is known of a valid message besides its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) id: Option<Id>,
    pub(crate) spans: Spans,
}

impl Found {
    /// What is known of a message before it has been read.
    pub(crate) const fn nothing() -> Self {
        Self {
            kind: Kind::Notification,
            id: None,
            spans: Spans([Span::NONE; Slot::COUNT]),
        }
    }
}

/// An `id` that has been checked.
#[derive(Clone, Copy)]
pub(crate) enum Id {
    Integer(i64),
    /// The string with its quotes.
    String(Span),
}

impl Id {
    pub(crate) fn resolve(self, bytes: &[u8]) -> RequestId<'_> {
        match self {
            Self::Integer(integer) => RequestId::Integer(integer),
            Self::String(span) => {
                RequestId::String(text::unquote(span.of(bytes)).unwrap_or_default())
            }
        }
    }
}

/// Where each member stands that is read. One that is not there has the empty span.
#[derive(Clone, Copy)]
pub(crate) struct Spans([Span; Slot::COUNT]);

impl Spans {
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<Span> {
        self.0
            .get(slot.index())
            .copied()
            .filter(|span| !span.is_empty())
    }

    fn set(&mut self, slot: Slot, span: Span) {
        if let Some(place) = self.0.get_mut(slot.index()) {
            *place = span;
        }
    }
}

/// Reads one message: checks everything, finds everything, copies nothing.
///
/// `found` is [`Found::nothing`] before, and means something after success.
pub(crate) fn read(bytes: &[u8], limits: &Limits, found: &mut Found) -> Result<(), DecodeError> {
    let limit = limits.max_message_bytes.min(u32::MAX as usize);
    if bytes.len() > limit {
        return Err(DecodeError::TooLong {
            limit,
            length: bytes.len(),
        });
    }
    let text = trim(bytes);
    let mut envelope = Envelope::new(bytes, text, limits, found);
    let walked = envelope.text(text);
    // Bytes beyond ASCII outside of strings have ended the walk.
    if walked.is_none() || envelope.walk.flags & !ESCAPED != 0 {
        check_utf8(bytes)?;
    }
    match envelope.walk.stop {
        None => envelope.verdict(limits),
        Some(stop) => Err(syntax_error(bytes, text, stop)),
    }
}

fn check_utf8(bytes: &[u8]) -> Result<(), DecodeError> {
    if simdutf8::basic::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    // Only the slower twin knows where.
    let offset = simdutf8::compat::from_utf8(bytes)
        .err()
        .map_or(0, |error| error.valid_up_to());
    Err(DecodeError::Utf8 {
        offset,
        path: place::path(bytes, offset),
    })
}

#[cold]
fn syntax_error(bytes: &[u8], text: &[u8], stop: Stop) -> DecodeError {
    let SyntaxError { offset, syntax } = if bytes.starts_with(b"\xEF\xBB\xBF") {
        SyntaxError {
            offset: 0,
            syntax: Syntax::ByteOrderMark,
        }
    } else if text.is_empty() {
        SyntaxError {
            offset: bytes.len(),
            syntax: Syntax::Empty,
        }
    } else {
        json::fault(bytes, stop)
    };
    DecodeError::Syntax {
        offset,
        problem: syntax,
        path: place::path(bytes, offset),
    }
}

#[cfg(test)]
mod tests;
