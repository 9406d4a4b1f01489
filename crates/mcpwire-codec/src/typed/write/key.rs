//! Names of members: strings, and what can be said as one.

use alloc::vec::Vec;
use core::fmt;

use serde_core::ser::{Error as _, Impossible, Serialize, Serializer};
use serde_json::Error;

use super::number;
use super::ser::Writer;

/// Writes the name of a member.
pub(super) struct Key<'o>(pub(super) &'o mut Vec<u8>);

impl Key<'_> {
    fn quoted(self, write: impl FnOnce(&mut Vec<u8>)) {
        self.0.push(b'"');
        write(self.0);
        self.0.push(b'"');
    }

    fn float(self, is_finite: bool, n: &impl Serialize) -> Result<(), Error> {
        if !is_finite {
            return Err(Error::custom(
                "float key must be finite (got NaN or +/-inf)",
            ));
        }
        self.0.push(b'"');
        number::float(self.0, n)?;
        self.0.push(b'"');
        Ok(())
    }
}

#[cold]
fn no_string<T>() -> Result<T, Error> {
    Err(Error::custom("key must be a string"))
}

macro_rules! integers {
    ($($method:ident($type:ty) => $write:ident;)*) => { $(
        fn $method(self, n: $type) -> Result<(), Error> {
            self.quoted(|out| number::$write(out, n.into()));
            Ok(())
        }
    )* };
}

impl Serializer for Key<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        Writer { out: self.0 }.serialize_str(text)
    }

    fn serialize_char(self, c: char) -> Result<(), Error> {
        Writer { out: self.0 }.serialize_char(c)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        Writer { out: self.0 }.collect_str(value)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    integers! {
        serialize_i8(i8) => signed;
        serialize_i16(i16) => signed;
        serialize_i32(i32) => signed;
        serialize_i64(i64) => signed;
        serialize_u8(u8) => unsigned;
        serialize_u16(u16) => unsigned;
        serialize_u32(u32) => unsigned;
        serialize_u64(u64) => unsigned;
    }

    fn serialize_i128(self, n: i128) -> Result<(), Error> {
        self.quoted(|out| number::long(out, n));
        Ok(())
    }

    fn serialize_u128(self, n: u128) -> Result<(), Error> {
        self.quoted(|out| number::long(out, n));
        Ok(())
    }

    fn serialize_f32(self, n: f32) -> Result<(), Error> {
        self.float(n.is_finite(), &n)
    }

    fn serialize_f64(self, n: f64) -> Result<(), Error> {
        self.float(n.is_finite(), &n)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.serialize_str(if value { "true" } else { "false" })
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        no_string()
    }

    fn serialize_unit(self) -> Result<(), Error> {
        no_string()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        no_string()
    }

    fn serialize_none(self) -> Result<(), Error> {
        no_string()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        no_string()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        no_string()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        no_string()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        no_string()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        no_string()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        no_string()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        no_string()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        no_string()
    }
}
