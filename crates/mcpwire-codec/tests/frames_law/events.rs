//! Events as the standard tells it, step by step, with all of the stream at hand.

use std::time::Duration;

use mcpwire_codec::sse::{Event, EventDecoder, Frame};

#[derive(Default)]
struct Naive {
    limit: usize,
    frames: Vec<Frame>,
    last_event_id: Vec<u8>,
    /// All data lines of the event, or none.
    data: Option<Vec<Vec<u8>>>,
    event_type: Vec<u8>,
    id: Option<Vec<u8>>,
    /// The length of all values, and of the line feeds between those of data.
    cost: usize,
    is_too_long: bool,
}

pub(super) fn naive(stream: &[u8], limit: usize) -> Vec<Frame> {
    let mut naive = Naive {
        limit,
        ..Naive::default()
    };
    let stream = stream.strip_prefix("\u{feff}".as_bytes()).unwrap_or(stream);
    let mut line = Vec::new();
    let mut bytes = stream.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => naive.line(&std::mem::take(&mut line)),
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                naive.line(&std::mem::take(&mut line));
            }
            other => line.push(other),
        }
    }
    // The last line has no end. Its value may be too long already.
    if !line.starts_with(b":")
        && let Some(colon) = line.iter().position(|byte| *byte == b':')
    {
        naive.charge(&line[..colon], without_space(&line[colon + 1..]));
    }
    naive.frames
}

fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

impl Naive {
    fn line(&mut self, line: &[u8]) {
        if line.is_empty() {
            self.dispatch();
        } else if line[0] == b':' {
            self.frames.push(Frame::Comment);
        } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            self.field(&line[..colon], without_space(&line[colon + 1..]));
        } else {
            self.field(line, b"");
        }
    }

    fn charge(&mut self, name: &[u8], value: &[u8]) {
        if self.is_too_long || ![&b"data"[..], b"event", b"id", b"retry"].contains(&name) {
            return;
        }
        self.cost += value.len();
        if name == b"data" && self.data.is_some() {
            self.cost += 1;
        }
        if self.cost > self.limit {
            self.is_too_long = true;
            self.frames.push(Frame::TooLong { limit: self.limit });
        }
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.charge(name, value);
        if self.is_too_long {
            return;
        }
        match name {
            b"event" => self.event_type = value.to_vec(),
            b"data" => self.data.get_or_insert_default().push(value.to_vec()),
            b"id" if !value.contains(&0) => self.id = Some(value.to_vec()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let number = String::from_utf8(value.to_vec()).unwrap();
                let milliseconds = number.parse().unwrap_or(u64::MAX);
                self.frames
                    .push(Frame::Retry(Duration::from_millis(milliseconds)));
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let event = std::mem::take(self);
        self.limit = event.limit;
        self.frames = event.frames;
        self.last_event_id = event.last_event_id;
        if event.is_too_long {
            return;
        }
        if let Some(id) = event.id {
            self.last_event_id = id;
        }
        if let Some(data) = event.data {
            self.frames.push(Frame::Event(Event {
                data: data.join(&b'\n').into(),
                name: Some(event.event_type.into()).filter(|name: &bytes::Bytes| !name.is_empty()),
                id: Some(self.last_event_id.clone().into())
                    .filter(|id: &bytes::Bytes| !id.is_empty()),
            }));
        }
    }
}

pub(super) fn decoded(stream: &[u8], pieces: &[usize], limit: usize) -> Vec<Frame> {
    let mut events = EventDecoder::new(limit);
    let take = |buffer: &mut _, ended| {
        if ended {
            events.finish(buffer)
        } else {
            events.decode(buffer)
        }
    };
    // The name of a field stands in front of the value.
    super::feed(stream, pieces, take, limit.saturating_add("retry: ".len()))
}
