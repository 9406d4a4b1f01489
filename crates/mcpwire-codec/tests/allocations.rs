//! Reading an ordinary message allocates nothing, however long it is, and asking for its parts neither.
//! Writing allocates the head of the envelope.

mod conversation;

use allocation_counter::measure;
use bytes::Bytes;
use mcpwire_codec::{Kind, Limits, Message, Part, encode_result, line, sse};
use mcpwire_types::RequestId;

/// What happens to a message on its way through a gateway.
fn route(bytes: Bytes) -> Option<Bytes> {
    let message = Message::decode_with(bytes, &Limits::default()).ok()?;
    assert!(message.id().is_some() || message.kind() != Kind::Request);
    assert!(message.method().is_some() || message.kind() != Kind::Request);
    message
        .slice(Part::Params)
        .or_else(|| message.slice(Part::Result))
}

#[test]
fn reading_allocates_nothing() {
    let escaped = ["resources-read", "spread-out"];
    let plain = conversation::MESSAGES
        .iter()
        .filter(|(name, _)| !name.starts_with("bad") && !escaped.contains(name));
    for (name, text) in plain {
        let bytes = Bytes::from_static(text.as_bytes());
        let allocations = measure(|| drop(route(bytes)));
        assert_eq!(allocations.count_total, 0, "{name}");
    }
}

#[test]
fn escapes_are_read_without_allocating() {
    for (name, text) in conversation::MESSAGES
        .iter()
        .filter(|(name, _)| !name.starts_with("bad"))
    {
        let bytes = Bytes::from_static(text.as_bytes());
        let allocations = measure(|| drop(Message::decode(bytes)));
        assert_eq!(allocations.count_total, 0, "{name}");
    }
}

#[test]
fn long_messages_allocate_no_more_than_short_ones() {
    let elements = r#"{"a":[1,-2.5e3,"x","\u00e4\n"],"b":{"c":null}},"#.repeat(20_000);
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{{"arguments":[{elements}0]}}}}"#
    );
    // `bytes` allocates a count of references when a vector is first shared; that is not ours.
    let bytes = Bytes::from(text);
    let shared = bytes.clone();
    assert_eq!(measure(|| drop(route(shared))).count_total, 0);
    drop(bytes);
}

#[test]
fn writing_copies_no_payload() {
    let result = Bytes::from(format!(r#"{{"text":"{}"}}"#, "x".repeat(1 << 20)));
    let id = RequestId::Integer(1);
    let allocations = measure(|| {
        drop(line::frame(encode_result(&id, result.clone())));
        drop(sse::event(encode_result(&id, result.clone())));
    });
    assert!(
        allocations.bytes_total < 2048,
        "{} bytes",
        allocations.bytes_total
    );
}
