//! The laws of framing: however a stream is cut into reads, its frames are those that a naive reader
//! finds in all of it at once; and what is framed comes out again. Shared with the fuzz targets.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support; not every test uses all of it"
)]

mod events;
mod lines;

use bytes::BytesMut;
use mcpwire_codec::{Encoded, line, sse};

/// Checks the lines of a stream that arrives in pieces of the given lengths, and a last one with the
/// rest.
///
/// # Panics
///
/// If they are not those that the naive reader finds, or too much is held on the way.
pub(crate) fn check_lines(stream: &[u8], pieces: &[usize], limit: usize) {
    let found = lines::decoded(stream, pieces, limit);
    assert_eq!(
        found,
        lines::naive(stream, limit),
        "{stream:?} in {pieces:?}"
    );
}

/// Checks the events of a stream that arrives in pieces of the given lengths, and a last one with the
/// rest.
///
/// # Panics
///
/// If they are not those that the naive reader finds, or too much is held on the way.
pub(crate) fn check_events(stream: &[u8], pieces: &[usize], limit: usize) {
    let found = events::decoded(stream, pieces, limit);
    assert_eq!(
        found,
        events::naive(stream, limit),
        "{stream:?} in {pieces:?}"
    );
}

/// Checks that messages, written one behind the other as lines and as events, come out as they were
/// but for their line ends, with keep-alive comments between them or not.
///
/// # Panics
///
/// If a message is lost, changed or invented.
pub(crate) fn check_written(messages: &[Encoded], pieces: &[usize]) {
    let expected: Vec<Vec<u8>> = messages.iter().map(flat).collect();
    let longest = expected.iter().map(Vec::len).max().unwrap_or_default();

    let written: Vec<u8> = messages
        .iter()
        .flat_map(|message| line::frame(message.clone()).to_bytes())
        .collect();
    let lines: Vec<Vec<u8>> = lines::decoded(&written, pieces, longest)
        .into_iter()
        .map(|frame| match frame {
            line::Frame::Line(line) => line.to_vec(),
            line::Frame::TooLong { .. } => panic!("a line became longer"),
        })
        .collect();
    assert_eq!(lines, expected);

    let written: Vec<u8> = messages
        .iter()
        .flat_map(|message| {
            let event = sse::event(message.clone()).to_bytes();
            [&event[..], sse::KEEP_ALIVE].concat()
        })
        .collect();
    let mut comments = 0;
    let mut events = Vec::new();
    for frame in events::decoded(&written, pieces, longest) {
        match frame {
            sse::Frame::Comment => comments += 1,
            sse::Frame::Event(event) => {
                assert!(event.is_message() && event.id.is_none());
                events.push(event.data.to_vec());
            }
            other => panic!("{other:?} was not written"),
        }
    }
    assert_eq!((events, comments), (expected, messages.len()));
}

/// The message with a space for each byte of a line end.
fn flat(message: &Encoded) -> Vec<u8> {
    let mut bytes = message.to_bytes().to_vec();
    for byte in &mut bytes {
        if matches!(byte, b'\r' | b'\n') {
            *byte = b' ';
        }
    }
    bytes
}

/// Feeds a stream piece by piece, and takes out what is there after each of them.
fn feed<T>(
    stream: &[u8],
    pieces: &[usize],
    mut take: impl FnMut(&mut BytesMut, bool) -> Option<T>,
    most: usize,
) -> Vec<T> {
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    let mut rest = stream;
    for piece in pieces {
        let (piece, behind) = rest.split_at((*piece).min(rest.len()));
        rest = behind;
        buffer.extend_from_slice(piece);
        while let Some(frame) = take(&mut buffer, false) {
            frames.push(frame);
        }
        assert!(buffer.len() <= most, "{} bytes are held", buffer.len());
    }
    buffer.extend_from_slice(rest);
    while let Some(frame) = take(&mut buffer, true) {
        frames.push(frame);
    }
    assert!(buffer.is_empty());
    frames
}
