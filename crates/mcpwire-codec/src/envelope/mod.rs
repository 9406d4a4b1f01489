//! What makes a JSON text a message: the members that the codec knows, and the rules they follow.
//!
//! One walk over the text finds everything. A fault in what the members say does not end it: text
//! that turns out not to be JSON is a graver fault, and the `id` that the sender waits for may stand
//! behind. Of several faults the first in the text is told. Members that are unknown here are read
//! as JSON and otherwise left alone (BASE-44).

use mcpwire_types::RequestId;

use crate::error::{DecodeError, Invalid, Outline};
use crate::json::{Name, Reader, Span, SyntaxError};
use crate::limits::Limits;
use crate::part::{Kind, Member, Parent, Part, Slot};
use crate::text;

/// Methods that start like this are notifications.
const NOTIFICATIONS: &str = "notifications/";

/// Everything that is known of a valid message besides its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) id: Option<Id>,
    pub(crate) spans: Spans,
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
#[derive(Clone, Copy, Default)]
pub(crate) struct Spans([Span; Slot::COUNT]);

impl Spans {
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
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Found, DecodeError> {
    let limit = limits.max_message_bytes.min(u32::MAX as usize);
    if bytes.len() > limit {
        return Err(DecodeError::TooLong {
            limit,
            length: bytes.len(),
        });
    }
    if simdutf8::basic::from_utf8(bytes).is_err() {
        // Only the slower twin knows where.
        let offset = simdutf8::compat::from_utf8(bytes)
            .err()
            .map_or(0, |error| error.valid_up_to());
        return Err(DecodeError::Utf8 { offset });
    }
    let mut reader = Reader::new(bytes, limits.max_depth);
    let mut envelope = Envelope::new(bytes);
    match envelope.text(&mut reader) {
        Ok(()) => envelope.verdict(reader.too_deep_at(), limits),
        Err(SyntaxError { offset, syntax }) => Err(DecodeError::Syntax {
            offset,
            problem: syntax,
        }),
    }
}

#[derive(Clone, Copy)]
enum Fault {
    Duplicate(Member),
    Invalid(Invalid),
    TooDeep,
}

struct Envelope<'a> {
    bytes: &'a [u8],
    /// The offset of the first byte of the value.
    start: usize,
    /// One bit for each slot whose name was seen, be its value read or not.
    named: u32,
    spans: Spans,
    /// The value of `id`, if it is valid.
    id: Option<Id>,
    /// The first fault, and its offset.
    fault: Option<(usize, Fault)>,
}

/// One bit each in [`Envelope::named`].
const _: () = assert!(Slot::COUNT <= u32::BITS as usize);

type Read = Result<(), SyntaxError>;

