//! JSON that is kept as text.
//!
//! `serde_json::value::RawValue` asks for itself under a name that only `serde_json` answers: with an
//! object of one member, which has that name too and holds the text. Should the name change, nobody
//! here answers it, and the reader that starts over does.

use serde_core::de::value::BorrowedStrDeserializer;
use serde_core::de::{DeserializeSeed, MapAccess, Visitor};

use super::Reader;
use super::error::Failed;

/// What `RawValue` calls itself, when it is read and when it is written.
pub(in crate::typed) const RAW_VALUE: &str = "$serde_json::private::RawValue";

impl<'a> Reader<'a> {
    /// Answers with the text of the value at hand.
    pub(super) fn raw_value<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Failed> {
        self.peek();
        let start = self.at;
        self.skip()?;
        let Some(text) = self.text.get(start..self.at) else {
            return Err(self.fail());
        };
        visitor.visit_map(Raw(Some(text)))
    }
}

struct Raw<'a>(Option<&'a str>);

impl<'a> MapAccess<'a> for Raw<'a> {
    type Error = Failed;

    fn next_key_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        if self.0.is_none() {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(RAW_VALUE))
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        let text = self.0.take().ok_or(Failed)?;
        seed.deserialize(BorrowedStrDeserializer::new(text))
    }
}
