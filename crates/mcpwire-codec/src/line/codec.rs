//! The newline framing with the face that tokio's `Framed` types ask for.

use std::io;

use bytes::{BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::{Frame, LineDecoder, frame};
use crate::encode::Encoded;

/// [`LineDecoder`] and [`frame`] as a [`Decoder`] and an [`Encoder`].
///
/// An oversized line is a frame and no error, because `Framed` ends a stream at its first error. All
/// errors are those of the reader and writer.
#[derive(Clone, Debug, Default)]
pub struct LineCodec {
    lines: LineDecoder,
}

impl LineCodec {
    /// Lines of at most `limit` bytes, their end not counted.
    pub fn new(limit: usize) -> Self {
        Self {
            lines: LineDecoder::new(limit),
        }
    }
}

impl Decoder for LineCodec {
    type Item = Frame;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
        Ok(self.lines.decode(buffer))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
        Ok(self.lines.finish(buffer))
    }
}

impl Encoder<Encoded> for LineCodec {
    type Error = io::Error;

    /// Copies the message into the buffer; a vectored write of [`frame`] does not.
    fn encode(&mut self, message: Encoded, buffer: &mut BytesMut) -> io::Result<()> {
        let line = frame(message);
        buffer.reserve(line.len());
        buffer.put(line.into_buf());
        Ok(())
    }
}
