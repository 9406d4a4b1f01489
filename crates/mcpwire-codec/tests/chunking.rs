//! However a stream of bytes is cut into reads, its lines are the same (STDIO-02, STDIO-28).

mod frames_law;

use bytes::BytesMut;
use mcpwire_codec::line::{Frame, LineDecoder};
use proptest::prelude::*;

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..6),
        3 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"{\"a\":1}".to_vec()),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_chunking_gives_the_same_lines(
        stream in stream(),
        pieces in prop::collection::vec(0..7_usize, 0..60),
        limit in 0..12_usize,
    ) {
        frames_law::check_lines(&stream, &pieces, limit);
    }
}

/// Looking at each byte again with each read would take hours.
#[test]
fn a_long_line_in_small_reads_costs_its_length() {
    const LENGTH: usize = 16 << 20;
    let mut lines = LineDecoder::new(LENGTH);
    let mut buffer = BytesMut::new();
    for _ in 0..LENGTH / 16 {
        buffer.extend_from_slice(&[b'x'; 16]);
        assert_eq!(lines.decode(&mut buffer), None);
    }
    buffer.extend_from_slice(b"\n");
    let Some(Frame::Line(line)) = lines.decode(&mut buffer) else {
        panic!("a line");
    };
    assert_eq!(line.len(), LENGTH);
}
