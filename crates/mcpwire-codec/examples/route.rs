//! Reads one message per line and says where each would go, without building a tree. What a gateway
//! would forward is the message's own bytes.
//!
//! ```text
//! cargo run --example route                    # a few messages of its own
//! cargo run --example route -- messages.jsonl  # those of a file
//! ```

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use mcpwire_codec::line::{self, Frame, LineDecoder};
use mcpwire_codec::{Kind, Message, Part, encode_error};

const SAMPLES: &str = r#"
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"weather","arguments":{"city":"Oslo"}}}
{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"file:///etc/hosts"}}
{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"weather","n\u0061me":"delete"}}
{"jsonrpc":"2.0","method":"tools/list","params":[],"id":"four"}
{"jsonrpc":"2.0","id":5,"method"
"#;

fn main() -> io::Result<()> {
    let input = match std::env::args_os().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => SAMPLES.into(),
    };
    let mut out = io::stdout().lock();
    let mut lines = LineDecoder::default();
    let mut buffer = BytesMut::from(&*input);
    while let Some(frame) = lines.finish(&mut buffer) {
        match frame {
            Frame::Line(line) => route(line, &mut out)?,
            Frame::TooLong { limit } => writeln!(out, "skipped   more than {limit} bytes")?,
        }
    }
    Ok(())
}

fn route(line: Bytes, out: &mut impl Write) -> io::Result<()> {
    let message = match Message::decode(line) {
        Ok(message) => message,
        Err(error) => {
            // Only what waits for an answer gets one.
            let answer = line::frame(encode_error(error.id(), &error.to_error())).to_bytes();
            return match error.kind() {
                None | Some(Kind::Request) => {
                    write!(out, "refuse    {}", String::from_utf8_lossy(&answer))
                }
                Some(_) => writeln!(out, "drop      {error}"),
            };
        }
    };
    let method = message.method().unwrap_or_default();
    match message.kind() {
        Kind::Request => {
            let target = [Part::Name, Part::Uri, Part::TaskId]
                .into_iter()
                .find_map(|part| message.text(part))
                .unwrap_or_default();
            writeln!(
                out,
                "forward   {method} {target}: {} bytes",
                message.as_bytes().len()
            )
        }
        Kind::Notification => writeln!(out, "notify    {method}"),
        Kind::Result | Kind::Error => match message.id() {
            Some(id) => writeln!(out, "answer    to request {id}"),
            None => writeln!(out, "log       an error about no request in particular"),
        },
    }
}
