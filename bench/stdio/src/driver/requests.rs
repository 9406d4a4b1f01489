//! The requests: all of one length, one behind the other, so that any number of them is one write.

/// As many have an ID of their own; far more than are ever in flight.
pub(super) const COUNT: usize = 8192;

/// So that all have as many digits.
const FIRST: usize = 100_000;

/// What the answer's text is.
pub(super) const TEXT: &str = "quarterly report 25";

pub(super) struct Requests {
    bytes: Vec<u8>,
    length: usize,
    next: usize,
}

impl Requests {
    pub(super) fn new() -> Self {
        let bytes: Vec<u8> = (FIRST..FIRST + COUNT).flat_map(line).collect();
        let length = line(FIRST).len();
        Self {
            bytes,
            length,
            next: 0,
        }
    }

    /// As many of the next ones as are wanted and stand before the end.
    pub(super) fn take(&mut self, wanted: usize) -> (usize, &[u8]) {
        let taken = wanted.min(COUNT - self.next);
        let start = self.next * self.length;
        self.next = (self.next + taken) % COUNT;
        let bytes = self.bytes.get(start..start + taken * self.length);
        (taken, bytes.unwrap_or_default())
    }
}

/// The place of an ID; `None` for one that was never asked.
pub(super) fn place(id: u64) -> Option<usize> {
    let place = usize::try_from(id).ok()?.checked_sub(FIRST)?;
    (place < COUNT).then_some(place)
}

fn line(id: usize) -> Vec<u8> {
    let mut line = format!(r#"{{"jsonrpc":"2.0","id":{id},"#);
    line.push_str(concat!(
        r#""method":"tools/call","params":{"name":"search_files","#,
        r#""arguments":{"query":"quarterly report","limit":25},"_meta":{"#,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        r#""io.modelcontextprotocol/clientInfo":{"name":"assistant","version":"4.2.0"},"#,
        r#""io.modelcontextprotocol/clientCapabilities":{"elicitation":{}},"#,
        r#""progressToken":"p-41"}}}"#,
        "\n",
    ));
    line.into_bytes()
}
