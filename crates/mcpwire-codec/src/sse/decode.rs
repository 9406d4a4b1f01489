//! Events out of a stream of bytes.

use core::mem;
use core::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};

use super::field::{Field, Line};
use crate::limits::Limits;

/// Buffers larger than this are given back once they have been read empty, so that one long event
/// does not cost its length for as long as the stream lives.
const KEPT: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The name of events that have none.
const MESSAGE: &[u8] = b"message";

/// What a stream of events is made of. There will be no fifth thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// An event.
    Event(Event),
    /// A comment, such as [`KEEP_ALIVE`](super::KEEP_ALIVE): it means nothing, and shows that the
    /// peer is alive (HTTP-27, HTTP-28).
    Comment,
    /// How long to wait before a broken stream is opened anew.
    Retry(Duration),
    /// An event beyond the limit. It is dropped, and the next event is the one behind it.
    TooLong {
        /// The limit that applied, in bytes.
        limit: usize,
    },
}

/// An event: one message, if its name says nothing else (HTTP-32).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The value of `data`; several of them are joined by LF. A single one, which is what a message
    /// normally comes in, shares the buffer it was read into. It may be empty.
    pub data: Bytes,
    /// The value of `event`; `None` if there was none, or an empty one.
    pub name: Option<Bytes>,
    /// The last value of `id` that the stream had, here or before; `None` if there was none, or an
    /// empty one. It may not be UTF-8, as nothing else may: the bytes are those that came.
    pub id: Option<Bytes>,
}

impl Event {
    /// Whether the event has a message for data: it has no name, or the name `message`.
    pub fn is_message(&self) -> bool {
        self.name.as_ref().is_none_or(|name| name == MESSAGE)
    }
}

/// Finds events in a stream of bytes, as the standard interprets them.
///
/// Read into a [`BytesMut`], and call [`decode`](Self::decode) until it asks for more. However the
/// stream is cut into reads, the frames are the same.
///
/// - Lines end in LF, CR or CRLF; a byte order mark at the start is skipped.
/// - An event without `data` is none, but its `id` counts. An event that the stream ends in the
///   middle of is none either.
/// - What is unknown is ignored: other fields, an `id` with a NUL, a `retry` that is no number.
/// - All that is kept of an event, the values of its fields and the LFs between those of `data`, is
///   at most `limit` bytes, or the event is dropped as it comes. Comments and unknown fields are
///   never kept, however long.
///
/// ```
/// use bytes::BytesMut;
/// use mcpwire_codec::sse::{Event, EventDecoder, Frame};
///
/// let mut events = EventDecoder::new(8);
/// let mut buffer = BytesMut::from(": hello\n\ndata: {}\n\ndata: \"much too long\"\r\n\r\nda");
/// assert_eq!(events.decode(&mut buffer), Some(Frame::Comment));
/// let event = Event { data: "{}".into(), ..Event::default() };
/// assert_eq!(events.decode(&mut buffer), Some(Frame::Event(event)));
/// assert_eq!(events.decode(&mut buffer), Some(Frame::TooLong { limit: 8 }));
/// assert_eq!(events.decode(&mut buffer), None);
/// ```
#[derive(Clone, Debug)]
pub struct EventDecoder {
    limit: usize,
    /// The last `id` of the events so far; empty if there was none.
    last_id: Bytes,
    pending: Pending,
    /// How much of the buffer is known to have no line end.
    searched: usize,
    /// The longest line since the buffer was last empty: it may have grown for that.
    longest: usize,
    line: Progress,
    /// Whether nothing has been taken from the stream, so that a byte order mark may come.
    at_start: bool,
    /// Whether the last line ended in CR, so that an LF belongs to it.
    after_cr: bool,
    /// Whether the event at hand is beyond the limit, and dropped as it comes.
    dropping: bool,
}

/// How the line at hand is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It is kept in the buffer until its end is there.
    Kept,
    /// It is dropped as it comes.
    Skipped { comment: bool },
}

