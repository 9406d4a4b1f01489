//! The input: bytes are read, and lines come out of it.

use std::io;

use bytes::BytesMut;
use mcpwire_codec::line::{Frame, LineDecoder};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The buffer that is made for reads. Requests share the buffer they were read into, so one that stays
/// for long keeps about as much.
const READ: usize = 32 * 1024;

/// With less room than this, more is made.
const LEAST: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    decoder: LineDecoder,
    buffer: BytesMut,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R, max_line_bytes: usize) -> Self {
        let decoder = LineDecoder::new(max_line_bytes);
        Self {
            reader,
            decoder,
            buffer: BytesMut::new(),
            ended: false,
        }
    }

    /// The next line, or `None` at the end of input. Nothing is lost if the future is dropped.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if self.ended {
                return Ok(self.decoder.finish(&mut self.buffer));
            }
            if let Some(frame) = self.read_already() {
                return Ok(Some(frame));
            }
            let length = self.buffer.len();
            if self.buffer.capacity() - length < LEAST {
                self.buffer.reserve(READ.saturating_sub(length).max(LEAST));
            }
            self.ended = self.reader.read_buf(&mut self.buffer).await? == 0;
        }
    }

    /// The next line among those that were read with an earlier one.
    pub(crate) fn read_already(&mut self) -> Option<Frame> {
        self.decoder.decode(&mut self.buffer)
    }
}
