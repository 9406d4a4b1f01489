//! Taking the annotated values out of the arguments, in one pass and without a tree of them.

use std::fmt;

use serde_core::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// The largest integer that every reader of JSON agrees on (HDR-09).
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// What the arguments hold at an annotated path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// Null, or nothing at all.
    Nothing,
    Text(String),
    Boolean(bool),
    Integer(i64),
    /// An integer that must not be mirrored.
    OutOfRange,
    Fraction(f64),
    /// An object or array.
    Structure,
}

impl Found {
    /// Whether the text of a header field stands for this value (HDR-18, HDR-34).
    pub(super) fn is(&self, text: &str) -> bool {
        match self {
            Self::Text(value) => value == text,
            Self::Boolean(value) => text == if *value { "true" } else { "false" },
            Self::Integer(value) => {
                number(text).is_some_and(|number| number == Self::Integer(*value))
            }
            Self::Fraction(value) => {
                number(text).is_some_and(|number| number == Self::Fraction(*value))
            }
            Self::Nothing | Self::OutOfRange | Self::Structure => false,
        }
    }

    /// What a header field says in the value's place, before it is made fit for one; `None` if there
    /// is no value.
    pub(super) fn text(self) -> Result<Option<String>, &'static str> {
        match self {
            Self::Nothing => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::Boolean(value) => Ok(Some(value.to_string())),
            Self::Integer(value) => Ok(Some(value.to_string())),
            Self::Fraction(value) => Ok(Some(value.to_string())),
            Self::OutOfRange => Err("an integer beyond 2^53-1"), // HDR-09
            Self::Structure => Err("an object or array"),
        }
    }

    fn integer(value: i64) -> Self {
        if value.abs_diff(0) <= MAX_INTEGER.unsigned_abs() {
            Self::Integer(value)
        } else {
            Self::OutOfRange
        }
    }

    fn float(value: f64) -> Self {
        if value.fract() != 0.0 {
            return Self::Fraction(value);
        }
        if value.abs() > 9_007_199_254_740_991.0 {
            return Self::OutOfRange;
        }
        #[expect(clippy::cast_possible_truncation, reason = "integral and in range")]
        let value = value as i64;
        Self::Integer(value)
    }
}

/// A number as JSON writes it, alone in the text.
fn number(text: &str) -> Option<Found> {
    let bare = text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    let number: serde_json::Number = bare.then(|| serde_json::from_str(text).ok())??;
    number
        .as_i64()
        .map(Found::integer)
        .or_else(|| number.as_f64().map(Found::float))
}

/// Annotated paths, branching at property names.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    param: Option<usize>,
    children: Vec<(String, Node)>,
}

impl Node {
    pub(super) fn insert(&mut self, path: &[String], param: usize) {
        let Some((name, rest)) = path.split_first() else {
            self.param = Some(param);
            return;
        };
        if let Some((_, child)) = self.children.iter_mut().find(|(known, _)| known == name) {
            return child.insert(rest, param);
        }
        let mut child = Self::default();
        child.insert(rest, param);
        self.children.push((name.clone(), child));
    }
}

/// What stands at each of `count` annotated paths.
pub(super) fn find(
    tree: &Node,
    count: usize,
    arguments: &[u8],
) -> Result<Vec<Found>, serde_json::Error> {
    let mut found = vec![Found::Nothing; count];
    let mut deserializer = serde_json::Deserializer::from_slice(arguments);
    Picker {
        node: tree,
        found: &mut found,
    }
    .deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

struct Picker<'a> {
    node: &'a Node,
    found: &'a mut Vec<Found>,
}

impl Picker<'_> {
    fn set(self, value: Found) {
        if let Some(slot) = self.node.param.and_then(|param| self.found.get_mut(param)) {
            *slot = value;
        }
    }
}

impl<'de> DeserializeSeed<'de> for Picker<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Picker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(Found::Boolean(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(Found::integer(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(i64::try_from(value).map_or(Found::OutOfRange, Found::integer));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(Found::float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.set(Found::Text(value.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.set(Found::Structure);
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = vec![false; self.node.children.len()];
        while let Some(name) = members.next_key::<String>()? {
            let children = self.node.children.iter().zip(&mut seen);
            let Some(((_, child), seen)) =
                children.into_iter().find(|((known, _), _)| *known == name)
            else {
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            if std::mem::replace(seen, true) {
                return Err(A::Error::custom(format_args!("{name:?} appears twice")));
            }
            members.next_value_seed(Picker {
                node: child,
                found: self.found,
            })?;
        }
        self.set(Found::Structure);
        Ok(())
    }
}
