//! Arrays and objects, value by value.

use alloc::vec::Vec;

use serde_core::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::Error;

use super::key::Key;
use super::ser::Writer;
use super::string;
use super::verbatim::Verbatim;
use crate::typed::read::RAW_VALUE;

/// What `serde_json::Number` calls itself when it is kept as text (its feature `arbitrary_precision`).
const NUMBER: &str = "$serde_json::private::Number";

/// What was opened, and so what has to be closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Array,
    Object,
    /// The content of a variant, which is the only member of an object.
    ArrayVariant,
    ObjectVariant,
    /// Not a structure at all: the one field is JSON already.
    Verbatim(&'static str),
}

impl Shape {
    #[inline]
    pub(super) fn of_struct(name: &'static str) -> Self {
        if name == RAW_VALUE || name == NUMBER {
            Self::Verbatim(name)
        } else {
            Self::Object
        }
    }
}

/// An array or object that has been opened.
pub(super) struct Compound<'o> {
    out: &'o mut Vec<u8>,
    shape: Shape,
    first: bool,
}

impl<'o> Compound<'o> {
    #[inline]
    pub(super) fn open(out: &'o mut Vec<u8>, shape: Shape) -> Self {
        match shape {
            Shape::Array | Shape::ArrayVariant => out.push(b'['),
            Shape::Object | Shape::ObjectVariant => out.push(b'{'),
            Shape::Verbatim(_) => {}
        }
        let first = true;
        Self { out, shape, first }
    }

    #[inline]
    fn comma(&mut self) {
        if !core::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(Writer { out: self.out })
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if let Shape::Verbatim(token) = self.shape {
            if name != token {
                return Err(Error::custom("expected value"));
            }
            return value.serialize(Verbatim(self.out));
        }
        self.comma();
        string::string(self.out, name);
        self.out.push(b':');
        value.serialize(Writer { out: self.out })
    }

    #[inline]
    fn close(self) {
        let brackets: &[u8] = match self.shape {
            Shape::Array => b"]",
            Shape::Object => b"}",
            Shape::ArrayVariant => b"]}",
            Shape::ObjectVariant => b"}}",
            Shape::Verbatim(_) => b"",
        };
        self.out.extend_from_slice(brackets);
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.comma();
        key.serialize(Key(self.out))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(b':');
        value.serialize(Writer { out: self.out })
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

macro_rules! compounds {
    ($($name:ident::$method:ident($($key:ident)?) => $write:ident;)*) => { $(
        impl $name for Compound<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), Error> {
                self.$write($($key,)? value)
            }

            #[inline]
            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )* };
}

compounds! {
    SerializeSeq::serialize_element() => item;
    SerializeTuple::serialize_element() => item;
    SerializeTupleStruct::serialize_field() => item;
    SerializeTupleVariant::serialize_field() => item;
    SerializeStruct::serialize_field(name) => field;
    SerializeStructVariant::serialize_field(name) => field;
}
