//! Numbers, visited as `serde_json` visits them.

use serde_core::de::Visitor;

use super::Reader;
use super::error::Failed;

/// Whether `serde_json` keeps numbers as text, because somebody in the build wants its feature
/// `arbitrary_precision`. What asks for any value is then given such a text, in a way of its own.
const KEEPS_TEXT: bool = size_of::<serde_json::Number>() == size_of::<alloc::string::String>();

/// A number as far as it can be said without loss, or the nearest double.
enum Number {
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

impl Number {
    fn visit<'a, V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self {
            Self::Unsigned(n) => visitor.visit_u64(n),
            Self::Negative(n) => visitor.visit_i64(n),
            Self::Float(n) => visitor.visit_f64(n),
        }
    }
}

impl<'a> Reader<'a> {
    /// The number at hand for who asked for one.
    #[inline]
    pub(super) fn visit_number<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.number(false)?.visit(visitor)
    }

    /// The number at hand for who asked for a float of 32 bits, rounded once.
    pub(super) fn visit_single<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.number(true)?.visit(visitor)
    }

    /// The number at hand for who asked for any value.
    #[inline]
    pub(super) fn visit_any_number<V: Visitor<'a>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        match self.number(false)? {
            Number::Float(_) if KEEPS_TEXT => Err(self.fail()),
            number => number.visit(visitor),
        }
    }

    /// The integer at hand for who asked for one of 128 bits.
    pub(super) fn visit_i128<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.number_text().parse() {
            Ok(n) => visitor.visit_i128(n),
            Err(_) => Err(self.fail()),
        }
    }

    /// The same without sign.
    pub(super) fn visit_u128<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.number_text().parse() {
            Ok(n) => visitor.visit_u128(n),
            Err(_) => Err(self.fail()),
        }
    }

    #[inline]
    fn number(&mut self, single: bool) -> Result<Number, Failed> {
        self.peek();
        let start = self.at;
        let negative = self.byte() == b'-';
        if negative {
            self.at += 1;
        }
        let mut digits = Digits::default();
        digits.read(self);
        match self.byte() {
            _ if digits.count == 0 => Err(self.fail()),
            b'.' if !single => self.decimal(start, negative, digits),
            b'.' | b'e' | b'E' => self.float(start, single),
            _ if digits.count > MOST_DIGITS => self.long_integer(start, negative, single),
            _ => Ok(integer(negative, digits.value)),
        }
    }

    /// An integer of so many digits that it may not fit.
    #[cold]
    fn long_integer(
        &mut self,
        start: usize,
        negative: bool,
        single: bool,
    ) -> Result<Number, Failed> {
        let text = self.text.get(start..self.at).unwrap_or_default();
        match text.trim_start_matches('-').parse() {
            Ok(value) => Ok(integer(negative, value)),
            Err(_) => self.float(start, single),
        }
    }

    /// A number with a point. Few digits are an integer and a power of ten, both exact as doubles, and
    /// a division of the one by the other is rounded once: right, and all that is needed.
    #[inline]
    fn decimal(
        &mut self,
        start: usize,
        negative: bool,
        mut digits: Digits,
    ) -> Result<Number, Failed> {
        let whole = digits.count;
        self.at += 1;
        digits.read(self);
        let exact = digits.count <= EXACT_DIGITS && digits.count > whole;
        if !exact || matches!(self.byte(), b'e' | b'E') {
            return self.float(start, false);
        }
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let value = digits.value as f64;
        let Some(power) = POWERS.get(digits.count - whole) else {
            return self.float(start, false);
        };
        let value = value / power;
        Ok(Number::Float(if negative { -value } else { value }))
    }

    /// Any number, by the standard library.
    #[cold]
    fn float(&mut self, start: usize, single: bool) -> Result<Number, Failed> {
        self.at = start;
        let text = self.number_text();
        let value = if single {
            text.parse::<f32>().map(f64::from)
        } else {
            text.parse::<f64>()
        };
        match value {
            Ok(value) if value.is_finite() => Ok(Number::Float(value)),
            _ => Err(self.fail()),
        }
    }

    /// Steps over the number at hand, which is the text that it answers with.
    fn number_text(&mut self) -> &'a str {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .bytes()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

/// As many digits as fit into 64 bits whatever they are.
const MOST_DIGITS: usize = 19;

/// As many digits as fit into the 53 bits of a double whatever they are.
const EXACT_DIGITS: usize = 15;

/// Powers of ten that are exact as doubles, as far as [`EXACT_DIGITS`] go.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Digits and what they say; the latter holds for [`MOST_DIGITS`].
#[derive(Default)]
struct Digits {
    value: u64,
    count: usize,
}

impl Digits {
    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>) {
        let start = reader.at;
        while let Some(byte @ b'0'..=b'9') = reader.bytes().get(reader.at) {
            let digit = u64::from(byte - b'0');
            self.value = self.value.wrapping_mul(10).wrapping_add(digit);
            reader.at += 1;
        }
        self.count += reader.at - start;
    }
}

/// `-0` is a float, since no integer is it.
#[inline]
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "what wraps is seen by its sign, and what does not fit is the nearest double"
)]
fn integer(negative: bool, value: u64) -> Number {
    if !negative {
        return Number::Unsigned(value);
    }
    let negated = (value as i64).wrapping_neg();
    if negated < 0 {
        Number::Negative(negated)
    } else {
        Number::Float(-(value as f64))
    }
}

/// Whether `text` is a number by the grammar of JSON.
pub(super) fn is_number(text: &str) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < text.len()).then_some(rest)
    }
    fn number(text: &str) -> Option<bool> {
        let text = text.strip_prefix('-').unwrap_or(text);
        let mut rest = match text.strip_prefix('0') {
            Some(rest) => rest,
            None => digits(text)?,
        };
        if let Some(fraction) = rest.strip_prefix('.') {
            rest = digits(fraction)?;
        }
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            rest = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
        }
        Some(rest.is_empty())
    }
    number(text).unwrap_or(false)
}
