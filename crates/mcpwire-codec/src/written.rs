//! A result that is written behind room for its envelope, which then needs no copy of it.

use alloc::vec::Vec;
use core::fmt;

use bytes::{Buf as _, Bytes};
use mcpwire_types::RequestId;
use serde_core::Serialize;

use crate::encode::{self, END, Encoded};
use crate::typed::write_json;

/// The room: for the envelope of every ID that is a number, and of a short string.
const ROOM: usize = 64;
/// Enough for most results that are not made of text.
const FIRST_CAPACITY: usize = 384;

/// The JSON text of a result, and room for its envelope.
///
/// ```
/// use mcpwire_codec::WrittenResult;
/// use mcpwire_types::{CallToolResult, TextContent};
///
/// let result = WrittenResult::new(&CallToolResult::new([TextContent::new("16 °C")]))?;
/// let message = result.encode(&7.into()).into_bytes();
/// assert!(message.starts_with(br#"{"jsonrpc":"2.0","id":7,"result":{"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct WrittenResult {
    buffer: Vec<u8>,
}

impl WrittenResult {
    /// Writes a result as [`to_json`](crate::to_json) does; it should become a JSON object.
    pub fn new<T: Serialize + ?Sized>(result: &T) -> Result<Self, serde_json::Error> {
        let mut buffer = Vec::with_capacity(FIRST_CAPACITY);
        buffer.extend_from_slice(&[b' '; ROOM]);
        write_json(&mut buffer, result)?;
        Ok(Self { buffer })
    }

    /// Puts one ready member, such as `"a":1`, at the end of the object.
    pub fn push_member(&mut self, member: &[u8]) {
        if self.buffer.pop_if(|last| *last == b'}').is_none() {
            return;
        }
        if self.buffer.last().is_some_and(|last| *last != b'{') {
            self.buffer.push(b',');
        }
        self.buffer.extend_from_slice(member);
        self.buffer.push(b'}');
    }

    /// The JSON text of the result.
    pub fn as_json(&self) -> &[u8] {
        self.buffer.get(ROOM..).unwrap_or_default()
    }

    /// The JSON text of the result, to be shared.
    pub fn into_json(self) -> Bytes {
        let mut json = Bytes::from(self.buffer);
        json.advance(ROOM.min(json.len()));
        json
    }

    /// The response with this result (BASE-10, BASE-11). It is one piece, of which the result is not copied
    /// unless the ID is a string of more than some 30 bytes.
    pub fn encode(self, id: &RequestId<'_>) -> Encoded {
        let mut buffer = self.buffer;
        // Written at the end, where there is room as well, and moved to the front.
        let end = buffer.len();
        encode::push_result_head(&mut buffer, id);
        let Some(start) = (ROOM + end).checked_sub(buffer.len()) else {
            buffer.truncate(end);
            return encode::encode_result(id, Self { buffer }.into_json());
        };
        buffer.copy_within(end.., start);
        buffer.truncate(end);
        buffer.extend_from_slice(END);
        let mut whole = Bytes::from(buffer);
        whole.advance(start);
        Encoded::whole(whole)
    }
}

/// Shows how long it is, and leaves out what may be secret.
impl fmt::Debug for WrittenResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenResult")
            .field("length", &self.as_json().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_member_goes_into_empty_and_other_objects() {
        let with = |object: Value| {
            let mut result = WrittenResult::new(&object).unwrap();
            result.push_member(br#""b":2"#);
            String::from_utf8(result.as_json().to_vec()).unwrap()
        };
        assert_eq!(with(json!({})), r#"{"b":2}"#);
        assert_eq!(with(json!({"a": 1})), r#"{"a":1,"b":2}"#);
        assert_eq!(with(json!([])), "[]");
    }

    proptest! {
        /// BASE-09, BASE-10
        #[test]
        fn the_message_is_that_of_the_copying_way(
            text in ".{0,600}",
            id in prop_oneof![
                any::<i64>().prop_map(RequestId::from),
                ".{0,60}".prop_map(|id| RequestId::String(id.into())),
            ],
        ) {
            let value = json!({"text": text});
            let written = WrittenResult::new(&value).unwrap();
            let json = written.clone().into_json();
            prop_assert_eq!(&json[..], written.as_json());
            prop_assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), value);
            let expected = encode::encode_result(&id, json).into_bytes();
            prop_assert_eq!(written.encode(&id).into_bytes(), expected);
        }
    }
}
