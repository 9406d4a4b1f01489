//! JSON as the validator walks over it: strings and names are those of the text, wherever they stand there
//! as they are.
//!
//! `serde_json::Value` would do as well, and allocate for each name and each string.

use std::borrow::Cow;
use std::fmt;
use std::iter::Map;
use std::slice::Iter;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, cmp};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// One value with all that is in it.
#[derive(Debug, Default)]
pub(super) enum Tree<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'a, str>),
    Array(Vec<Tree<'a>>),
    /// Sorted by name; of several with one name the last.
    Object(Vec<Member<'a>>),
}

/// Members that most objects do not have more of.
const FEW: usize = 4;

type Member<'a> = (Cow<'a, str>, Tree<'a>);

/// Names [`Tree`] to the validator.
#[derive(Debug)]
pub(super) struct Text;

impl Json for Text {
    type Node<'a> = &'a Tree<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = Tree<'static>;

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(
        buffer: &mut Tree<'static>,
        string: &str,
        f: impl FnOnce(Self::Node<'_>) -> T,
    ) -> T {
        *buffer = Tree::String(Cow::Owned(string.to_owned()));
        f(buffer)
    }
}

impl<'a> Node<'a, Text> for &'a Tree<'a> {
    type Object = &'a [Member<'a>];
    type Array = &'a [Tree<'a>];
    type Number = &'a Number;

    fn as_object(&self) -> Option<Self::Object> {
        match self {
            Tree::Object(members) => Some(members),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Self::Array> {
        match self {
            Tree::Array(items) => Some(items),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Tree::String(string) => Some(Cow::Borrowed(string)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Self::Number> {
        match self {
            Tree::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Tree::Bool(boolean) => Some(*boolean),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Tree::Null)
    }

    fn json_type(&self) -> JsonType {
        match self {
            Tree::Null => JsonType::Null,
            Tree::Bool(_) => JsonType::Boolean,
            Tree::Number(_) => JsonType::Number,
            Tree::String(_) => JsonType::String,
            Tree::Array(_) => JsonType::Array,
            Tree::Object(_) => JsonType::Object,
        }
    }

    /// `enum` and `const` are of strings more often than not.
    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Tree::String(own), Value::String(other)) => *own == **other,
            (Tree::String(_), _) | (_, Value::String(_)) => false,
            _ => cmp::equal(&self.to_value(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self {
            Tree::Null => Value::Null,
            Tree::Bool(boolean) => Value::Bool(*boolean),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::String(string) => Value::String(string.to_string()),
            Tree::Array(items) => items
                .iter()
                .map(|item| item.to_value().into_owned())
                .collect(),
            Tree::Object(members) => members
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_value().into_owned()))
                .collect(),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(
            std::ptr::from_ref::<Tree<'_>>(*self).addr(),
        ))
    }
}

impl<'a> Object<'a, Text> for &'a [Member<'a>] {
    type Node = &'a Tree<'a>;
    type MemberName = &'a str;
    type MembersIter = Map<Iter<'a, Member<'a>>, fn(&'a Member<'a>) -> (&'a str, &'a Tree<'a>)>;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Tree<'a>> {
        let found = self.binary_search_by(|(name, _)| (**name).cmp(key));
        found
            .ok()
            .and_then(|at| <[_]>::get(self, at))
            .map(|(_, value)| value)
    }

    fn members(&self) -> Self::MembersIter {
        self.iter().map(|(name, value)| (&**name, value))
    }
}

impl<'a> Array<'a, Text> for &'a [Tree<'a>] {
    type Node = &'a Tree<'a>;
    type ElementsIter = Iter<'a, Tree<'a>>;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        self.iter()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tree<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

/// A string that is borrowed where that is possible, which serde's own `Cow` never is.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_str(Reader)? {
            Tree::String(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("the name of a member is no string")),
        }
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(boolean))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree<'de>, E> {
        let number = Number::from_f64(number).map(Tree::Number);
        number.ok_or_else(|| E::custom("a number that no JSON can have"))
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Borrowed(string)))
    }

    fn visit_str<E>(self, string: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(Cow::Owned(string.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Tree::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut members: Vec<Member<'de>> = Vec::with_capacity(FEW);
        while let Some((Name(name), value)) = from.next_entry()? {
            members.push((name, value));
        }
        // The sort is stable and the first of a name stays: the last one in the text.
        members.reverse();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        members.dedup_by(|(next, _), (kept, _)| next == kept);
        Ok(Tree::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Tree<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn it_is_what_a_value_would_be() {
        for json in [
            "null",
            r#"[true, -1, 18446744073709551615, 1.5e3, "a\nb", {}]"#,
            r#"{"b": 1, "a": {"c": []}, "b": 2, "a": "last", "\u0062b": 3}"#,
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(*(&read(json)).to_value(), value);
        }
        assert!(serde_json::from_str::<Tree<'_>>(&"[".repeat(200)).is_err());
    }

    #[test]
    fn a_number_beyond_all_bounds_is_no_null() {
        for json in ["1e999", "-1e999", r#"{"a": [1e999]}"#] {
            assert!(
                mcpwire_codec::parse_valid::<Tree<'_>>(json).is_err(),
                "{json}"
            );
            assert!(serde_json::from_str::<Tree<'_>>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn strings_are_those_of_the_text() {
        let json = r#"{"a": "b"}"#;
        let Tree::Object(members) = read(json) else {
            panic!("an object was due");
        };
        assert!(matches!(
            &members[..],
            [(Cow::Borrowed("a"), Tree::String(Cow::Borrowed("b")))]
        ));
    }
}
