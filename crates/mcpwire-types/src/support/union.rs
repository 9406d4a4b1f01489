//! Values that are one of several types, told apart by looking and never by trial.
//!
//! - [`tagged`]: by one member. If it comes first, the variant is read in the same pass; if not, the
//!   members before it are held as slices of the text and handed to the variant first.
//! - [`Look`]: by which members there are. The object is taken as a slice, looked at, then read.
//! - [`by_kind`]: by the kind of JSON value. The same, with a look at the first byte.
//!
//! What no variant fits survives as it is.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde_core::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StringDeserializer};
use serde_core::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;

use super::read::{Decode, Seed, duplicate, missing, next_key};
use crate::map::Map;
use crate::path;
use crate::raw::JSONValue;

/// A union that one member decides.
pub trait Tagged<'de>: Sized {
    /// That member.
    const TAG: &'static str;
    /// What its absence means.
    const DEFAULT: Option<&'static str>;

    /// Reads the variant that `tag` names from all members of the object.
    fn variant<A: MapAccess<'de>>(tag: &str, members: Replay<'de, A>) -> Result<Self, A::Error>;
}

/// Reads a union that one member decides.
pub fn tagged<'de, T: Tagged<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct TaggedVisitor<T>(PhantomData<T>);

    impl<'de, T: Tagged<'de>> Visitor<'de> for TaggedVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<T, A::Error> {
            let mut held = Vec::new();
            while let Some(name) = next_key(&mut access)? {
                let value: &'de RawValue = match access.next_value() {
                    Ok(value) => value,
                    Err(error) => return Err(path::in_member(&error, &name)),
                };
                if name == T::TAG {
                    let tag = super::text(value).map_err(|error| {
                        path::in_member(&path::apart::<A::Error>(&error), T::TAG)
                    })?;
                    return T::variant(&tag, Replay::new(held, Some((name, value)), access));
                }
                held.push((name, value));
            }
            match T::DEFAULT {
                Some(tag) => T::variant(tag, Replay::new(held, None, access)),
                None => Err(missing(T::TAG)),
            }
        }
    }

    from.deserialize_map(TaggedVisitor(PhantomData))
}

type Held<'de> = (Cow<'de, str>, &'de RawValue);

/// The members of an object from the start again, after some were read to find the tag.
#[derive(Debug)]
pub struct Replay<'de, A> {
    held: alloc::vec::IntoIter<Held<'de>>,
    /// Apart from the others, because it is the only one where the tag comes first, and a vector of one
    /// would be an allocation.
    tag: Option<Held<'de>>,
    value: Option<&'de RawValue>,
    live: A,
}

impl<'de, A: MapAccess<'de>> Replay<'de, A> {
    fn new(held: Vec<Held<'de>>, tag: Option<Held<'de>>, live: A) -> Self {
        Self {
            held: held.into_iter(),
            tag,
            value: None,
            live,
        }
    }

    /// All members as a `T`, which has to be an object or again a tagged union.
    pub fn read<T: Decode<'de>>(self) -> Result<T, A::Error> {
        T::decode(MapAccessDeserializer::new(self))
    }

    /// All members, for a variant that nobody knows: an equal value, since the object itself is gone.
    pub fn unknown(mut self) -> Result<JSONValue<'static>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = next_key(&mut self)? {
            match self.next_value::<&'de RawValue>() {
                Ok(value) => members.push((name, JSONValue::from_raw(value))),
                Err(error) => return Err(path::in_member(&error, &name)),
            }
        }
        let members = Map::from_read(members).map_err(|name| duplicate::<A::Error>(&name))?;
        JSONValue::from_serialize(&members).map_err(A::Error::custom)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some((name, value)) = self.held.next().or_else(|| self.tag.take()) else {
            return self.live.next_key_seed(seed);
        };
        self.value = Some(value);
        match name {
            Cow::Borrowed(name) => seed
                .deserialize(BorrowedStrDeserializer::new(name))
                .map(Some),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(|error| path::apart(&error)),
            None => self.live.next_value_seed(seed),
        }
    }
}

/// An object of which some members decide what it is.
#[derive(Debug)]
pub struct Look<'de> {
    raw: &'de RawValue,
    members: Vec<Held<'de>>,
}

impl<'de> Look<'de> {
    /// Takes the object as it is, and remembers where the members `names` are.
    pub fn at<D: Deserializer<'de>>(from: D, names: &[&str]) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(from)?;
        match raw.deserialize_map(NamesVisitor(names)) {
            Ok(members) => Ok(Self { raw, members }),
            Err(error) => Err(path::apart(&error)),
        }
    }

    /// Whether there is a member `name`.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(key, _)| key == name)
    }

    /// Whether there is a member `name`, and it is this string.
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.members
            .iter()
            .any(|(key, value)| key == name && super::text(*value).is_ok_and(|found| found == text))
    }

    /// Whether there is a member `name`, and it is an object with a member `inner`.
    pub fn has_in(&self, name: &str, inner: &str) -> bool {
        self.inside(name, &[inner])
            .is_some_and(|found| !found.is_empty())
    }

    /// Whether there is a member `name`, and it is an object with a member `inner` that is this string.
    pub fn is_in(&self, name: &str, inner: &str, text: &str) -> bool {
        self.inside(name, &[inner]).is_some_and(|found| {
            found
                .iter()
                .any(|(_, value)| super::text(*value).is_ok_and(|found| found == text))
        })
    }

    fn inside(&self, name: &str, inner: &[&str]) -> Option<Vec<Held<'de>>> {
        let (_, value) = self.members.iter().find(|(key, _)| key == name)?;
        value.deserialize_map(NamesVisitor(inner)).ok()
    }

    /// Reads the object as a `T`.
    pub fn read<T: Decode<'de>, E: serde_core::de::Error>(self) -> Result<T, E> {
        T::decode(self.raw).map_err(|error| path::apart(&error))
    }

    /// The object as it is.
    pub fn unknown(self) -> JSONValue<'de> {
        JSONValue::from_raw(self.raw)
    }
}

struct NamesVisitor<'n>(&'n [&'n str]);

impl<'de> Visitor<'de> for NamesVisitor<'_> {
    type Value = Vec<Held<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(name) = next_key(&mut access)? {
            if self.0.contains(&&*name) {
                found.push((name, access.next_value_seed(Seed::new())?));
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// What a JSON value is before one looks inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without a point or an exponent.
    Integer,
    /// Any other number.
    Number,
    /// `"…"`
    String,
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

impl JsonKind {
    pub(crate) fn of(raw: &RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') | None => Self::Null,
            Some(_) if text.contains(['.', 'e', 'E']) => Self::Number,
            Some(_) => Self::Integer,
        }
    }
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// A value of which the kind decides what it is.
pub fn by_kind<'de, D: Deserializer<'de>>(from: D) -> Result<(JsonKind, Kept<'de>), D::Error> {
    let raw = <&'de RawValue>::deserialize(from)?;
    Ok((JsonKind::of(raw), Kept(raw)))
}

/// The value that [`by_kind`] looked at.
#[derive(Debug)]
pub struct Kept<'de>(&'de RawValue);

impl<'de> Kept<'de> {
    /// Reads it as a `T`.
    pub fn read<T: Decode<'de>, E: serde_core::de::Error>(self) -> Result<T, E> {
        T::decode(self.0).map_err(|error| path::apart(&error))
    }

    /// The value as it is.
    pub fn unknown(self) -> JSONValue<'de> {
        JSONValue::from_raw(self.0)
    }
}
