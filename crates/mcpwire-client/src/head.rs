//! The members of a result that decide what becomes of it, read before the rest.

use std::borrow::Cow;
use std::fmt;

use mcpwire_codec::parse_valid;
use mcpwire_types::DecodeError as TypesError;
use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) const COMPLETE: &str = "complete";
pub(crate) const INPUT_REQUIRED: &str = "input_required";

/// `resultType`, what belongs to `input_required`, and how long the result is fresh.
#[derive(Debug, Default)]
pub(crate) struct Head<'a> {
    pub(crate) result_type: Option<Cow<'a, str>>,
    /// As it came: it goes back byte for byte (MRTR-17).
    pub(crate) request_state: Option<&'a RawValue>,
    pub(crate) input_requests: Option<&'a RawValue>,
    pub(crate) ttl_ms: Option<&'a RawValue>,
    pub(crate) cache_scope: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    /// `result` was found to be a JSON object by the codec, or is refused here.
    pub(crate) fn read(result: &'a str) -> Result<Self, TypesError> {
        parse_valid(result)
    }

    /// A missing type is `complete` (BASE-18).
    pub(crate) fn kind(&self) -> &str {
        self.result_type.as_deref().unwrap_or(COMPLETE)
    }

    /// For how many milliseconds the result is fresh; what is no positive integer counts as 0
    /// (CACHE-09, CACHE-10).
    pub(crate) fn ttl_ms(&self) -> u64 {
        let text = self.ttl_ms.map_or("0", RawValue::get);
        text.parse().unwrap_or(0)
    }

    /// Whether other users may be given the result. Only a clear yes counts (CACHE-20).
    pub(crate) fn is_public(&self) -> bool {
        self.cache_scope
            .is_some_and(|scope| scope.get() == r#""public""#)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Head<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Head<'de>, A::Error> {
        let mut head = Head::default();
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            match &*name {
                "resultType" => head.result_type = members.next_value()?,
                "requestState" => head.request_state = Some(members.next_value()?),
                "inputRequests" => head.input_requests = Some(members.next_value()?),
                "ttlMs" => head.ttl_ms = Some(members.next_value()?),
                "cacheScope" => head.cache_scope = Some(members.next_value()?),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(head)
    }
}
