//! Identifiers that a peer chooses and that are echoed with their JSON type: request IDs and
//! progress tokens (BASE-04, BASE-09, PROG-02).
//!
//! Which IDs are in use, and for how long, is the business of whoever sends requests.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use serde_core::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde_core::ser::{Serialize, Serializer};

use crate::support::{Decode, IntoOwned};

/// Identifies a request until it is answered (`1` and `"1"` are different IDs, BASE-09).
///
/// `null`, booleans and numbers written with a point or an exponent are refused when read (BASE-05):
/// an ID is echoed exactly as it came. Keep integers inside ±(2^53-1), so that peers with
/// double-precision numbers echo them intact (BASE-45).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the schema closes the set: a string or an integer"
)]
pub enum RequestId<'a> {
    /// A JSON integer.
    Integer(i64),
    /// A JSON string.
    String(Cow<'a, str>),
}

/// Ties progress notifications to the request that asked for them (PROG-01, PROG-02).
pub type ProgressToken<'a> = RequestId<'a>;

impl RequestId<'_> {
    /// A copy that borrows nothing.
    pub fn into_owned(self) -> RequestId<'static> {
        match self {
            Self::Integer(n) => RequestId::Integer(n),
            Self::String(s) => RequestId::String(Cow::Owned(s.into_owned())),
        }
    }

    /// The same ID, borrowed from this one.
    pub fn borrowed(&self) -> RequestId<'_> {
        match self {
            Self::Integer(n) => RequestId::Integer(*n),
            Self::String(s) => RequestId::String(Cow::Borrowed(s)),
        }
    }
}

impl From<i64> for RequestId<'_> {
    fn from(id: i64) -> Self {
        Self::Integer(id)
    }
}

impl<'a> From<&'a str> for RequestId<'a> {
    fn from(id: &'a str) -> Self {
        Self::String(Cow::Borrowed(id))
    }
}

impl From<String> for RequestId<'_> {
    fn from(id: String) -> Self {
        Self::String(Cow::Owned(id))
    }
}

impl<'a> From<Cow<'a, str>> for RequestId<'a> {
    fn from(id: Cow<'a, str>) -> Self {
        Self::String(id)
    }
}

/// For logs: strings are quoted and escaped, so that `92` and `"92"` look different.
impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => write!(f, "{n}"),
            Self::String(s) => write!(f, "{s:?}"),
        }
    }
}

impl Serialize for RequestId<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(n) => to.serialize_i64(*n),
            Self::String(s) => to.serialize_str(s),
        }
    }
}

impl<'de: 'a, 'a> Decode<'de> for RequestId<'a> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(IdVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RequestId<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::decode(from)
    }
}

impl IntoOwned for RequestId<'_> {
    type Static = RequestId<'static>;

    fn into_owned(self) -> RequestId<'static> {
        self.into_owned()
    }
}

struct IdVisitor;

/// Everything that is not named here (`null`, booleans, numbers with a fraction or an exponent) falls
/// to serde's own refusal, which says what was found.
impl<'de> Visitor<'de> for IdVisitor {
    type Value = RequestId<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an integer")
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<Self::Value, E> {
        Ok(RequestId::Integer(id))
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Self::Value, E> {
        match i64::try_from(id) {
            Ok(id) => Ok(RequestId::Integer(id)),
            Err(_) => Err(E::invalid_value(
                Unexpected::Unsigned(id),
                &"an integer of at most 64 bits with sign",
            )),
        }
    }

    fn visit_borrowed_str<E: de::Error>(self, id: &'de str) -> Result<Self::Value, E> {
        Ok(RequestId::String(Cow::Borrowed(id)))
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<Self::Value, E> {
        Ok(RequestId::String(Cow::Owned(id.to_owned())))
    }

    fn visit_string<E: de::Error>(self, id: String) -> Result<Self::Value, E> {
        Ok(RequestId::String(Cow::Owned(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_05_and_09_refused_ids_say_what_was_found() {
        let refused = [
            ("null", "null"),
            ("1.5", "floating point `1.5`"),
            ("1.0", "floating point `1.0`"),
            ("1e3", "floating point `1000.0`"),
            ("true", "boolean `true`"),
            ("[1]", "sequence"),
            ("{}", "map"),
            ("9223372036854775808", "integer `9223372036854775808`"),
        ];
        for (text, found) in refused {
            let error = crate::decode_str::<RequestId<'_>>(text).unwrap_err();
            assert!(error.to_string().contains(found), "{text}: {error}");
        }
    }

    #[test]
    fn base_09_the_json_type_is_kept() {
        for text in ["1", "\"1\"", "-9223372036854775808", "\"a\\nb\"", "\"\""] {
            let id: RequestId<'_> = crate::decode_str(text).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), text);
            assert_eq!(serde_json::to_string(&id.borrowed()).unwrap(), text);
        }
        assert_ne!(RequestId::from(1), RequestId::from("1"));
        assert_ne!(
            RequestId::from(1).to_string(),
            RequestId::from("1").to_string()
        );
    }
}
