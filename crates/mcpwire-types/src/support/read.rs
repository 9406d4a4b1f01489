//! Objects in, member by member.
//!
//! What is borrowed: strings without an escape, member names without an escape, raw values. serde's own
//! impls copy a string inside an `Option`, and derived ones buffer; hence a trait of our own beside
//! `Deserialize`.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde_core::de::{
    self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

use crate::map::Extra;
use crate::path;
use crate::raw::JSONValue;

/// `Deserialize`, except that strings borrow wherever they stand.
pub trait Decode<'de>: Sized {
    /// Reads one value.
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

/// A type that is read from the members of an object.
pub trait Object<'de>: Sized {
    /// Reads all members.
    fn read<A: MapAccess<'de>>(access: A) -> Result<Self, A::Error>;
}

/// Reads an object.
pub fn object<'de, T: Object<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct ObjectVisitor<T>(PhantomData<T>);

    impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<T, A::Error> {
            T::read(access)
        }
    }

    from.deserialize_map(ObjectVisitor(PhantomData))
}

/// The name of the next member, borrowed if it has no escape.
pub fn next_key<'de, A: MapAccess<'de>>(access: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    access.next_key_seed(Seed::new())
}

/// A member that has a field, until all have been read.
#[derive(Debug)]
pub struct Slot<T> {
    name: &'static str,
    value: Option<T>,
}

impl<T> Slot<T> {
    /// The member `name`, not seen yet.
    pub const fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    /// Reads the member's value; a second one is an error.
    pub fn fill<'de, A: MapAccess<'de>>(&mut self, access: &mut A) -> Result<(), A::Error>
    where
        T: Decode<'de>,
    {
        if self.value.is_some() {
            return Err(duplicate(self.name));
        }
        match access.next_value_seed(Seed::new()) {
            Ok(value) => {
                self.value = Some(value);
                Ok(())
            }
            Err(error) => Err(path::in_member(&error, self.name)),
        }
    }

    /// The value, which has to be there.
    pub fn required<E: de::Error>(self) -> Result<T, E> {
        self.value.ok_or_else(|| missing(self.name))
    }

    /// The value, if it was there.
    pub fn optional(self) -> Option<T> {
        self.value
    }
}

/// A member whose value the schema fixes: checked, not kept.
#[derive(Debug)]
pub struct Fixed<T: 'static> {
    name: &'static str,
    value: T,
    seen: bool,
}

impl<T> Fixed<T> {
    /// The member `name`, which has the value `value`.
    pub const fn new(name: &'static str, value: T) -> Self {
        Self {
            name,
            value,
            seen: false,
        }
    }

    /// Whether the member was there.
    pub fn seen(self) -> bool {
        self.seen
    }

    /// The member has to be there.
    pub fn required<E: de::Error>(self) -> Result<(), E> {
        if self.seen {
            Ok(())
        } else {
            Err(missing(self.name))
        }
    }
}

impl Fixed<&'static str> {
    /// Reads the member's value and compares it; a second one is an error.
    pub fn fill<'de, A: MapAccess<'de>>(&mut self, access: &mut A) -> Result<(), A::Error> {
        if core::mem::replace(&mut self.seen, true) {
            return Err(duplicate(self.name));
        }
        match access.next_value_seed(Seed::<Cow<'de, str>>::new()) {
            Ok(found) if found == self.value => Ok(()),
            Ok(found) => Err(unexpected(
                self.name,
                &format_args!("{:?}", self.value),
                &format_args!("{found:?}"),
            )),
            Err(error) => Err(path::in_member(&error, self.name)),
        }
    }
}

impl Fixed<i64> {
    /// Reads the member's value and compares it; a second one is an error.
    pub fn fill<'de, A: MapAccess<'de>>(&mut self, access: &mut A) -> Result<(), A::Error> {
        if core::mem::replace(&mut self.seen, true) {
            return Err(duplicate(self.name));
        }
        match access.next_value_seed(Seed::<i64>::new()) {
            Ok(found) if found == self.value => Ok(()),
            Ok(found) => Err(unexpected(self.name, &self.value, &found)),
            Err(error) => Err(path::in_member(&error, self.name)),
        }
    }
}

