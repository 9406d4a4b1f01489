//! The reader as serde sees it.

use serde_core::de::{Deserializer, Visitor};

use super::Reader;
use super::access::{Items, Members};
use super::enumeration::{Entry, Name};
use super::error::Failed;
use super::raw::RAW_VALUE;

impl<'a> Reader<'a> {
    #[inline]
    fn array<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.enter()?;
        let value = visitor.visit_seq(Items::new(self))?;
        self.leave(b']')?;
        Ok(value)
    }

    #[inline]
    fn object<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.enter()?;
        let value = visitor.visit_map(Members::new(self))?;
        self.leave(b'}')?;
        Ok(value)
    }

    fn any<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'"' => self.visit_string(visitor),
            b'{' => self.object(visitor),
            b'[' => self.array(visitor),
            b't' | b'f' => self.boolean(visitor),
            b'n' => self.null(visitor),
            b'-' | b'0'..=b'9' => self.visit_any_number(visitor),
            _ => Err(Failed),
        }
    }

    #[inline]
    fn boolean<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        if self.peek() == b't' {
            self.literal(b"true")?;
            visitor.visit_bool(true)
        } else {
            self.literal(b"false")?;
            visitor.visit_bool(false)
        }
    }

    #[inline]
    fn null<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.peek();
        self.literal(b"null")?;
        visitor.visit_unit()
    }

    #[inline]
    fn string<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'"' => self.visit_string(visitor),
            _ => Err(Failed),
        }
    }

    /// Strings as bytes, and arrays of whatever the visitor makes of them.
    fn byte_string<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'"' => self.visit_string(AsBytes(visitor)),
            b'[' => self.array(visitor),
            _ => Err(Failed),
        }
    }

    #[inline]
    fn sequence<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'[' => self.array(visitor),
            _ => Err(Failed),
        }
    }

    #[inline]
    fn map<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'{' => self.object(visitor),
            _ => Err(Failed),
        }
    }

    #[inline]
    fn structure<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'{' => self.object(visitor),
            b'[' => self.array(visitor),
            _ => Err(Failed),
        }
    }

    #[inline]
    fn enumeration<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        match self.peek() {
            b'"' => visitor.visit_enum(Name(self)),
            b'{' => {
                self.enter()?;
                let value = visitor.visit_enum(Entry(self))?;
                self.leave(b'}')?;
                Ok(value)
            }
            _ => Err(Failed),
        }
    }

    #[inline]
    fn option<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        if self.peek() == b'n' {
            self.literal(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn ignored<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// Whatever goes wrong below, a visitor's own errors included, is noted here on its way out.
macro_rules! forward {
    ($($method:ident($($name:ident: $type:ty),*) => $read:ident;)*) => { $(
        #[inline]
        fn $method<V: Visitor<'a>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Failed> {
            let outcome = self.$read(visitor);
            self.note(outcome)
        }
    )* };
}

impl<'a> Deserializer<'a> for &mut Reader<'a> {
    type Error = Failed;

    forward! {
        deserialize_any() => any;
        deserialize_bool() => boolean;
        deserialize_i8() => visit_number;
        deserialize_i16() => visit_number;
        deserialize_i32() => visit_number;
        deserialize_i64() => visit_number;
        deserialize_i128() => visit_i128;
        deserialize_u8() => visit_number;
        deserialize_u16() => visit_number;
        deserialize_u32() => visit_number;
        deserialize_u64() => visit_number;
        deserialize_u128() => visit_u128;
        deserialize_f32() => visit_single;
        deserialize_f64() => visit_number;
        deserialize_char() => string;
        deserialize_str() => string;
        deserialize_string() => string;
        deserialize_identifier() => string;
        deserialize_bytes() => byte_string;
        deserialize_byte_buf() => byte_string;
        deserialize_option() => option;
        deserialize_unit() => null;
        deserialize_unit_struct(_name: &'static str) => null;
        deserialize_seq() => sequence;
        deserialize_tuple(_length: usize) => sequence;
        deserialize_tuple_struct(_name: &'static str, _length: usize) => sequence;
        deserialize_map() => map;
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]) => structure;
        deserialize_enum(_name: &'static str, _variants: &'static [&'static str]) => enumeration;
        deserialize_ignored_any() => ignored;
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        let outcome = if name == RAW_VALUE {
            self.raw_value(visitor)
        } else {
            visitor.visit_newtype_struct(&mut *self)
        };
        self.note(outcome)
    }
}

/// Hands a string to who asked for bytes.
struct AsBytes<V>(V);

impl<'a, V: Visitor<'a>> Visitor<'a> for AsBytes<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.expecting(f)
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<V::Value, E>
    where
        E: serde_core::de::Error,
    {
        self.0.visit_borrowed_bytes(text.as_bytes())
    }

    fn visit_str<E: serde_core::de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_bytes(text.as_bytes())
    }
}
