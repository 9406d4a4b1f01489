//! Objects out, member by member.

use serde_core::ser::{Error as _, Serialize, SerializeMap, Serializer};

use crate::map::Extra;

/// Writes the members of one object, in the order in which it is told of them.
#[derive(Debug)]
pub struct Writer<S: Serializer> {
    map: S::SerializeMap,
}

impl<S: Serializer> Writer<S> {
    /// Opens the object.
    pub fn new(to: S) -> Result<Self, S::Error> {
        Ok(Self {
            map: to.serialize_map(None)?,
        })
    }

    /// A member that is always there.
    pub fn member<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        self.map.serialize_entry(name, value)
    }

    /// A member that is left out when there is nothing to say.
    pub fn optional<T: Serialize>(
        &mut self,
        name: &'static str,
        value: Option<&T>,
    ) -> Result<(), S::Error> {
        match value {
            Some(value) => self.map.serialize_entry(name, value),
            None => Ok(()),
        }
    }

    /// The members without a field, and the end. One that has the name of a field would make the
    /// object say two things.
    pub fn extra(mut self, extra: &Extra<'_>, members: &[&str]) -> Result<S::Ok, S::Error> {
        for (name, value) in extra.iter() {
            if members.contains(&name) {
                let message = format_args!(
                    "member `{name}` has a field of its own and cannot be among the extra ones"
                );
                return Err(S::Error::custom(message));
            }
            self.map.serialize_entry(name, value)?;
        }
        self.map.end()
    }
}