/// An event whose end has not come.
#[derive(Clone, Debug, Default)]
struct Pending {
    data: Data,
    name: Bytes,
    id: Option<Bytes>,
    /// What its fields have cost.
    length: usize,
}

#[derive(Clone, Debug, Default)]
enum Data {
    #[default]
    None,
    Line(Bytes),
    Lines(BytesMut),
}

impl Pending {
    /// What the event costs with another value for a field.
    fn length_with(&self, field: Field, value: usize) -> usize {
        let joint = field == Field::Data && !matches!(self.data, Data::None);
        self.length
            .saturating_add(value)
            .saturating_add(usize::from(joint))
    }
}

impl Data {
    fn push(&mut self, line: Bytes) {
        *self = match mem::take(self) {
            Self::None => Self::Line(line),
            Self::Line(first) => {
                let mut lines = BytesMut::with_capacity(first.len() + 1 + line.len());
                lines.extend_from_slice(&first);
                Self::joined(lines, &line)
            }
            Self::Lines(lines) => Self::joined(lines, &line),
        }
    }

    fn joined(mut lines: BytesMut, line: &[u8]) -> Self {
        lines.extend_from_slice(b"\n");
        lines.extend_from_slice(line);
        Self::Lines(lines)
    }

    fn finish(self) -> Option<Bytes> {
        match self {
            Self::None => None,
            Self::Line(line) => Some(line),
            Self::Lines(lines) => Some(lines.freeze()),
        }
    }
}

/// The limit is that of [`Limits::max_message_bytes`].
impl Default for EventDecoder {
    fn default() -> Self {
        Self::new(Limits::default().max_message_bytes)
    }
}

