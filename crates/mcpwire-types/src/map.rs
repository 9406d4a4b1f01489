//! Objects whose member names the schema leaves open.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};

use crate::path;
use crate::raw::JSONValue;
use crate::support::{Decode, IntoOwned, Seed, next_key};

/// A JSON object of any member names, each with a `T`: in the order of the text, without duplicates.
///
/// Two maps are equal when they have equal members, in whatever order. Looking a member up walks the
/// list: these objects are small, and whoever expects thousands of members collects them into a
/// `HashMap` once.
#[derive(Clone)]
pub struct Map<'a, T> {
    members: Vec<(Cow<'a, str>, T)>,
}

/// Members that the schema does not name, kept as they came so that they survive (BASE-44).
///
/// Writing refuses a name that the type around it has a field for.
pub type Extra<'a> = Map<'a, JSONValue<'a>>;

impl<'a, T> Map<'a, T> {
    /// An object without members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of the member `name`.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The value of the member `name`, to change it in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.members
            .iter_mut()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// Whether there is a member `name`.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a member, at its old place or else at the end, and gives back what it was before.
    pub fn insert(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<T>) -> Option<T> {
        let (name, value) = (name.into(), value.into());
        if let Some(old) = self.get_mut(&name) {
            return Some(core::mem::replace(old, value));
        }
        self.members.push((name, value));
        None
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        let at = self.members.iter().position(|(key, _)| key == name)?;
        Some(self.members.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &T)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.members.iter().map(|(name, _)| &**name)
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.members.iter().map(|(_, value)| value)
    }

    /// Takes members as they were read, and refuses them with the name that appears twice.
    pub(crate) fn from_read(members: Vec<(Cow<'a, str>, T)>) -> Result<Self, Cow<'a, str>> {
        match duplicate(&members) {
            Some(name) => Err(name),
            None => Ok(Self { members }),
        }
    }
}

impl<T> Map<'_, T> {
    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Map<'static, T::Static>
    where
        T: IntoOwned,
    {
        let own =
            |(name, value): (Cow<'_, str>, T)| (Cow::Owned(name.into_owned()), value.into_owned());
        Map {
            members: self.members.into_iter().map(own).collect(),
        }
    }
}

/// Sorts instead of comparing each with each, so that an object made of a million members by
/// somebody who means ill costs what its length says.
fn duplicate<'a, T>(members: &[(Cow<'a, str>, T)]) -> Option<Cow<'a, str>> {
    if members.len() < 2 {
        return None;
    }
    let mut names: Vec<&Cow<'a, str>> = members.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some((*a).clone()),
        _ => None,
    })
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Map<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for Map<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.iter().eq(other.iter()) {
            return true;
        }
        let sorted = |map: &Self| -> Vec<usize> {
            let mut order: Vec<usize> = (0..map.len()).collect();
            order.sort_unstable_by_key(|at| map.members.get(*at).map(|(name, _)| name.clone()));
            order
        };
        let (ours, theirs) = (sorted(self), sorted(other));
        ours.iter()
            .zip(&theirs)
            .all(|(a, b)| self.members.get(*a) == other.members.get(*b))
    }
}

impl<'a, T> IntoIterator for Map<'a, T> {
    type Item = (Cow<'a, str>, T);
    type IntoIter = alloc::vec::IntoIter<(Cow<'a, str>, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// The last of several values under one name wins, at the place of the first.
impl<'a, K: Into<Cow<'a, str>>, V: Into<T>, T> FromIterator<(K, V)> for Map<'a, T> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut map = Self::new();
        map.extend(members);
        map
    }
}

impl<'a, K: Into<Cow<'a, str>>, V: Into<T>, T> Extend<(K, V)> for Map<'a, T> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, members: I) {
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl<'a, K: Into<Cow<'a, str>>, V: Into<T>, T, const N: usize> From<[(K, V); N]> for Map<'a, T> {
    fn from(members: [(K, V); N]) -> Self {
        members.into_iter().collect()
    }
}

impl<T: Serialize> Serialize for Map<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de: 'a, 'a, T: Decode<'de>> Decode<'de> for Map<'a, T> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MapVisitor(core::marker::PhantomData))
    }
}

impl<'de: 'a, 'a, T: Decode<'de>> Deserialize<'de> for Map<'a, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::decode(from)
    }
}

impl<T: IntoOwned> IntoOwned for Map<'_, T> {
    type Static = Map<'static, T::Static>;

    fn into_owned(self) -> Self::Static {
        self.into_owned()
    }
}

struct MapVisitor<T>(core::marker::PhantomData<T>);

impl<'de, T: Decode<'de>> Visitor<'de> for MapVisitor<T> {
    type Value = Map<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = next_key(&mut access)? {
            match access.next_value_seed(Seed::new()) {
                Ok(value) => members.push((key, value)),
                Err(error) => return Err(path::in_member(&error, &key)),
            }
        }
        Map::from_read(members).map_err(|name| crate::support::duplicate(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_and_duplicates_do_not() {
        let map: Map<'_, i64> = crate::decode_str(r#"{"b": 1, "a": 2}"#).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"b":1,"a":2}"#);
        assert_eq!(map, Map::from([("a", 2), ("b", 1)]));
        assert_ne!(map, Map::from([("a", 2), ("b", 2)]));
        assert_ne!(map, Map::from([("a", 2), ("c", 1)]));
        let error =
            crate::decode_str::<Map<'_, i64>>(r#"{"b": 1, "a": 2, "\u0062": 3}"#).unwrap_err();
        assert_eq!(error.to_string(), "$.b: duplicate member (at byte 27)");
    }

    #[test]
    fn a_hundred_thousand_members_are_read_in_a_moment() {
        let members: Vec<String> = (0..100_000).map(|n| format!("\"{n}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        let map: Map<'_, i64> = crate::decode_str(&text).unwrap();
        assert_eq!(map.len(), 100_000);
    }

    #[test]
    fn members_are_set_in_place_and_taken_out() {
        let mut map: Map<'_, i64> = Map::from([("a", 1), ("b", 2), ("c", 3)]);
        assert_eq!(map.insert("b", 5), Some(2));
        assert_eq!(map.insert("d", 4), None);
        assert_eq!(map.remove("a"), Some(1));
        assert_eq!(map.remove("a"), None);
        assert_eq!(
            map.iter().collect::<Vec<_>>(),
            [("b", &5), ("c", &3), ("d", &4)]
        );
    }
}
