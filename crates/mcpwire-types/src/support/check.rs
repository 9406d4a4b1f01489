//! Objects that are kept raw, but not before the members that the schema fixes were looked at.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::read::{Decode, duplicate, missing, next_key, unexpected};
use crate::decode::DecodeError;
use crate::path;
use crate::raw::JSONObject;

/// What a member of a raw object has to be.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The member.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it has to be if it is there.
    pub demand: Demand,
}

/// What a value has to be.
#[derive(Clone, Copy, Debug)]
pub enum Demand {
    /// This string.
    Text(&'static str),
    /// This integer.
    Integer(i64),
    /// Something that can be read; see [`is`].
    Is(fn(&RawValue) -> Result<(), serde_json::Error>),
    /// Anything.
    Any,
}

/// Whether a value can be read as a `T`, which borrows for any lifetime.
pub fn is<'de, T: Decode<'de>>(raw: &'de RawValue) -> Result<(), serde_json::Error> {
    T::decode(raw).map(drop)
}

/// Looks at the members of a raw object.
pub fn check_object<E: serde_core::de::Error>(
    object: &JSONObject<'_>,
    checks: &'static [Check],
) -> Result<(), E> {
    let mut from = serde_json::Deserializer::from_str(object.as_str());
    from.deserialize_map(CheckVisitor(checks))
        .map_err(|error| path::apart(&error))
}

/// The error of a raw object that [`check_object`] refused.
#[cold]
pub fn refused(error: &serde_json::Error, object: &JSONObject<'_>) -> DecodeError {
    DecodeError::new(error, object.as_str().as_bytes())
}

struct CheckVisitor(&'static [Check]);

impl<'de> Visitor<'de> for CheckVisitor {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(name) = next_key(&mut access)? {
            let value: &RawValue = access.next_value()?;
            let Some(check) = self.0.iter().find(|check| check.name == name) else {
                continue;
            };
            if seen.contains(&check.name) {
                return Err(duplicate(check.name));
            }
            check.demand.look(check.name, value)?;
            seen.push(check.name);
        }
        match self
            .0
            .iter()
            .find(|check| check.required && !seen.contains(&check.name))
        {
            Some(check) => Err(missing(check.name)),
            None => Ok(()),
        }
    }
}

impl Demand {
    fn look<E: serde_core::de::Error>(&self, name: &str, value: &RawValue) -> Result<(), E> {
        let outcome = match self {
            Self::Any => Ok(()),
            Self::Is(check) => check(value),
            Self::Text(expected) => match Cow::<'_, str>::decode(value) {
                Ok(found) if found == *expected => Ok(()),
                Ok(found) => {
                    return Err(unexpected(
                        name,
                        &format_args!("{expected:?}"),
                        &format_args!("{found:?}"),
                    ));
                }
                Err(error) => Err(error),
            },
            Self::Integer(expected) => match i64::decode(value) {
                Ok(found) if found == *expected => Ok(()),
                Ok(found) => return Err(unexpected(name, expected, &found)),
                Err(error) => Err(error),
            },
        };
        outcome.map_err(|error| path::in_member(&path::apart::<E>(&error), name))
    }
}