impl EventDecoder {
    /// Events of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            last_id: Bytes::new(),
            pending: Pending::default(),
            searched: 0,
            longest: 0,
            line: Progress::Kept,
            at_start: true,
            after_cr: false,
            dropping: false,
        }
    }

    /// Takes the next frame out of the buffer. `None` asks for more bytes at its end; the buffer must
    /// not be changed in any other way.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        if self.at_start {
            self.start(buffer)?;
        }
        loop {
            if self.after_cr {
                let lf = *buffer.first()? == b'\n';
                buffer.advance(usize::from(lf));
                self.after_cr = false;
            }
            let unsearched = buffer.get(self.searched..).unwrap_or_default();
            let Some(end) = memchr::memchr2(b'\n', b'\r', unsearched) else {
                return self.wait(buffer);
            };
            self.after_cr = unsearched.get(end) == Some(&b'\r');
            let end = self.searched + end;
            self.searched = 0;
            let frame = self.take_line(buffer, end);
            self.longest = self.longest.max(end);
            if buffer.is_empty() && mem::take(&mut self.longest).max(buffer.capacity()) > KEPT {
                *buffer = BytesMut::new();
            }
            if frame.is_some() {
                return frame;
            }
        }
    }

    /// Takes the next frame out of the buffer once the stream has ended; `None` means that there is
    /// no more. An event without the empty line at its end is discarded. The decoder can then be used
    /// for the stream that continues this one: it knows its last ID.
    pub fn finish(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        let frame = self.decode(buffer);
        if frame.is_none() {
            *buffer = BytesMut::new();
            let last_id = mem::take(&mut self.last_id);
            *self = Self {
                last_id,
                ..Self::new(self.limit)
            };
        }
        frame
    }

    /// The last `id` of the stream, which a client names when it opens the stream anew (of revisions
    /// that could do so; HTTP-32 knows no IDs). `None` if there was none, or an empty one.
    pub fn last_event_id(&self) -> Option<&Bytes> {
        Some(&self.last_id).filter(|id| !id.is_empty())
    }

    /// Skips a byte order mark; `None` if it is yet to be seen whether there is one.
    fn start(&mut self, buffer: &mut BytesMut) -> Option<()> {
        if buffer.starts_with(BYTE_ORDER_MARK) {
            buffer.advance(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(buffer) {
            return None;
        }
        self.at_start = false;
        Some(())
    }

    /// No line ends in the buffer: remembers that, and drops what will not be used.
    fn wait(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        let mut frame = None;
        if self.line == Progress::Kept {
            match Line::begun(buffer) {
                None => {}
                Some(Line::Comment) => self.line = Progress::Skipped { comment: true },
                Some(Line::Other) => self.line = Progress::Skipped { comment: false },
                Some(Line::Field(field, start)) => {
                    if !self.dropping {
                        frame = self.check(field, buffer.len() - start);
                    }
                    if self.dropping {
                        self.line = Progress::Skipped { comment: false };
                    }
                }
            }
        }
        if self.line != Progress::Kept {
            if buffer.capacity() > KEPT {
                *buffer = BytesMut::new();
            } else {
                buffer.clear();
            }
        }
        self.searched = buffer.len();
        frame
    }

    /// Takes a line out of the buffer, and its end, of which one byte is there.
    fn take_line(&mut self, buffer: &mut BytesMut, end: usize) -> Option<Frame> {
        let line = buffer.get(..end).unwrap_or_default();
        let skipped = mem::replace(&mut self.line, Progress::Kept);
        let line = match skipped {
            Progress::Skipped { comment: true } => Line::Comment,
            Progress::Skipped { comment: false } => Line::Other,
            Progress::Kept if line.is_empty() => {
                buffer.advance(1);
                return self.dispatch();
            }
            Progress::Kept => Line::of(line),
        };
        let mut frame = None;
        match line {
            Line::Comment => frame = Some(Frame::Comment),
            Line::Field(field, start) if !self.dropping => {
                frame = self.check(field, end - start);
                if !self.dropping {
                    buffer.advance(start);
                    frame = self.field(field, buffer, end - start);
                    buffer.advance(1);
                    return frame;
                }
            }
            Line::Field(..) | Line::Other => {}
        }
        buffer.advance(end + 1);
        frame
    }

    /// Whether there is room for a value, which may be the beginning of a longer one.
    fn check(&mut self, field: Field, value: usize) -> Option<Frame> {
        if self.pending.length_with(field, value) <= self.limit {
            return None;
        }
        self.dropping = true;
        self.pending = Pending::default();
        Some(Frame::TooLong { limit: self.limit })
    }

    /// Takes a value out of the buffer.
    fn field(&mut self, field: Field, buffer: &mut BytesMut, length: usize) -> Option<Frame> {
        self.pending.length = self.pending.length_with(field, length);
        if field == Field::Data {
            self.pending.data.push(buffer.split_to(length).freeze());
            return None;
        }
        let value = buffer.get(..length).unwrap_or_default();
        let mut frame = None;
        match field {
            Field::Data => {}
            Field::Event => {
                self.pending.name = if value == MESSAGE {
                    Bytes::from_static(MESSAGE)
                } else {
                    Bytes::copy_from_slice(value)
                }
            }
            Field::Id => {
                if memchr::memchr(0, value).is_none() {
                    self.pending.id = Some(Bytes::copy_from_slice(value));
                }
            }
            Field::Retry => frame = milliseconds(value).map(Frame::Retry),
        }
        buffer.advance(length);
        frame
    }

    /// An empty line ends the event.
    fn dispatch(&mut self) -> Option<Frame> {
        self.dropping = false;
        let pending = mem::take(&mut self.pending);
        if let Some(id) = pending.id {
            self.last_id = id;
        }
        Some(Frame::Event(Event {
            data: pending.data.finish()?,
            name: Some(pending.name).filter(|name| !name.is_empty()),
            id: self.last_event_id().cloned(),
        }))
    }
}

/// Decimal digits, however many; beyond what the type can hold it is the most that it can.
fn milliseconds(value: &[u8]) -> Option<Duration> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let number = value.iter().try_fold(0_u64, |number, byte| {
        Some(number.saturating_mul(10).saturating_add(digit(byte)?))
    })?;
    (!value.is_empty()).then(|| Duration::from_millis(number))
}

#[cfg(test)]
mod tests;
