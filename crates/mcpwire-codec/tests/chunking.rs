//! However a stream of bytes is cut into reads, its frames are the same (STDIO-02, STDIO-28).

use bytes::BytesMut;
use mcpwire_codec::line::{Frame, LineDecoder};
use proptest::prelude::*;

/// The frames by means of the standard library, with all of the stream at hand.
fn expected(stream: &[u8], limit: usize) -> Vec<Frame> {
    stream
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .map(|line| {
            if line.len() > limit {
                Frame::TooLong { limit }
            } else {
                Frame::Line(line.to_vec().into())
            }
        })
        .collect()
}

/// The frames of a stream that arrives cut at the given places.
fn decoded(stream: &[u8], cuts: &[usize], limit: usize) -> Vec<Frame> {
    let mut lines = LineDecoder::new(limit);
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    let mut rest = stream;
    for cut in cuts {
        let (piece, behind) = rest.split_at((*cut).min(rest.len()));
        rest = behind;
        buffer.extend_from_slice(piece);
        while let Some(frame) = lines.decode(&mut buffer) {
            frames.push(frame);
        }
        assert!(buffer.len() <= limit + 1, "{} bytes are held", buffer.len());
    }
    buffer.extend_from_slice(rest);
    while let Some(frame) = lines.finish(&mut buffer) {
        frames.push(frame);
    }
    assert!(buffer.is_empty());
    frames
}

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
    fn every_chunking_gives_the_same_frames(
        stream in stream(),
        cuts in prop::collection::vec(0..7_usize, 0..60),
        limit in 0..12_usize,
    ) {
        prop_assert_eq!(decoded(&stream, &cuts, limit), expected(&stream, limit));
    }
}