impl<'a> Envelope<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            start: 0,
            named: 0,
            spans: Spans::default(),
            id: None,
            fault: None,
        }
    }

    fn text(&mut self, reader: &mut Reader<'a>) -> Read {
        reader.begin()?;
        self.start = reader.at();
        match reader.peek() {
            Some(b'{') => reader.members(|reader, name| self.member(reader, name))?,
            other => {
                let problem = if other == Some(b'[') {
                    Invalid::Batch
                } else {
                    Invalid::NotAnObject
                };
                self.fault(self.start, Fault::Invalid(problem));
                reader.value()?;
            }
        }
        reader.end()
    }

    /// A member of the message itself.
    fn member(&mut self, reader: &mut Reader<'a>, name: Name<'a>) -> Read {
        let Some(slot) = self.claim(Parent::Message, name) else {
            return reader.value().map(drop);
        };
        self.check_company(name.offset);
        let start = reader.at();
        match (slot, reader.peek()) {
            (Slot::Part(Part::Params), Some(b'{')) => reader.members(|reader, name| {
                self.payload_member(reader, name, Parent::Params, Parent::ParamsMeta)
            })?,
            (Slot::Part(Part::Result), Some(b'{')) => reader.members(|reader, name| {
                self.payload_member(reader, name, Parent::Result, Parent::ResultMeta)
            })?,
            (Slot::Part(Part::Error), Some(b'{')) => {
                reader.members(|reader, name| self.leaf(reader, name, Parent::Error))?;
                self.require(Slot::ErrorCode, Invalid::MissingErrorCode, start);
                self.require(Slot::ErrorMessage, Invalid::MissingErrorMessage, start);
            }
            _ => drop(reader.value()?),
        }
        self.settle(slot, Span::new(start, reader.at()));
        Ok(())
    }

    /// A member of `params` or `result`.
    fn payload_member(
        &mut self,
        reader: &mut Reader<'a>,
        name: Name<'a>,
        parent: Parent,
        meta: Parent,
    ) -> Read {
        let Some(slot) = self.claim(parent, name) else {
            return reader.value().map(drop);
        };
        let start = reader.at();
        match (slot, reader.peek()) {
            (Slot::Part(Part::Meta), Some(b'{')) => {
                reader.members(|reader, name| self.leaf(reader, name, meta))?;
            }
            _ => drop(reader.value()?),
        }
        self.settle(slot, Span::new(start, reader.at()));
        Ok(())
    }

    /// A member that has no members of interest itself.
    fn leaf(&mut self, reader: &mut Reader<'a>, name: Name<'a>, parent: Parent) -> Read {
        let slot = self.claim(parent, name);
        let span = reader.value()?;
        if let Some(slot) = slot {
            self.settle(slot, span);
        }
        Ok(())
    }

    /// The slot that a member fills, unless it is unknown or already filled.
    fn claim(&mut self, parent: Parent, name: Name<'a>) -> Option<Slot> {
        let slot = Slot::of_member(parent, name.resolve(&mut [0; 64]))?;
        if !self.is_named(slot) {
            self.named |= 1 << slot.index();
            return Some(slot);
        }
        if slot == Slot::Id {
            // Which of the two would be answered? Neither.
            self.id = None;
        }
        let kind = if matches!(parent, Parent::ResultMeta | Parent::Result) {
            Kind::Result
        } else {
            Kind::Request
        };
        self.fault(name.offset, Fault::Duplicate(slot.member(kind)));
        None
    }

    fn is_named(&self, slot: Slot) -> bool {
        self.named & 1 << slot.index() != 0
    }

    /// BASE-25, and that a message is one thing. Told at the name of the member that came too many.
    fn check_company(&mut self, offset: usize) {
        let result = self.is_named(Slot::Part(Part::Result));
        let error = self.is_named(Slot::Part(Part::Error));
        let request = self.is_named(Slot::Method) || self.is_named(Slot::Part(Part::Params));
        if request && (result || error) {
            self.fault(offset, Fault::Invalid(Invalid::RequestAndResponse));
        } else if result && error {
            self.fault(offset, Fault::Invalid(Invalid::ResultAndError));
        }
    }

    /// Takes the value of a slot, and holds it against its rules.
    fn settle(&mut self, slot: Slot, span: Span) {
        self.spans.set(slot, span);
        let value = span.of(self.bytes);
        let first = value.first().copied();
        let problem = match slot {
            Slot::Version => (!text::equals(value, "2.0")).then_some(Invalid::WrongVersion),
            Slot::Id => match read_id(value, span) {
                Ok(id) => {
                    self.id = Some(id);
                    None
                }
                Err(problem) => Some(problem),
            },
            Slot::Method => (first != Some(b'"')).then_some(Invalid::MethodNotAString),
            Slot::Part(Part::Params) => (first != Some(b'{')).then_some(Invalid::ParamsNotAnObject),
            Slot::Part(Part::Result) => (first != Some(b'{')).then_some(Invalid::ResultNotAnObject),
            Slot::Part(Part::ResultType) => {
                (first != Some(b'"')).then_some(Invalid::ResultTypeNotAString)
            }
            Slot::Part(Part::Error) => (first != Some(b'{')).then_some(Invalid::ErrorNotAnObject),
            Slot::ErrorCode => integer(value)
                .is_err()
                .then_some(Invalid::ErrorCodeNotAnInteger),
            Slot::ErrorMessage => (first != Some(b'"')).then_some(Invalid::ErrorMessageNotAString),
            Slot::ErrorData | Slot::Part(_) => None,
        };
        if let Some(problem) = problem {
            self.fault(span.start(), Fault::Invalid(problem));
        }
    }

    fn require(&mut self, slot: Slot, otherwise: Invalid, offset: usize) {
        if !self.is_named(slot) {
            self.fault(offset, Fault::Invalid(otherwise));
        }
    }

    fn fault(&mut self, offset: usize, fault: Fault) {
        self.fault.get_or_insert((offset, fault));
    }

    /// What the members make of the message; `None` if they contradict each other or say nothing.
    fn kind(&self) -> Option<Kind> {
        let result = self.is_named(Slot::Part(Part::Result));
        let error = self.is_named(Slot::Part(Part::Error));
        let params = self.is_named(Slot::Part(Part::Params));
        match (self.is_named(Slot::Method), result, error) {
            (true, false, false) if self.is_named(Slot::Id) => Some(Kind::Request),
            (true, false, false) => Some(Kind::Notification),
            (false, true, false) if !params => Some(Kind::Result),
            (false, false, true) if !params => Some(Kind::Error),
            _ => None,
        }
    }

    /// Rules about the message as a whole, once all of it has been read.
    fn verdict(
        mut self,
        too_deep_at: Option<usize>,
        limits: &Limits,
    ) -> Result<Found, DecodeError> {
        let kind = self.kind();
        self.require(Slot::Version, Invalid::MissingVersion, self.start);
        match kind {
            Some(Kind::Request) => self.check_request(),
            Some(Kind::Result) => self.require(Slot::Id, Invalid::MissingId, self.start),
            Some(Kind::Notification | Kind::Error) => {}
            None => self.fault(self.start, Fault::Invalid(Invalid::MissingMethod)),
        }
        if let Some(offset) = too_deep_at
            && self.fault.is_none_or(|(first, _)| offset < first)
        {
            self.fault = Some((offset, Fault::TooDeep));
        }
        match (self.fault, kind) {
            (None, Some(kind)) => Ok(Found {
                kind,
                id: self.id,
                spans: self.spans,
            }),
            (fault, kind) => Err(self.refusal(fault, kind, limits)),
        }
    }

    /// BASE-26: what calls itself a notification and has an `id` would be answered by one reader and
    /// not by the next.
    fn check_request(&mut self) {
        let method = self.spans.get(Slot::Method).unwrap_or_default();
        if text::starts_with(method.of(self.bytes), NOTIFICATIONS) {
            let id = self.spans.get(Slot::Id).unwrap_or_default();
            self.fault(id.start(), Fault::Invalid(Invalid::IdOnNotification));
        }
    }

    fn refusal(
        &self,
        fault: Option<(usize, Fault)>,
        kind: Option<Kind>,
        limits: &Limits,
    ) -> DecodeError {
        let id = self.id.map(|id| id.resolve(self.bytes).into_owned());
        let outline = Outline { id, kind };
        match fault.unwrap_or((self.start, Fault::Invalid(Invalid::MissingMethod))) {
            (offset, Fault::Duplicate(member)) => DecodeError::Duplicate {
                member,
                offset,
                outline,
            },
            (offset, Fault::Invalid(problem)) => DecodeError::Invalid {
                problem,
                offset,
                outline,
            },
            (offset, Fault::TooDeep) => DecodeError::TooDeep {
                limit: limits.max_depth,
                offset,
                outline,
            },
        }
    }
}

/// BASE-04, BASE-05, BASE-09.
fn read_id(value: &[u8], span: Span) -> Result<Id, Invalid> {
    match value.first() {
        Some(b'"') => Ok(Id::String(span)),
        Some(b'-' | b'0'..=b'9') => integer(value).map(Id::Integer),
        Some(b'n') => Err(Invalid::IdNull),
        _ => Err(Invalid::IdNotAStringOrInteger),
    }
}

/// An integer that can be echoed as it came. `-0` cannot: it is read as a float, or becomes `0`.
fn integer(number: &[u8]) -> Result<i64, Invalid> {
    let (negative, digits) = match number.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) || number == b"-0" {
        return Err(Invalid::IdNotAnInteger);
    }
    digits.iter().try_fold(0_i64, |integer, digit| {
        let digit = i64::from(digit - b'0');
        let shifted = integer.checked_mul(10).ok_or(Invalid::IdOutOfRange)?;
        let next = if negative {
            shifted.checked_sub(digit)
        } else {
            shifted.checked_add(digit)
        };
        next.ok_or(Invalid::IdOutOfRange)
    })
}

#[cfg(test)]
mod tests;
