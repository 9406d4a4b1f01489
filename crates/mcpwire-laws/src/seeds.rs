//! What fuzzing starts from: inputs that are right, generated, and the same each time.

use crate::{router, types};

#[path = "../../mcpwire-codec/tests/conversation/mod.rs"]
mod conversation;

/// The seeds of the law of this name.
pub fn seeds(law: &str) -> Vec<Vec<u8>> {
    match law {
        "decode" => messages(),
        "lines" => framed(|message| [message, b"\r\n"].concat()),
        "sse" => events(),
        "typed" => texts(),
        "header" => headers(),
        // What follows makes structure out of any bytes.
        "message" | "router" => noise(24, 400),
        "types" => (0..24)
            .map(|selector| [&[selector], &*chance(u64::from(selector), 32)].concat())
            .collect(),
        "template" => noise(24, 40),
        _ => Vec::new(),
    }
}

/// A conversation written by hand, and one that a server of ours had.
fn messages() -> Vec<Vec<u8>> {
    let by_hand = conversation::MESSAGES.iter();
    let by_hand = by_hand.map(|(_, text)| text.as_bytes().to_vec());
    by_hand.chain(router::recorded()).collect()
}

/// No limit, a few reads, and messages, each in its frame.
fn framed(frame: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    let stream: Vec<u8> = messages()
        .iter()
        .take(4)
        .flat_map(|message| frame(message))
        .collect();
    vec![
        [&[255, 3, 1, 20, 7], &stream[..]].concat(),
        [&[20, 0], &b"{}\n\n1234567890123456789012\r\nx\r\ny\rz"[..]].concat(),
    ]
}

fn events() -> Vec<Vec<u8>> {
    let mut seeds = framed(|message| [b"event: message\ndata: ", message, b"\n\n"].concat());
    for stream in [
        "\u{feff}id: 1\r\nretry: 3000\r\ndata: a\r\ndata: b\r\r: x\n\n",
        ":\n\nid\ndata\n\ndata: more than ten bytes\n\ndata:x\n\n",
    ] {
        seeds.push([&[10, 2, 1, 3], stream.as_bytes()].concat());
    }
    seeds
}

/// A value of each type, behind the byte that says which.
fn texts() -> Vec<Vec<u8>> {
    let texts = types::examples(&chance(7, 32));
    let texts = texts.into_iter().enumerate();
    texts
        .filter_map(|(index, text)| Some([&[u8::try_from(index).ok()?], text.as_bytes()].concat()))
        .collect()
}

fn headers() -> Vec<Vec<u8>> {
    [
        ("eu-north", "eu-north"),
        ("=?base64?emHFvMOzxYLEhw==?=", "zażółć"),
        ("=?base64??=", ""),
        ("\t=?base64?PT9iYXNlNjQ/Wm05dj89?= ", "=?base64?Zm9v?="),
    ]
    .iter()
    .map(|(header, body)| {
        let length = u8::try_from(header.len()).unwrap_or(u8::MAX);
        [&[length], header.as_bytes(), body.as_bytes()].concat()
    })
    .collect()
}

fn noise(count: u64, length: usize) -> Vec<Vec<u8>> {
    (0..count).map(|seed| chance(seed, length)).collect()
}

/// Bytes without a pattern, the same for the same seed (xorshift).
fn chance(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let words = std::iter::from_fn(|| Some(next().to_le_bytes()));
    words
        .take(length.div_ceil(8))
        .flatten()
        .take(length)
        .collect()
}
