//! What is asked, and what is answered.

use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

/// What the tool is given by clients, and gives back.
pub(crate) const TEXT: &str = "The quick brown fox jumps over the lazy dog, and the dog sleeps on as if \
     nothing had happened.";

/// The path of the server decides how long its answers are. Gateways have the first one alone.
pub(crate) const PATHS: [(&str, usize); 3] = [(ENDPOINT, 0), (KILOBYTE, 1 << 10), (LARGE, LENGTH)];
pub(crate) const ENDPOINT: &str = "/mcp";
pub(crate) const KILOBYTE: &str = "/1k";
pub(crate) const LARGE: &str = "/10m";
pub(crate) const LENGTH: usize = 10_000_000;

/// What the tool gives on a path.
pub(crate) fn output(length: usize) -> String {
    if length == 0 {
        return TEXT.to_owned();
    }
    let mut text = TEXT.repeat(length / TEXT.len() + 1);
    text.truncate(length);
    text
}

/// The result of a call.
pub(crate) fn result(text: &str) -> String {
    format!(r#"{{"resultType":"complete","content":[{{"type":"text","text":"{text}"}}]}}"#)
}

/// The parameters of a call, with what every request says.
pub(crate) fn params(text: &str) -> String {
    format!(
        r#"{{"name":"echo","arguments":{{"text":"{text}"}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}},"io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"1"}}}}}}"#
    )
}

/// A whole call.
pub(crate) fn call(id: u64, text: &str) -> String {
    let params = params(text);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
}

/// The whole answer to it.
pub(crate) fn answer(id: u64, text: &str) -> String {
    let result = result(text);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// The header fields of a call.
pub(crate) fn fields() -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    fields.insert(
        "mcp-protocol-version",
        HeaderValue::from_static("2026-07-28"),
    );
    fields.insert("mcp-method", HeaderValue::from_static("tools/call"));
    fields.insert("mcp-name", HeaderValue::from_static("echo"));
    fields
}
