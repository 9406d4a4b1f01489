//! JSON numbers that the schema lets be integers or fractions.

use core::fmt;

use serde_core::de::{self, Deserialize, Deserializer, Visitor};
use serde_core::ser::{Error as _, Serialize, Serializer};

use crate::support::{Decode, IntoOwned};

/// A JSON number that stays what it was: `1` is not rewritten as `1.0`, nor the other way round.
///
/// Holds every 64-bit integer exactly, and any other number as a double. A double that JSON cannot
/// say (not a number, infinite) is an error when written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(Repr);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Repr {
    Integer(i64),
    /// Only what does not fit into `Integer`, so that equal integers compare equal.
    Large(u64),
    Float(f64),
}

impl Number {
    /// The nearest double.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest double is what was asked for"
    )]
    pub fn as_f64(&self) -> f64 {
        match self.0 {
            Repr::Integer(n) => n as f64,
            Repr::Large(n) => n as f64,
            Repr::Float(n) => n,
        }
    }

    /// The integer, if the number was written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Integer(n) => Some(n),
            Repr::Large(_) | Repr::Float(_) => None,
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(Repr::Integer(n))
    }
}

impl From<i32> for Number {
    fn from(n: i32) -> Self {
        Self(Repr::Integer(n.into()))
    }
}

impl From<u32> for Number {
    fn from(n: u32) -> Self {
        Self(Repr::Integer(n.into()))
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Self(i64::try_from(n).map_or(Repr::Large(n), Repr::Integer))
    }
}

impl From<f64> for Number {
    fn from(n: f64) -> Self {
        Self(Repr::Float(n))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Integer(n) => n.fmt(f),
            Repr::Large(n) => n.fmt(f),
            Repr::Float(n) => write!(f, "{n:?}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Repr::Integer(n) => to.serialize_i64(n),
            Repr::Large(n) => to.serialize_u64(n),
            // serde_json would write `null`, and the receiver would learn of it instead of us.
            Repr::Float(n) if !n.is_finite() => {
                Err(S::Error::custom(format_args!("{n} is not a JSON number")))
            }
            Repr::Float(n) => to.serialize_f64(n),
        }
    }
}

impl<'de> Decode<'de> for Number {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::decode(from)
    }
}

impl IntoOwned for Number {
    type Static = Self;

    fn into_owned(self) -> Self {
        self
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Number, E> {
        Ok(n.into())
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Number, E> {
        Ok(n.into())
    }

    fn visit_f64<E: de::Error>(self, n: f64) -> Result<Number, E> {
        Ok(n.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_what_they_were() {
        for text in [
            "0",
            "1",
            "1.0",
            "-1",
            "0.5",
            "1e300",
            "9223372036854775807",
            "18446744073709551615",
            "-0.0",
        ] {
            let number: Number = crate::decode_str(text).unwrap();
            let again = serde_json::to_string(&number).unwrap();
            let (a, b): (serde_json::Value, serde_json::Value) = (
                serde_json::from_str(text).unwrap(),
                serde_json::from_str(&again).unwrap(),
            );
            assert_eq!(a, b);
        }
    }

    #[test]
    fn what_json_cannot_say_is_an_error_when_written() {
        for n in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(serde_json::to_string(&Number::from(n)).is_err());
        }
    }

    #[test]
    fn strings_are_not_numbers() {
        assert!(crate::decode_str::<Number>("\"1\"").is_err());
        assert!(crate::decode_str::<Number>("null").is_err());
    }
}
