//! The writer as serde sees it.

use alloc::vec::Vec;
use core::fmt;

use serde_core::ser::{Error as _, Serialize, Serializer};
use serde_json::Error;

use super::compound::{Compound, Shape};
use super::{number, string};

/// Writes one value.
pub(super) struct Writer<'o> {
    pub(super) out: &'o mut Vec<u8>,
}

impl<'o> Writer<'o> {
    /// Opens the object of a variant that has content: `{"Variant":`
    #[inline]
    fn variant(&mut self, variant: &str) {
        self.out.push(b'{');
        string::string(self.out, variant);
        self.out.push(b':');
    }

    #[inline]
    fn compound(self, shape: Shape) -> Compound<'o> {
        Compound::open(self.out, shape)
    }
}

/// Content that is a string's, with escapes, as it is displayed.
struct Content<'o>(&'o mut Vec<u8>);

impl fmt::Write for Content<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        string::content(self.0, text.as_bytes());
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident($type:ty) => $write:ident;)*) => { $(
        #[inline]
        fn $method(self, n: $type) -> Result<(), Error> {
            number::$write(self.out, n.into());
            Ok(())
        }
    )* };
}

impl<'o> Serializer for Writer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'o>;
    type SerializeTuple = Compound<'o>;
    type SerializeTupleStruct = Compound<'o>;
    type SerializeTupleVariant = Compound<'o>;
    type SerializeMap = Compound<'o>;
    type SerializeStruct = Compound<'o>;
    type SerializeStructVariant = Compound<'o>;

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
        number::long(self.out, n);
        Ok(())
    }

    fn serialize_u128(self, n: u128) -> Result<(), Error> {
        number::long(self.out, n);
        Ok(())
    }

    fn serialize_f32(self, n: f32) -> Result<(), Error> {
        number::float(self.out, &n)
    }

    fn serialize_f64(self, n: f64) -> Result<(), Error> {
        number::float(self.out, &n)
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.out.extend_from_slice(word);
        Ok(())
    }

    fn serialize_char(self, c: char) -> Result<(), Error> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        string::string(self.out, text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        self.collect_seq(bytes)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Error> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant);
        value.serialize(Writer { out: self.out })?;
        self.out.push(b'}');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'o>, Error> {
        Ok(self.compound(Shape::Array))
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Compound<'o>, Error> {
        Ok(self.compound(Shape::Array))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'o>, Error> {
        Ok(self.compound(Shape::Array))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'o>, Error> {
        self.variant(variant);
        Ok(self.compound(Shape::ArrayVariant))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'o>, Error> {
        Ok(self.compound(Shape::Object))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'o>, Error> {
        Ok(self.compound(Shape::of_struct(name)))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'o>, Error> {
        self.variant(variant);
        Ok(self.compound(Shape::ObjectVariant))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.out.push(b'"');
        fmt::write(&mut Content(self.out), format_args!("{value}")).map_err(Error::custom)?;
        self.out.push(b'"');
        Ok(())
    }
}
