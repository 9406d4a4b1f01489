//! Many event streams in one thread: what has come on each of them, and when the last one had it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memmem;
use mio::net::TcpStream;
use mio::{Interest, Poll, Token};

use crate::message;

/// How many are opened before their acknowledgements are waited for.
const BATCH: usize = 128;
const LIMIT: Duration = Duration::from_secs(60);

/// How many notifications have come on all streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) acknowledged: usize,
    pub(super) lists: usize,
    pub(super) updates: usize,
}

struct Connection {
    stream: TcpStream,
    /// The beginning of an event whose end has not come.
    rest: Vec<u8>,
}

pub(super) struct Streams {
    poll: Poll,
    events: mio::Events,
    connections: Vec<Connection>,
    counts: Counts,
    /// The data of the last event.
    last: String,
}

impl Streams {
    /// Opens that many, and waits until all are acknowledged.
    pub(super) fn open(address: SocketAddr, number: usize) -> Result<Self, String> {
        let mut streams = Self {
            poll: Poll::new().map_err(|error| error.to_string())?,
            events: mio::Events::with_capacity(1024),
            connections: Vec::with_capacity(number),
            counts: Counts::default(),
            last: String::new(),
        };
        while streams.connections.len() < number {
            let until = number.min(streams.connections.len() + BATCH);
            while streams.connections.len() < until {
                streams
                    .connect(address)
                    .map_err(|error| format!("connecting: {error}"))?;
            }
            streams.wait(|counts| counts.acknowledged >= until)?;
        }
        Ok(streams)
    }

    fn connect(&mut self, address: SocketAddr) -> std::io::Result<()> {
        let number = self.connections.len();
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.write_all(&message::listen(message::FIRST + number))?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let registry = self.poll.registry();
        registry.register(&mut stream, Token(number), Interest::READABLE)?;
        self.connections.push(Connection {
            stream,
            rest: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn last(&self) -> &str {
        &self.last
    }

    /// Reads until that much has come, and gives the moment at which it had.
    pub(super) fn wait(&mut self, enough: impl Fn(&Counts) -> bool) -> Result<Instant, String> {
        let limit = Instant::now() + LIMIT;
        while !enough(&self.counts) {
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let (of, counts) = (self.connections.len(), self.counts);
                return Err(format!("after {LIMIT:?}, on {of} streams: {counts:?}"));
            }
            self.read(left)?;
        }
        Ok(Instant::now())
    }

    fn read(&mut self, limit: Duration) -> Result<(), String> {
        if let Err(error) = self.poll.poll(&mut self.events, Some(limit)) {
            if error.kind() == ErrorKind::Interrupted {
                return Ok(());
            }
            return Err(error.to_string());
        }
        let mut buffer = [0; 8192];
        for event in &self.events {
            let Some(connection) = self.connections.get_mut(event.token().0) else {
                continue;
            };
            loop {
                match connection.stream.read(&mut buffer) {
                    Ok(0) => return Err("the server closed a stream".to_owned()),
                    Ok(read) => {
                        let bytes = buffer.get(..read).unwrap_or_default();
                        take(
                            &mut connection.rest,
                            bytes,
                            &mut self.counts,
                            &mut self.last,
                        )?;
                        // A stream that had less than was asked for has no more.
                        if read < buffer.len() {
                            break;
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.to_string()),
                }
            }
        }
        Ok(())
    }
}

/// Counts the events that these bytes complete. The frames of HTTP between them have no blank line, and
/// are passed over.
fn take(
    rest: &mut Vec<u8>,
    bytes: &[u8],
    counts: &mut Counts,
    last: &mut String,
) -> Result<(), String> {
    rest.extend_from_slice(bytes);
    let mut begin = 0;
    while let Some(event) = rest.get(begin..)
        && let Some(len) = memmem::find(event, b"\n\n")
    {
        let event = event.get(..len).unwrap_or_default();
        begin += len + 2;
        let Some(data) = memmem::find(event, b"data:") else {
            continue;
        };
        let data = event.get(data + 5..).unwrap_or_default().trim_ascii();
        let has = |method: &str| memmem::find(data, method.as_bytes()).is_some();
        if has("\"notifications/tools/list_changed\"") {
            counts.lists += 1;
        } else if has("\"notifications/resources/updated\"") {
            counts.updates += 1;
        } else if has("\"notifications/subscriptions/acknowledged\"") {
            counts.acknowledged += 1;
        } else if !data.is_empty() {
            return Err(format!("unexpected: {}", String::from_utf8_lossy(data)));
        }
        if !data.is_empty() {
            last.clear();
            last.push_str(&String::from_utf8_lossy(data));
        }
    }
    let head = rest.get(..b"HTTP/1.1 200 ".len());
    if begin == 0
        && head.is_some_and(|head| head.starts_with(b"HTTP/1.1 ") && head != b"HTTP/1.1 200 ")
    {
        return Err(format!("refused: {}", String::from_utf8_lossy(rest)));
    }
    rest.drain(..begin);
    // A buffer for each stream would be the driver's largest part.
    if rest.is_empty() {
        *rest = Vec::new();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_however_they_are_cut() {
        let text = "HTTP/1.1 200 OK\r\na: b\r\n\r\n10\r\nid: 0\ndata:\n\n\r\n20\r\n\
            data: {\"method\":\"notifications/subscriptions/acknowledged\"}\n\n\r\n10\r\n: keep-alive\n\n\r\n\
            20\r\ndata: {\"method\":\"notifications/tools/list_changed\"}\n\n\r\n\
            20\r\ndata: {\"method\":\"notifications/resources/updated\"}\n\n\r\n";
        let expected = Counts {
            acknowledged: 1,
            lists: 1,
            updates: 1,
        };
        for size in 1..text.len() {
            let (mut rest, mut counts, mut last) = (Vec::new(), Counts::default(), String::new());
            for bytes in text.as_bytes().chunks(size) {
                take(&mut rest, bytes, &mut counts, &mut last).unwrap();
            }
            assert_eq!(counts, expected, "in pieces of {size}");
            assert_eq!(last, "{\"method\":\"notifications/resources/updated\"}");
        }
    }
}
