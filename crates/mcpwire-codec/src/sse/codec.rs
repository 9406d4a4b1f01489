//! Server-sent events with the face that tokio's `Framed` types ask for.

use std::io;

use bytes::{BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::{EventDecoder, Frame, event};
use crate::encode::Encoded;

/// [`EventDecoder`] and [`event`] as a [`Decoder`] and an [`Encoder`].
///
/// An oversized event is a frame and no error, because `Framed` ends a stream at its first error. All
/// errors are those of the reader and writer.
#[derive(Clone, Debug, Default)]
pub struct SseCodec {
    events: EventDecoder,
}

impl SseCodec {
    /// Events of at most `limit` bytes, counted as [`EventDecoder`] does.
    pub fn new(limit: usize) -> Self {
        Self {
            events: EventDecoder::new(limit),
        }
    }
}

impl Decoder for SseCodec {
    type Item = Frame;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
        Ok(self.events.decode(buffer))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
        Ok(self.events.finish(buffer))
    }
}

impl Encoder<Encoded> for SseCodec {
    type Error = io::Error;

    /// Copies the message into the buffer; a vectored write of [`event`] does not.
    fn encode(&mut self, message: Encoded, buffer: &mut BytesMut) -> io::Result<()> {
        let event = event(message);
        buffer.reserve(event.len());
        buffer.put(event.into_buf());
        Ok(())
    }
}
