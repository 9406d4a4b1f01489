//! What has to hold for every input whatsoever.

use bytes::{Bytes, BytesMut};
use mcpwire_codec::line::{Frame, LineDecoder};
use mcpwire_codec::{
    DecodeError, Encoded, Kind, Limits, Message, Part, encode_notification, encode_raw_error,
    encode_request, encode_result, line, sse,
};
use mcpwire_types::{
    Error, JSONObject, JSONRPCErrorResponse, JSONRPCNotification, JSONRPCRequest,
    JSONRPCResultResponse, RequestId, decode,
};
use serde_json::Value;

use super::naive::{Id, MAX_DEPTH, Naive, Verdict, all_parts, judge};

/// Panics unless the codec and the oracle agree on a text, and unless what is accepted survives being
/// written again.
pub(crate) fn check(bytes: &[u8]) {
    let shared = Bytes::copy_from_slice(bytes);
    let ours = Message::decode_with(shared.clone(), &Limits::default().max_depth(MAX_DEPTH));
    match (judge(bytes), ours) {
        (Verdict::NotJson, Err(error)) => {
            assert_eq!(error.code(), -32700, "{error}");
            assert_eq!((error.id(), error.kind()), (None, None), "{error}");
            assert!(error.offset() <= bytes.len());
        }
        // The oracle stops at the depth; a lone surrogate may stand behind.
        (Verdict::TooDeep, Err(error)) => {
            assert!(error.code() == -32700 || error.code() == -32600, "{error}");
        }
        (Verdict::Refused { id }, Err(error)) => {
            assert_eq!(error.code(), -32600, "{error}");
            assert_eq!(error.id().cloned().map(owned), id, "{error}");
            assert!(!matches!(error, DecodeError::TooDeep { .. }), "{error}");
            assert!(error.offset() < bytes.len());
        }
        (Verdict::Message(naive), Ok(message)) => {
            assert_same(&message, &naive);
            assert_same(&Message::scan(bytes).expect("what was decoded"), &naive);
            assert_forwarded(&message, &shared);
            assert_same_as_tree(&message);
            assert_same_as_typed(&message);
            assert_survives_encoding(&message);
            assert_readdressed(&message);
        }
        (verdict, ours) => panic!("the oracle says {verdict:?}, and the codec {ours:?}"),
    }
}

fn owned(id: RequestId<'_>) -> Id {
    match id {
        RequestId::Integer(integer) => Id::Integer(integer),
        RequestId::String(string) => Id::String(string.into_owned()),
    }
}

fn assert_same<B: AsRef<[u8]>>(message: &Message<B>, naive: &Naive<'_>) {
    assert_eq!(message.kind(), naive.kind);
    assert_eq!(message.id().map(owned), naive.id);
    assert_eq!(message.method().as_deref(), naive.method.as_deref());
    for part in all_parts() {
        let expected = naive
            .parts
            .iter()
            .find(|(found, _)| *found == part)
            .map(|(_, json)| *json);
        assert_eq!(message.raw(part), expected.map(str::as_bytes), "{part:?}");
        assert_eq!(
            message.range(part).map(|range| range.len()),
            expected.map(str::len)
        );
        let text = expected.and_then(|json| serde_json::from_str::<String>(json).ok());
        assert_eq!(message.text(part).as_deref(), text.as_deref(), "{part:?}");
    }
}

/// Byte for byte what came in, and the very same bytes.
fn assert_forwarded(message: &Message, input: &Bytes) {
    assert_eq!(message.as_bytes().as_ptr_range(), input.as_ptr_range());
    for part in all_parts() {
        let slice = message.slice(part);
        assert_eq!(slice.as_deref(), message.raw(part));
        if let Some(slice) = slice {
            let (part, whole) = (slice.as_ptr_range(), input.as_ptr_range());
            assert!(whole.start <= part.start && part.end <= whole.end);
        }
    }
}

/// The reading of a parser that knows nothing of messages. Only a number beyond its range makes it
/// refuse what is a message here.
fn assert_same_as_tree(message: &Message) {
    let tree: Value = match serde_json::from_slice(message.as_bytes()) {
        Ok(tree) => tree,
        Err(error) => {
            assert!(
                error.to_string().starts_with("number out of range"),
                "{error}"
            );
            return;
        }
    };
    let id = message.id().map(|id| match id {
        RequestId::Integer(integer) => Value::from(integer),
        RequestId::String(string) => Value::from(string),
    });
    assert_eq!(id.as_ref(), tree.get("id"));
    assert_eq!(
        message.method().as_deref(),
        tree.get("method").and_then(Value::as_str)
    );
    for (part, name) in [
        (Part::Params, "params"),
        (Part::Result, "result"),
        (Part::Error, "error"),
    ] {
        let value = message
            .raw(part)
            .map(|json| serde_json::from_slice::<Value>(json).expect("JSON"));
        assert_eq!(value.as_ref(), tree.get(name));
    }
}

