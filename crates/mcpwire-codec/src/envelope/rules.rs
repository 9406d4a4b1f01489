//! The rules that the members of a message follow, and the verdict on all of it.
#![allow(
    clippy::inline_always,
    reason = "asked for each member of each message; measured"
)]

use super::Id;
use super::walk::Envelope;
use crate::error::{DecodeError, Invalid, Outline};
use crate::json::{Span, first};
use crate::limits::Limits;
use crate::part::{Kind, Member};
use crate::place;
use crate::slot::{Parent, Slot};
use crate::text;

/// Methods that start like this are notifications.
const NOTIFICATIONS: &str = "notifications/";

#[derive(Clone, Copy)]
pub(super) enum Fault {
    Duplicate(Member),
    Invalid(Invalid),
    TooDeep,
}

impl Envelope<'_, '_> {
    /// Takes note of the name of a member; its slot, unless that is filled.
    #[inline(always)]
    pub(super) fn claim(&mut self, slot: Slot, parent: Parent, offset: usize) -> Slot {
        if self.named & slot.rivals() != 0 {
            return self.contested(slot, parent, offset);
        }
        self.named |= slot.bit();
        slot
    }

    /// A member that is there twice, or in the wrong company (BASE-25). Told at its name.
    #[cold]
    #[inline(never)]
    fn contested(&mut self, slot: Slot, parent: Parent, offset: usize) -> Slot {
        if self.is_named(slot) {
            self.duplicate(slot, parent, offset);
            return Slot::Unknown;
        }
        self.named |= slot.bit();
        let request = self.is_named(Slot::Method) || self.is_named(Slot::Params);
        self.fault(
            offset,
            Fault::Invalid(if request {
                Invalid::RequestAndResponse
            } else {
                Invalid::ResultAndError
            }),
        );
        slot
    }

    /// Takes the value of a slot, of which `text` is the start and `rest` what is behind it, and holds
    /// it against its rules.
    #[inline(always)]
    pub(super) fn settle(&mut self, slot: Slot, text: &[u8], rest: &[u8]) {
        let span = Span::new(self.walk.offset(text), self.walk.offset(rest));
        self.found.spans.set(slot, span);
        let first = first(text);
        let value = || text.get(..text.len() - rest.len()).unwrap_or_default();
        let problem = match slot {
            Slot::Version if value() == b"\"2.0\"" => return,
            Slot::Version => (!text::equals(value(), "2.0")).then_some(Invalid::WrongVersion),
            Slot::Id => match read_id(value(), span) {
                Ok(id) => {
                    self.found.id = Some(id);
                    return;
                }
                Err(problem) => Some(problem),
            },
            Slot::Method => (first != b'"').then_some(Invalid::MethodNotAString),
            Slot::Params => (first != b'{').then_some(Invalid::ParamsNotAnObject),
            Slot::Result => (first != b'{').then_some(Invalid::ResultNotAnObject),
            Slot::ResultType => (first != b'"').then_some(Invalid::ResultTypeNotAString),
            Slot::Error if first == b'{' => {
                self.require(Slot::ErrorCode, Invalid::MissingErrorCode, span.start());
                self.require(
                    Slot::ErrorMessage,
                    Invalid::MissingErrorMessage,
                    span.start(),
                );
                return;
            }
            Slot::Error => Some(Invalid::ErrorNotAnObject),
            Slot::ErrorCode => integer(value())
                .is_err()
                .then_some(Invalid::ErrorCodeNotAnInteger),
            Slot::ErrorMessage => (first != b'"').then_some(Invalid::ErrorMessageNotAString),
            _ => return,
        };
        if let Some(problem) = problem {
            self.fault(span.start(), Fault::Invalid(problem));
        }
    }

    fn duplicate(&mut self, slot: Slot, parent: Parent, offset: usize) {
        if slot == Slot::Id {
            // Which of the two would be answered? Neither.
            self.found.id = None;
        }
        let kind = if matches!(parent, Parent::ResultMeta | Parent::Result) {
            Kind::Result
        } else {
            Kind::Request
        };
        self.fault(offset, Fault::Duplicate(slot.member(kind)));
    }

    fn is_named(&self, slot: Slot) -> bool {
        self.named & slot.bit() != 0
    }

    fn require(&mut self, slot: Slot, otherwise: Invalid, offset: usize) {
        if !self.is_named(slot) {
            self.fault(offset, Fault::Invalid(otherwise));
        }
    }

    #[cold]
    pub(super) fn fault(&mut self, offset: usize, fault: Fault) {
        self.fault.get_or_insert((offset, fault));
    }

    /// What the members make of the message; `None` if they contradict each other or say nothing.
    fn kind(&self) -> Option<Kind> {
        let result = self.is_named(Slot::Result);
        let error = self.is_named(Slot::Error);
        let params = self.is_named(Slot::Params);
        match (self.is_named(Slot::Method), result, error) {
            (true, false, false) if self.is_named(Slot::Id) => Some(Kind::Request),
            (true, false, false) => Some(Kind::Notification),
            (false, true, false) if !params => Some(Kind::Result),
            (false, false, true) if !params => Some(Kind::Error),
            _ => None,
        }
    }

    /// Rules about the message as a whole, once all of it has been read.
    pub(super) fn verdict(&mut self, limits: &Limits) -> Result<(), DecodeError> {
        let kind = self.kind();
        self.require(Slot::Version, Invalid::MissingVersion, self.start);
        match kind {
            Some(Kind::Request) => self.check_request(),
            Some(Kind::Result) => self.require(Slot::Id, Invalid::MissingId, self.start),
            Some(Kind::Notification | Kind::Error) => {}
            None => self.fault(self.start, Fault::Invalid(Invalid::MissingMethod)),
        }
        if let Some(offset) = self.walk.too_deep_at
            && self.fault.is_none_or(|(first, _)| offset < first)
        {
            self.fault = Some((offset, Fault::TooDeep));
        }
        match (self.fault, kind) {
            (None, Some(kind)) => {
                self.found.kind = kind;
                Ok(())
            }
            (fault, kind) => Err(self.refusal(fault, kind, limits)),
        }
    }

    /// BASE-26: what calls itself a notification and has an `id` would be answered by one reader and
    /// not by the next.
    fn check_request(&mut self) {
        let method = self
            .found
            .spans
            .get(Slot::Method)
            .unwrap_or(Span::NONE)
            .of(self.walk.bytes);
        // Escapes aside, the first letter tells in most cases.
        if matches!(method, [_, b'n' | b'\\', ..]) && text::starts_with(method, NOTIFICATIONS) {
            let id = self.found.spans.get(Slot::Id).unwrap_or(Span::NONE);
            self.fault(id.start(), Fault::Invalid(Invalid::IdOnNotification));
        }
    }

    fn refusal(
        &self,
        fault: Option<(usize, Fault)>,
        kind: Option<Kind>,
        limits: &Limits,
    ) -> DecodeError {
        let id = self
            .found
            .id
            .map(|id| id.resolve(self.walk.bytes).into_owned());
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
                path: place::path(self.walk.bytes, offset),
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
pub(super) fn integer(number: &[u8]) -> Result<i64, Invalid> {
    /// As many digits as fit whatever they are.
    const FEW: usize = 18;
    if number.len() > FEW || first(number) == b'-' {
        return any_integer(number);
    }
    let mut integer = 0;
    for digit in number {
        if !digit.is_ascii_digit() {
            return Err(Invalid::IdNotAnInteger);
        }
        integer = integer * 10 + i64::from(digit - b'0');
    }
    Ok(integer)
}

fn any_integer(number: &[u8]) -> Result<i64, Invalid> {
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
