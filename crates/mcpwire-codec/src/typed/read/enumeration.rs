//! Enums: `"Variant"`, or `{"Variant": …}`.

use serde_core::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor,
};

use super::Reader;
use super::error::Failed;
use super::key::Key;

/// A variant that is a string.
pub(super) struct Name<'r, 'a>(pub(super) &'r mut Reader<'a>);

/// A variant that is the only member of an object, which has just been entered.
pub(super) struct Entry<'r, 'a>(pub(super) &'r mut Reader<'a>);

impl<'a> EnumAccess<'a> for Name<'_, 'a> {
    type Error = Failed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self), Failed> {
        let variant = seed.deserialize(&mut *self.0)?;
        Ok((variant, self))
    }
}

impl<'a> VariantAccess<'a> for Name<'_, 'a> {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, _: S) -> Result<S::Value, Failed> {
        Err(self.0.fail())
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, _: V) -> Result<V::Value, Failed> {
        Err(self.0.fail())
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Failed> {
        Err(self.0.fail())
    }
}

impl<'a> EnumAccess<'a> for Entry<'_, 'a> {
    type Error = Failed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self), Failed> {
        self.0.peek();
        let variant = Key::at(self.0).and_then(|key| seed.deserialize(key))?;
        self.0.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'a> VariantAccess<'a> for Entry<'_, 'a> {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, Failed> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
