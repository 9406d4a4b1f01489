//! Events around messages.

use bytes::Bytes;

use crate::encode::Encoded;
use crate::flat;

/// A comment, for a stream that has been silent for long: it keeps intermediaries from closing the
/// connection, and readers skip it.
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

const START: &[u8] = b"data: ";
const END: &[u8] = b"\n\n";

/// The event that carries a message: `data:`, the message on one line, and the empty line that ends
/// the event. A message in one piece of its own, which is short, gives an event in one piece.
pub fn event(message: Encoded) -> Encoded {
    let flat = flat::flatten(message);
    if flat.body.is_empty() && flat.tail.is_empty() {
        return Encoded {
            head: [START, &flat.head, END].concat().into(),
            ..Encoded::default()
        };
    }
    Encoded {
        head: if flat.head.is_empty() {
            Bytes::from_static(START)
        } else {
            flat::join(START, &flat.head)
        },
        body: flat.body,
        tail: match &*flat.tail {
            b"" => Bytes::from_static(END),
            b"}" => Bytes::from_static(b"}\n\n"),
            other => flat::join(other, END),
        },
    }
}

#[cfg(test)]
mod tests {
    use mcpwire_types::RequestId;

    use super::*;
    use crate::{Message, encode_result};

    #[test]
    fn an_event_is_one_line_of_data() {
        // HTTP-32
        let result = Bytes::from_static(b"{\r\n\"a\":\n1}");
        let event = event(encode_result(&RequestId::Integer(1), result));
        let expected = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{  \"a\": 1}}\n\n";
        assert_eq!(event.to_bytes(), expected);
    }

    #[test]
    fn a_forwarded_message_is_not_copied() {
        let message = Message::decode(r#"{"jsonrpc":"2.0","method":"a"}"#).unwrap();
        let event = event(message.clone().into());
        assert_eq!(event.chunks()[1].as_ptr(), message.as_bytes().as_ptr());
        assert_eq!(
            event.to_bytes(),
            "data: {\"jsonrpc\":\"2.0\",\"method\":\"a\"}\n\n"
        );
    }

    #[test]
    fn the_keep_alive_is_a_comment() {
        assert!(KEEP_ALIVE.starts_with(b":"));
        assert!(KEEP_ALIVE.ends_with(b"\n\n"));
    }
}
