//! Free JSON: values whose shape the schema leaves to the application, kept as the text they came as.
//!
//! Nothing here builds a tree. A value that nobody looks at is checked to be JSON once, and passed on
//! byte for byte.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, Error as _};
use serde_core::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::decode::{DecodeError, decode_str};
use crate::map::Extra;
use crate::support::{Decode, IntoOwned, JsonKind};

/// Any JSON value, as text.
///
/// Two values are equal when they say the same: white space and the order of members do not count.
/// (Unless they nest deeper than 128 levels; then only equal texts are.)
#[derive(Clone)]
pub struct JSONValue<'a>(Cow<'a, RawValue>);

/// A JSON object of any members, as text.
#[derive(Clone, PartialEq)]
pub struct JSONObject<'a>(JSONValue<'a>);

/// A JSON array of any items, as text.
#[derive(Clone, PartialEq)]
pub struct JSONArray<'a>(JSONValue<'a>);

impl<'a> JSONValue<'a> {
    /// `null`.
    pub const fn null() -> Self {
        Self(Cow::Borrowed(RawValue::NULL))
    }

    /// Takes one JSON text as a value; white space around it is dropped.
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Result<Self, DecodeError> {
        match text.into() {
            Cow::Borrowed(text) => decode_str(text).map(Self::from_raw),
            // Copying costs less than the second check that taking the string over would make.
            Cow::Owned(text) => {
                decode_str::<&RawValue>(&text).map(|raw| Self(Cow::Owned(raw.to_owned())))
            }
        }
    }

    /// Writes `value` as JSON.
    pub fn from_serialize<T: Serialize + ?Sized>(
        value: &T,
    ) -> Result<JSONValue<'static>, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(|raw| JSONValue(Cow::Owned(raw)))
    }

    pub(crate) const fn from_raw(raw: &'a RawValue) -> Self {
        Self(Cow::Borrowed(raw))
    }

    /// The JSON text, without white space around it.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads the value as a `T`, which may borrow from it.
    pub fn parse<'s, T: Deserialize<'s>>(&'s self) -> Result<T, DecodeError> {
        decode_str(self.as_str())
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.as_str() == "null"
    }

    /// The same value, borrowed from this one.
    pub fn borrowed(&self) -> JSONValue<'_> {
        JSONValue(Cow::Borrowed(&self.0))
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> JSONValue<'static> {
        JSONValue(Cow::Owned(self.0.into_owned()))
    }

    /// What kind of JSON value this is.
    pub(crate) fn kind(&self) -> JsonKind {
        JsonKind::of(&self.0)
    }
}

impl<'a> JSONObject<'a> {
    /// `{}`.
    pub fn empty() -> Self {
        Self(JSONValue::from_text("{}").unwrap_or(JSONValue::null()))
    }

    /// Takes the JSON text of an object.
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Result<Self, DecodeError> {
        Self::try_from(JSONValue::from_text(text)?)
    }

    /// Writes `value`, which has to be something with members, as JSON.
    pub fn from_serialize<T: Serialize + ?Sized>(
        value: &T,
    ) -> Result<JSONObject<'static>, serde_json::Error> {
        JSONObject::try_from(JSONValue::from_serialize(value)?)
            .map_err(|error| serde_core::ser::Error::custom(error.message()))
    }

    /// The JSON text, without white space around it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Reads the object as a `T`, which may borrow from it.
    pub fn parse<'s, T: Deserialize<'s>>(&'s self) -> Result<T, DecodeError> {
        self.0.parse()
    }

    /// The members by name, each still raw; a name that appears twice is an error.
    pub fn members(&self) -> Result<Extra<'_>, DecodeError> {
        self.parse()
    }

    /// The same object, borrowed from this one.
    pub fn borrowed(&self) -> JSONObject<'_> {
        JSONObject(self.0.borrowed())
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> JSONObject<'static> {
        JSONObject(self.0.into_owned())
    }
}

impl<'a> JSONArray<'a> {
    /// `[]`.
    pub fn empty() -> Self {
        Self(JSONValue::from_text("[]").unwrap_or(JSONValue::null()))
    }

    /// Takes the JSON text of an array.
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Result<Self, DecodeError> {
        Self::try_from(JSONValue::from_text(text)?)
    }

    /// Writes `value`, which has to be a sequence, as JSON.
    pub fn from_serialize<T: Serialize + ?Sized>(
        value: &T,
    ) -> Result<JSONArray<'static>, serde_json::Error> {
        JSONArray::try_from(JSONValue::from_serialize(value)?)
            .map_err(|error| serde_core::ser::Error::custom(error.message()))
    }

    /// The JSON text, without white space around it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Reads the array as a `T`, which may borrow from it.
    pub fn parse<'s, T: Deserialize<'s>>(&'s self) -> Result<T, DecodeError> {
        self.0.parse()
    }

    /// The items in order, each still raw.
    pub fn items(&self) -> Result<Vec<JSONValue<'_>>, DecodeError> {
        self.parse()
    }

    /// The same array, borrowed from this one.
    pub fn borrowed(&self) -> JSONArray<'_> {
        JSONArray(self.0.borrowed())
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> JSONArray<'static> {
        JSONArray(self.0.into_owned())
    }
}