/// The scanner and the typed decoder find the same, or the decoder refuses: it also minds members
/// that mean nothing here, such as two of the same unknown name.
fn assert_same_as_typed(message: &Message) {
    let id = message.id();
    let method = message.method();
    let text = |part| {
        message
            .raw(part)
            .map(|json| std::str::from_utf8(json).expect("UTF-8"))
    };
    match message.kind() {
        Kind::Request => {
            if let Ok(request) = decode::<JSONRPCRequest<'_>>(message.as_bytes()) {
                assert_eq!((Some(request.id), Some(request.method)), (id, method));
                assert_eq!(
                    request.params.as_ref().map(JSONObject::as_str),
                    text(Part::Params)
                );
            }
        }
        Kind::Notification => {
            if let Ok(notification) = decode::<JSONRPCNotification<'_>>(message.as_bytes()) {
                assert_eq!(Some(notification.method), method);
                assert_eq!(
                    notification.params.as_ref().map(JSONObject::as_str),
                    text(Part::Params)
                );
            }
        }
        Kind::Result => {
            if let Ok(response) = decode::<JSONRPCResultResponse<'_>>(message.as_bytes()) {
                assert_eq!(Some(response.id), id);
                let result = &response.result;
                assert_eq!(
                    result.result_type.as_deref(),
                    message.text(Part::ResultType).as_deref()
                );
            }
        }
        Kind::Error => {
            if let Ok(response) = decode::<JSONRPCErrorResponse<'_>>(message.as_bytes()) {
                assert_eq!(response.id, id);
                let error: Error<'_> = message
                    .parse(Part::Error)
                    .expect("what was part of the whole");
                assert_eq!(response.error, error);
            }
        }
    }
}

fn assert_survives_encoding(message: &Message) {
    let id = message.id();
    let method = message.method();
    let params = message.slice(Part::Params);
    let payload = |part| message.slice(part).expect("a part that makes the kind");
    let encoded = match (message.kind(), id.as_ref(), method.as_deref()) {
        (Kind::Request, Some(id), Some(method)) => {
            encode_request(id, method, params.unwrap_or(Bytes::from_static(b"{}")))
        }
        (Kind::Notification, None, Some(method)) => encode_notification(method, params),
        (Kind::Result, Some(id), None) => encode_result(id, payload(Part::Result)),
        (Kind::Error, id, None) => encode_raw_error(id, payload(Part::Error)),
        members => panic!("{members:?} do not go together"),
    };
    assert_eq!(encoded.len(), encoded.to_bytes().len());
    let again = Message::decode(encoded.to_bytes()).expect("what was written");
    assert_eq!(
        (again.kind(), again.id(), again.method()),
        (message.kind(), id, method)
    );
    for part in all_parts().filter(|part| message.raw(*part).is_some()) {
        assert_eq!(again.raw(part), message.raw(part), "{part:?}");
    }
    assert_framed(encoded);
    assert_framed(message.clone().into());
}

/// Another `id`, and every other byte as it came.
fn assert_readdressed(message: &Message) {
    for other in [
        RequestId::Integer(i64::MIN),
        RequestId::String("\"\n\u{0}é".into()),
    ] {
        let Some(encoded) = message.with_id(&other) else {
            assert_eq!(message.id(), None);
            continue;
        };
        let bytes = encoded.to_bytes();
        let again = Message::decode(bytes.clone()).expect("what was readdressed");
        assert_eq!(again.id(), Some(other));
        assert_eq!(
            (again.kind(), again.method()),
            (message.kind(), message.method())
        );
        for part in all_parts() {
            assert_eq!(again.raw(part), message.raw(part), "{part:?}");
        }
        let back = again.with_id(&message.id().expect("an ID")).expect("an ID");
        let back = Message::decode(back.to_bytes()).expect("what was readdressed");
        assert_eq!(back.id(), message.id());
        // The copied bytes are those around the `id`, whichever side they are on.
        let (old, new) = (message.as_bytes(), &bytes);
        let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let tail = old.iter().rev().zip(new.iter().rev());
        let tail = tail.take_while(|(a, b)| a == b).count();
        assert!(front + tail + spelled(message) >= old.len());
        assert_framed(encoded);
    }
}

/// At most how many bytes the `id` is spelled with.
fn spelled(message: &Message) -> usize {
    match message.id() {
        Some(RequestId::String(id)) => 2 + id.chars().count() * 12,
        _ => 20,
    }
}

/// One line, one event, and nothing lost but the line ends between tokens.
fn assert_framed(message: Encoded) {
    let flat: Vec<u8> = message
        .to_bytes()
        .iter()
        .map(|&byte| {
            if matches!(byte, b'\n' | b'\r') {
                b' '
            } else {
                byte
            }
        })
        .collect();

    let framed = line::frame(message.clone()).to_bytes();
    assert_eq!(framed, [&flat[..], b"\n"].concat());
    let mut buffer = BytesMut::from(&framed[..]);
    let mut lines = LineDecoder::default();
    assert_eq!(
        lines.decode(&mut buffer),
        Some(Frame::Line(flat.clone().into()))
    );
    assert_eq!(lines.finish(&mut buffer), None);

    let event = sse::event(message).to_bytes();
    assert_eq!(event, [b"data: ", &flat[..], b"\n\n"].concat());
}
