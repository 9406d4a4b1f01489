//! However a stream of bytes is cut into reads, its events are the same, and they are those that the
//! standard says (HTTP-28, HTTP-32).

mod frames_law;

use bytes::{Bytes, BytesMut};
use mcpwire_codec::sse::{EventDecoder, Frame};
use mcpwire_codec::{Encoded, encode_notification, encode_result};
use mcpwire_types::RequestId;
use proptest::prelude::*;

fn line_end() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![4 => Just(&b"\n"[..]), 2 => Just(&b"\r\n"[..]), 2 => Just(&b"\r"[..])]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-z{} ]{0,6}".prop_map(String::into_bytes),
        1 => "[0-9]{1,22}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => Just(b"\0".to_vec()),
        1 => Just("\u{feff}".as_bytes().to_vec()),
        1 => (0..40_usize).prop_map(|length| vec![b'x'; length]),
    ]
}

/// A line, or something that is nearly one.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        8 => Just("data"),
        2 => Just("event"),
        2 => Just("id"),
        2 => Just("retry"),
        2 => Just(""),
        1 => Just("datas"),
        1 => Just("dat"),
        1 => Just("DATA"),
        1 => Just(" data"),
        1 => Just("\u{feff}data"),
    ];
    let colon = prop_oneof![4 => Just(": "), 2 => Just(":"), 1 => Just(""), 1 => Just(" :")];
    (
        name,
        colon,
        value(),
        prop::option::weighted(0.95, line_end()),
    )
        .prop_map(|(name, colon, value, end)| {
            [
                name.as_bytes(),
                colon.as_bytes(),
                &value,
                end.unwrap_or_default(),
            ]
            .concat()
        })
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        6 => Just(Vec::new()),
        2 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => Just(b"\xef\xbb".to_vec()),
    ];
    let piece = prop_oneof![
        8 => line(),
        3 => line_end().prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    (start, prop::collection::vec(piece, 0..24))
        .prop_map(|(start, pieces)| [start, pieces.concat()].concat())
}

/// Ready JSON, which may have line ends between its tokens.
fn message() -> impl Strategy<Value = Encoded> {
    let space = || prop_oneof![4 => Just(""), 1 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    let payload = (space(), any::<String>(), space()).prop_map(|(a, text, b)| {
        let text = serde_json::json!(text);
        Bytes::from(format!("{{{a}\"text\":{text}{b}}}"))
    });
    prop_oneof![
        (any::<String>(), payload.clone())
            .prop_map(|(id, result)| encode_result(&RequestId::String(id.into()), result)),
        (any::<String>(), prop::option::of(payload))
            .prop_map(|(method, params)| encode_notification(&method, params)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_chunking_gives_the_same_events(
        stream in stream(),
        pieces in prop::collection::vec(0..7_usize, 0..100),
        limit in 0..40_usize,
    ) {
        frames_law::check_events(&stream, &pieces, limit);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        messages in prop::collection::vec(message(), 0..5),
        pieces in prop::collection::vec(0..90_usize, 0..20),
    ) {
        frames_law::check_written(&messages, &pieces);
    }
}

/// Looking at each byte again with each read, or with each line, would take hours.
#[test]
fn a_long_event_in_small_reads_costs_its_length() {
    const LENGTH: usize = 16 << 20;
    for (line, every) in [("data: ", usize::MAX), ("\ndata:", 64)] {
        let mut events = EventDecoder::new(LENGTH);
        let mut buffer = BytesMut::from("data: ");
        for read in 1..LENGTH / 16 {
            buffer.extend_from_slice(&[b'x'; 8]);
            if read % every == 0 {
                buffer.extend_from_slice(line.as_bytes());
            }
            assert_eq!(events.decode(&mut buffer), None);
        }
        buffer.extend_from_slice(b"\n\n");
        let Some(Frame::Event(event)) = events.decode(&mut buffer) else {
            panic!("an event");
        };
        assert!(event.data.len() >= LENGTH / 2 - 8);
    }
}