impl PartialEq for JSONValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.as_str() == other.as_str() {
            return true;
        }
        match (
            self.parse::<serde_json::Value>(),
            other.parse::<serde_json::Value>(),
        ) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

impl From<bool> for JSONValue<'_> {
    fn from(value: bool) -> Self {
        Self::from_raw(if value {
            RawValue::TRUE
        } else {
            RawValue::FALSE
        })
    }
}

/// A tree of JSON values, written out.
impl From<serde_json::Value> for JSONValue<'_> {
    fn from(value: serde_json::Value) -> Self {
        // Every such tree can be written: it has only string keys and finite numbers.
        Self::from_serialize(&value).unwrap_or(JSONValue::null())
    }
}

impl<'a> From<&'a RawValue> for JSONValue<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Self::from_raw(raw)
    }
}

impl From<Box<RawValue>> for JSONValue<'_> {
    fn from(raw: Box<RawValue>) -> Self {
        Self(Cow::Owned(raw))
    }
}

impl<'a> From<JSONObject<'a>> for JSONValue<'a> {
    fn from(object: JSONObject<'a>) -> Self {
        object.0
    }
}

impl<'a> From<JSONArray<'a>> for JSONValue<'a> {
    fn from(array: JSONArray<'a>) -> Self {
        array.0
    }
}

impl<'a> TryFrom<JSONValue<'a>> for JSONObject<'a> {
    type Error = DecodeError;

    fn try_from(value: JSONValue<'a>) -> Result<Self, DecodeError> {
        match value.kind() {
            JsonKind::Object => Ok(Self(value)),
            found => Err(DecodeError::of_value(format_args!(
                "expected an object, found {found}"
            ))),
        }
    }
}

impl<'a> TryFrom<JSONValue<'a>> for JSONArray<'a> {
    type Error = DecodeError;

    fn try_from(value: JSONValue<'a>) -> Result<Self, DecodeError> {
        match value.kind() {
            JsonKind::Array => Ok(Self(value)),
            found => Err(DecodeError::of_value(format_args!(
                "expected an array, found {found}"
            ))),
        }
    }
}

impl<'de: 'a, 'a> Decode<'de> for JSONValue<'a> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(from).map(Self::from_raw)
    }
}

impl<'de: 'a, 'a> Decode<'de> for JSONObject<'a> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(JSONValue::decode(from)?).map_err(|error| D::Error::custom(error.message()))
    }
}

impl<'de: 'a, 'a> Decode<'de> for JSONArray<'a> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(JSONValue::decode(from)?).map_err(|error| D::Error::custom(error.message()))
    }
}

macro_rules! raw_serde {
    ($($name:ident)*) => { $(
        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::decode(from)
            }
        }

        impl Serialize for $name<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(to)
            }
        }

        impl IntoOwned for $name<'_> {
            type Static = $name<'static>;

            fn into_owned(self) -> Self::Static {
                self.into_owned()
            }
        }

        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// The JSON text.
        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )* };
}

raw_serde!(JSONValue JSONObject JSONArray);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_and_checked() {
        let value = JSONValue::from_text(" {\"b\": 1,\n\"a\": 1e2} ").unwrap();
        assert_eq!(value.as_str(), "{\"b\": 1,\n\"a\": 1e2}");
        assert_eq!(value.clone().into_owned().as_str(), value.as_str());
        assert_eq!(
            JSONValue::from_text(String::from(" 1 ")).unwrap().as_str(),
            "1"
        );
        for bad in ["", "{", "1 2", "{]", "'a'"] {
            let (borrowed, owned) = (
                JSONValue::from_text(bad),
                JSONValue::from_text(bad.to_owned()),
            );
            assert_eq!(borrowed.unwrap_err(), owned.unwrap_err());
        }
    }

    #[test]
    fn equality_is_that_of_the_values() {
        let value = |text: &'static str| JSONValue::from_text(text).unwrap();
        assert_eq!(
            value("{\"a\":1,\"b\":[]}"),
            value("{ \"b\": [ ], \"a\": 1 }")
        );
        assert_ne!(value("{\"a\":1}"), value("{\"a\":2}"));
        assert_eq!(value("\"\\u0061\""), value("\"a\""));
    }

    #[test]
    fn objects_and_arrays_are_what_they_say() {
        assert_eq!(JSONObject::empty().as_str(), "{}");
        assert_eq!(JSONArray::empty().as_str(), "[]");
        let error = JSONObject::from_text("[1]").unwrap_err();
        assert_eq!(
            error.to_string(),
            "$: expected an object, found an array (at byte 0)"
        );
        assert!(JSONArray::from_text("{}").is_err());
        assert!(JSONObject::from_serialize("text").is_err());
        let object = JSONObject::from_text("{\"a\": null}").unwrap();
        assert!(object.members().unwrap().get("a").unwrap().is_null());
        assert!(
            JSONObject::from_text("{\"a\":1,\"a\":2}")
                .unwrap()
                .members()
                .is_err()
        );
    }
}