/// The members without a field.
#[derive(Debug, Default)]
pub struct ExtraSlot<'a> {
    members: Vec<(Cow<'a, str>, JSONValue<'a>)>,
}

impl<'de> ExtraSlot<'de> {
    /// Keeps one.
    pub fn fill<A: MapAccess<'de>>(
        &mut self,
        name: Cow<'de, str>,
        access: &mut A,
    ) -> Result<(), A::Error> {
        match access.next_value() {
            Ok(raw) => {
                self.members.push((name, JSONValue::from_raw(raw)));
                Ok(())
            }
            Err(error) => Err(path::in_member(&error, &name)),
        }
    }

    /// All of them.
    pub fn finish<E: de::Error>(self) -> Result<Extra<'de>, E> {
        Extra::from_read(self.members).map_err(|name| duplicate(&name))
    }
}

#[cold]
pub(crate) fn missing<E: de::Error>(name: &str) -> E {
    path::about_member(name, "missing required member")
}

#[cold]
pub(crate) fn duplicate<E: de::Error>(name: &str) -> E {
    path::about_member(name, "duplicate member")
}

#[cold]
pub(crate) fn unexpected<E: de::Error>(
    name: &str,
    expected: &dyn fmt::Display,
    found: &dyn fmt::Display,
) -> E {
    path::about_member(name, format_args!("expected {expected}, found {found}"))
}

/// Lets serde's `next_*_seed` read what implements [`Decode`].
#[derive(Debug)]
pub struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    /// The only one there is.
    #[expect(clippy::new_without_default, reason = "nobody would look for it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Decode<'de>> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        T::decode(from)
    }
}

/// Reads a string, borrowed if it has no escape.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'de, str>, D::Error> {
    from.deserialize_str(TextVisitor)
}

impl<'de: 'a, 'a> Decode<'de> for Cow<'a, str> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text(from)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }
}

impl<'de> Decode<'de> for bool {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
}

impl<'de> Decode<'de> for &'de RawValue {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
}

/// JSON knows only numbers: `42.0` is an integer, written by somebody with floats alone.
impl<'de> Decode<'de> for i64 {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_i64(IntegerVisitor)
    }
}

struct IntegerVisitor;

impl Visitor<'_> for IntegerVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<i64, E> {
        Ok(n)
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<i64, E> {
        i64::try_from(n).map_err(|_| {
            E::invalid_value(
                Unexpected::Unsigned(n),
                &"an integer of at most 64 bits with sign",
            )
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "integral and inside ±2^53, where every double is exact"
    )]
    fn visit_f64<E: de::Error>(self, n: f64) -> Result<i64, E> {
        // 2^53: from here on the double may be the rounding of another integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if n % 1.0 == 0.0 && n.abs() < EXACT {
            Ok(n as i64)
        } else {
            Err(E::invalid_type(Unexpected::Float(n), &self))
        }
    }
}

/// A value that may be `null`.
impl<'de, T: Decode<'de>> Decode<'de> for Option<T> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NullableVisitor<T>(PhantomData<T>);

        impl<'de, T: Decode<'de>> Visitor<'de> for NullableVisitor<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null or a value")
            }

            fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                T::decode(from).map(Some)
            }
        }

        from.deserialize_option(NullableVisitor(PhantomData))
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Box<T> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::decode(from).map(Box::new)
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for Vec<T> {
    fn decode<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<T>(PhantomData<T>);

        impl<'de, T: Decode<'de>> Visitor<'de> for ItemsVisitor<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::new();
                loop {
                    match access.next_element_seed(Seed::new()) {
                        Ok(Some(item)) => items.push(item),
                        Ok(None) => return Ok(items),
                        Err(error) => return Err(path::in_item(&error, items.len())),
                    }
                }
            }
        }

        from.deserialize_seq(ItemsVisitor(PhantomData))
    }
}
