//! Names of members, which types may want as something else than strings.

use serde_core::Deserializer;
use serde_core::de::Visitor;
use serde_core::forward_to_deserialize_any;

use super::Reader;
use super::error::Failed;
use super::number::is_number;
use super::raw::RAW_VALUE;

/// The name at hand.
pub(super) struct Key<'r, 'a>(&'r mut Reader<'a>);

impl<'r, 'a> Key<'r, 'a> {
    /// The name at hand, which has to be there.
    #[inline]
    pub(super) fn at(reader: &'r mut Reader<'a>) -> Result<Self, Failed> {
        if reader.peek() == b'"' {
            Ok(Self(reader))
        } else {
            Err(reader.fail())
        }
    }

    /// Reads the name as a number with `read`, which begins at its first digit. That a name is one is
    /// not known before, unlike that of a value.
    fn number<T>(
        self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let reader = self.0;
        reader.at += 1;
        let rest = reader.text.get(reader.at..).unwrap_or_default();
        let name = rest.split('"').next().unwrap_or_default();
        if !is_number(name) {
            return Err(reader.fail());
        }
        let outcome = read(reader);
        if reader.byte() != b'"' {
            return Err(reader.fail());
        }
        reader.at += 1;
        outcome
    }
}

macro_rules! numbers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
            self.number(|reader| reader.$method(visitor))
        }
    )* };
}

impl<'a> Deserializer<'a> for Key<'_, 'a> {
    type Error = Failed;

    #[inline]
    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        let outcome = self.0.visit_string(visitor);
        self.0.note(outcome)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        let reader = self.0;
        let value = reader.bytes().get(reader.at + 1) == Some(&b't');
        let name: &[u8] = if value { b"\"true\"" } else { b"\"false\"" };
        reader.literal(name)?;
        let outcome = visitor.visit_bool(value);
        reader.note(outcome)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        if name == RAW_VALUE {
            return self.0.deserialize_newtype_struct(name, visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.0.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.0.deserialize_bytes(visitor)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
