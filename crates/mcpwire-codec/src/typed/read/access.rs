//! Arrays and objects, value by value.

use serde_core::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::Reader;
use super::error::Failed;
use super::key::Key;

/// The items of the array that has just been entered.
pub(super) struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
}

/// The members of the object that has just been entered.
pub(super) struct Members<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
}

impl<'r, 'a> Items<'r, 'a> {
    pub(super) const fn new(reader: &'r mut Reader<'a>) -> Self {
        let first = true;
        Self { reader, first }
    }
}

impl<'r, 'a> Members<'r, 'a> {
    pub(super) const fn new(reader: &'r mut Reader<'a>) -> Self {
        let first = true;
        Self { reader, first }
    }
}

impl<'a> SeqAccess<'a> for Items<'_, 'a> {
    type Error = Failed;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        // Who takes errors for an answer still comes to an end.
        if self.reader.peek() == b']' || self.reader.failed {
            return Ok(None);
        }
        if !core::mem::take(&mut self.first) {
            self.reader.expect(b',')?;
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'a> MapAccess<'a> for Members<'_, 'a> {
    type Error = Failed;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        if self.reader.peek() == b'}' || self.reader.failed {
            return Ok(None);
        }
        if !core::mem::take(&mut self.first) {
            self.reader.expect(b',')?;
        }
        Key::at(self.reader)
            .and_then(|key| seed.deserialize(key))
            .map(Some)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}
