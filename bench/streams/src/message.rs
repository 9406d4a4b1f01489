//! What the streams ask for. Every number has six digits, so that messages differ in nothing but these.

/// The first number: one stream has it as its ID, the next one the number after it.
pub(crate) const FIRST: usize = 100_000;

/// The resource that only the stream with this number listens to.
pub(crate) fn uri(number: usize) -> String {
    format!("bench://{number}")
}

/// The whole HTTP request of one stream: it listens to the list of tools and to its own resource.
pub(crate) fn listen(number: usize) -> Vec<u8> {
    let body = serde_json::json!({
        "jsonrpc": "2.0",
        "id": number,
        "method": "subscriptions/listen",
        "params": {
            "notifications": {
                "toolsListChanged": true,
                "resourceSubscriptions": [uri(number)],
            },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
            },
        },
    })
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\n\
         host: 127.0.0.1\r\n\
         content-type: application/json\r\n\
         accept: application/json, text/event-stream\r\n\
         mcp-protocol-version: 2026-07-28\r\n\
         mcp-method: subscriptions/listen\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
