//! Newline framing: one message per line (STDIO-02, STDIO-03). Sans-io; somebody else reads and writes.

#[cfg(feature = "tokio-util")]
mod codec;

use bytes::{Bytes, BytesMut};

#[cfg(feature = "tokio-util")]
pub use codec::LineCodec;

use crate::encode::Encoded;
use crate::flat;
use crate::limits::Limits;

/// Buffers larger than this are given back once they have been read empty, so that one long line does
/// not cost its length for as long as the stream lives.
const KEPT: usize = 64 * 1024;

/// What a stream of bytes is made of. There will be no third thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A line without its end, and not empty. Shares the buffer it was read into.
    Line(Bytes),
    /// A line beyond the limit. It has been dropped; the next frame is the line behind it.
    TooLong {
        /// The limit that applied, in bytes.
        limit: usize,
    },
}

/// Finds lines in a stream of bytes.
///
/// Read into a [`BytesMut`], and call [`decode`](Self::decode) until it asks for more. However the
/// stream is cut into reads, the frames are the same. Lines end in LF or CRLF; empty ones are
/// skipped. Of a line beyond the limit never more than the limit and one read are held.
///
/// ```
/// use bytes::BytesMut;
/// use mcpwire_codec::line::{Frame, LineDecoder};
///
/// let mut lines = LineDecoder::new(8);
/// let mut buffer = BytesMut::from("{}\r\n\n\"much too long\"\n[");
/// assert_eq!(lines.decode(&mut buffer), Some(Frame::Line("{}".into())));
/// assert_eq!(lines.decode(&mut buffer), Some(Frame::TooLong { limit: 8 }));
/// assert_eq!(lines.decode(&mut buffer), None);
/// buffer.extend_from_slice(b"]");
/// assert_eq!(lines.finish(&mut buffer), Some(Frame::Line("[]".into())));
/// assert_eq!(lines.finish(&mut buffer), None);
/// ```
#[derive(Clone, Debug)]
pub struct LineDecoder {
    limit: usize,
    /// How much of the buffer is known to have no line end.
    searched: usize,
    /// Whether the line at hand is beyond the limit, and dropped as it comes.
    dropping: bool,
}

/// The limit is that of [`Limits::max_message_bytes`].
impl Default for LineDecoder {
    fn default() -> Self {
        Self::new(Limits::default().max_message_bytes)
    }
}

impl LineDecoder {
    /// Lines of at most `limit` bytes, their end not counted.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            searched: 0,
            dropping: false,
        }
    }

    /// Takes the next frame out of the buffer. `None` asks for more bytes at its end; the buffer must
    /// not be changed in any other way.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        loop {
            let unsearched = buffer.get(self.searched..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', unsearched).map(|at| self.searched + at) else {
                self.wait(buffer);
                return None;
            };
            let line = buffer.split_to(end + 1);
            if buffer.is_empty() && end.max(buffer.capacity()) > KEPT {
                *buffer = BytesMut::new();
            }
            self.searched = 0;
            let frame = self.frame(&line.freeze().slice(..end));
            if frame.is_some() {
                return frame;
            }
        }
    }

    /// Takes the next frame out of the buffer once the stream has ended; `None` means that there is
    /// no more. A last line needs no line end.
    pub fn finish(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        if let Some(frame) = self.decode(buffer) {
            return Some(frame);
        }
        self.searched = 0;
        let line = core::mem::take(buffer).freeze();
        self.frame(&line)
    }

    /// No line ends in the buffer: remembers that, and drops what will not be used.
    fn wait(&mut self, buffer: &mut BytesMut) {
        self.dropping = self.dropping || without_cr(buffer).len() > self.limit;
        if self.dropping {
            if buffer.capacity() > KEPT {
                *buffer = BytesMut::new();
            } else {
                buffer.clear();
            }
        }
        self.searched = buffer.len();
    }

    /// The frame that a line is, without its LF; `None` for an empty line.
    fn frame(&mut self, line: &Bytes) -> Option<Frame> {
        let length = without_cr(line).len();
        if core::mem::take(&mut self.dropping) || length > self.limit {
            return Some(Frame::TooLong { limit: self.limit });
        }
        (length > 0).then(|| Frame::Line(line.slice(..length)))
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The message as one line, with its end. Line ends that stand between the tokens of ready JSON
/// become spaces; that copies the payload, and nothing is copied where there are none (STDIO-03).
pub fn frame(message: Encoded) -> Encoded {
    let flat = flat::flatten(message);
    let tail = match &*flat.tail {
        b"" => Bytes::from_static(b"\n"),
        b"}" => Bytes::from_static(b"}\n"),
        other => flat::join(other, b"\n"),
    };
    Encoded { tail, ..flat }
}

#[cfg(test)]
mod tests;
