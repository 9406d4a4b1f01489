//! Header values that mirror members of a message (HDR-19 to HDR-36).
//!
//! The first byte says how long the header value is; what is behind it is the value in the body.

use std::sync::LazyLock;

use bytes::Bytes;
use futures_util::FutureExt as _;
use mcpwire_codec::Message;
use mcpwire_dispatch::{RawArgs, Router, tool};
use mcpwire_service::{MirroredParams, Reply, Request, header_value, oneshot};
use serde_json::json;

/// A server with a tool that has one mirrored argument.
static SERVER: LazyLock<Router> = LazyLock::new(|| {
    let schema = json!({
        "type": "object",
        "properties": {"mirrored": {"type": "string", "x-mcp-header": "Mirrored"}},
    });
    Router::new("laws", "1").tool(tool("mirror").input_schema(schema), async |_: RawArgs| {
        Ok("done")
    })
});

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else {
        return;
    };
    let (raw, body) = rest.split_at(usize::from(*length).min(rest.len()));
    let body = String::from_utf8_lossy(body);

    let expected = naive(raw);
    assert_eq!(
        header_value::decode(raw).ok().as_deref(),
        expected.as_deref(),
        "{raw:?}"
    );

    // HDR-20, HDR-23: any text survives the way through a header, and what it goes through is plain.
    for text in [Some(&*body), expected.as_deref()].into_iter().flatten() {
        let header = header_value::encode(text);
        assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        assert_eq!(naive(header.as_bytes()).as_deref(), Some(text));
        assert!(agrees(header.as_bytes(), text), "{header:?} for {text:?}");
    }

    // HDR-30: a header that stands for another text is a mismatch, and so is one that cannot be read.
    assert_eq!(
        agrees(raw, &body),
        expected.as_deref() == Some(&*body),
        "{raw:?} beside {body:?}"
    );
}

/// Whether the server lets a call through.
fn agrees(raw: &[u8], body: &str) -> bool {
    let message = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": "mirror",
            "arguments": {"mirrored": body},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let message = Message::decode(message.to_string()).expect("a message");
    let mut request = Request::new(message).expect("a request");
    let mut mirrored = MirroredParams::default();
    mirrored.push("mirrored", Bytes::copy_from_slice(raw));
    request.context_mut().mirrored_params = Some(mirrored);
    let reply = oneshot(SERVER.clone(), request).now_or_never();
    let Some(Ok(Reply::Response(response))) = reply else {
        panic!("one response was due at once")
    };
    match response.as_error() {
        None => true,
        Some((-32020, _)) => false,
        Some((code, json)) => panic!("{code}: {json:?}"),
    }
}

/// The text that a header value stands for, bit by bit.
fn naive(raw: &[u8]) -> Option<String> {
    if !raw.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return None;
    }
    let text = std::str::from_utf8(raw).ok()?;
    let text = text.trim_matches(|c| c == ' ' || c == '\t');
    let (prefix, suffix) = ("=?base64?", "?=");
    let is_wrapped = text.len() >= prefix.len() + suffix.len()
        && text.starts_with(prefix)
        && text.ends_with(suffix);
    if !is_wrapped {
        return Some(text.to_owned());
    }
    let wrapped = &text[prefix.len()..text.len() - suffix.len()];
    if !wrapped.len().is_multiple_of(4) {
        return None;
    }
    let digits = wrapped.trim_end_matches('=');
    let padding = wrapped.len() - digits.len();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = Vec::new();
    for digit in digits.bytes() {
        let value = alphabet.iter().position(|known| *known == digit)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    // What is left over is padding, as much as is needed, and its bits are zero.
    let left_over = bits.len() % 8;
    if padding != left_over / 2 || bits[bits.len() - left_over..].contains(&true) {
        return None;
    }
    let byte = |bits: &[bool]| {
        bits.iter()
            .fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit))
    };
    let (octets, _) = bits.as_chunks::<8>();
    String::from_utf8(octets.iter().map(|octet| byte(octet)).collect()).ok()
}
