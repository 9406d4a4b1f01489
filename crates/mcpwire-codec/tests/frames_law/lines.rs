//! Lines by means of the standard library, with all of the stream at hand.

use mcpwire_codec::line::{Frame, LineDecoder};

pub(super) fn naive(stream: &[u8], limit: usize) -> Vec<Frame> {
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

pub(super) fn decoded(stream: &[u8], pieces: &[usize], limit: usize) -> Vec<Frame> {
    let mut lines = LineDecoder::new(limit);
    let take = |buffer: &mut _, ended| {
        if ended {
            lines.finish(buffer)
        } else {
            lines.decode(buffer)
        }
    };
    // A CR may belong to the end of the line.
    super::feed(stream, pieces, take, limit.saturating_add(1))
}
