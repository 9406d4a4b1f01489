//! Streams of lines and events, cut into reads.

use arbitrary::Unstructured;

/// Shared with the property tests of the codec.
#[path = "../../mcpwire-codec/tests/frames_law/mod.rs"]
mod frames_law;

/// A limit, the lengths of a few reads, and the stream.
struct Cut<'a> {
    limit: usize,
    pieces: Vec<usize>,
    stream: &'a [u8],
}

impl<'a> Cut<'a> {
    /// The first byte is the limit, the second one how many lengths follow; the rest is the stream.
    fn new(bytes: &'a [u8]) -> Self {
        let mut input = Unstructured::new(bytes);
        let mut byte = || input.arbitrary::<u8>().unwrap_or(0);
        let limit = match byte() {
            u8::MAX => usize::MAX,
            short => usize::from(short) % 64,
        };
        let pieces = (0..byte() % 64).map(|_| usize::from(byte()) % 24).collect();
        Self {
            limit,
            pieces,
            stream: input.take_rest(),
        }
    }
}

/// Panics if the bytes break the law.
pub fn check_lines(bytes: &[u8]) {
    let cut = Cut::new(bytes);
    frames_law::check_lines(cut.stream, &cut.pieces, cut.limit);
}

/// Panics if the bytes break the law.
pub fn check_events(bytes: &[u8]) {
    let cut = Cut::new(bytes);
    frames_law::check_events(cut.stream, &cut.pieces, cut.limit);
}
