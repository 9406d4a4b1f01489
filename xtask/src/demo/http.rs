//! Just enough of an HTTP client to talk to servers of our own on this machine: one POST per
//! connection, a JSON answer or an SSE stream.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long nothing may come before the other side counts as lost.
const SILENCE: Duration = Duration::from_secs(10);

/// What a server answered, before any of it is judged.
#[derive(Debug)]
pub(crate) enum Answer {
    /// One message.
    Json(Value),
    /// Messages one after another.
    Stream(Events),
}

/// Sends one JSON-RPC message to an endpoint such as `http://127.0.0.1:4000/mcp`.
pub(crate) fn post(url: &str, headers: &[(&str, &str)], message: &Value) -> Result<Answer, String> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| format!("{url} is not plain HTTP"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let failed = |error: std::io::Error| format!("{url}: {error}");
    let mut connection = TcpStream::connect(host).map_err(failed)?;
    connection.set_read_timeout(Some(SILENCE)).map_err(failed)?;
    let body = message.to_string();
    let mut head = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n",
        body.len()
    );
    head.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n")),
    );
    connection
        .write_all(format!("{head}\r\n{body}").as_bytes())
        .map_err(failed)?;
    read(BufReader::new(connection)).map_err(|why| format!("{url}: {why}"))
}

fn read(mut connection: BufReader<TcpStream>) -> Result<Answer, String> {
    let mut line = || -> Result<String, String> {
        let mut line = String::new();
        connection
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        Ok(line.trim_end().to_owned())
    };
    let status = line()?;
    let (mut kind, mut chunked) = (String::new(), false);
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(':') else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => value.trim().clone_into(&mut kind),
            "transfer-encoding" => chunked = value.trim() == "chunked",
            _ => {}
        }
    }
    // With `Connection: close` a body that is not chunked ends with the connection.
    let left = if chunked { Some(0) } else { None };
    let mut body = BufReader::new(Body {
        connection,
        left,
        first: true,
    });
    if kind.starts_with("text/event-stream") {
        return Ok(Answer::Stream(Events { body }));
    }
    let mut text = String::new();
    body.read_to_string(&mut text)
        .map_err(|error| format!("{status}: {error}"))?;
    let message =
        serde_json::from_str(&text).map_err(|error| format!("{status}: {error}: {text:?}"))?;
    Ok(Answer::Json(message))
}

/// A response body without its chunk headers.
#[derive(Debug)]
struct Body<R> {
    connection: R,
    /// Bytes left of the chunk; `None` without chunks.
    left: Option<usize>,
    first: bool,
}

impl<R: BufRead> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(left) = &mut self.left else {
            return self.connection.read(buffer);
        };
        if *left == 0 {
            let mut size = String::new();
            if !std::mem::take(&mut self.first) {
                self.connection.read_line(&mut size)?;
                size.clear();
            }
            self.connection.read_line(&mut size)?;
            *left = usize::from_str_radix(size.trim(), 16).map_err(|_| {
                std::io::Error::new(
                    std::io::ErrorKind::InvalidData,
                    "a bad chunk header, or none",
                )
            })?;
            if *left == 0 {
                return Ok(0);
            }
        }
        let wanted = buffer.len().min(*left);
        let read = self
            .connection
            .read(buffer.get_mut(..wanted).unwrap_or_default())?;
        if read == 0 && wanted > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        *left -= read;
        Ok(read)
    }
}

/// The messages of an SSE stream. Dropping it closes the connection.
#[derive(Debug)]
pub(crate) struct Events {
    body: BufReader<Body<BufReader<TcpStream>>>,
}

impl Iterator for Events {
    type Item = Result<Value, String>;

    fn next(&mut self) -> Option<Self::Item> {
        next_event(&mut self.body)
    }
}

fn next_event(body: &mut impl BufRead) -> Option<Result<Value, String>> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        match body.read_line(&mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error.to_string())),
        }
        let line = line.trim_end_matches(['\r', '\n']);
        if let Some(rest) = line.strip_prefix("data:") {
            data.push_str(rest);
        } else if line.is_empty() && !data.trim().is_empty() {
            return Some(serde_json::from_str(&data).map_err(|error| format!("{error}: {data:?}")));
        }
        // Comments and other fields say nothing here.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_taken_apart() {
        let wire = &b"4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n"[..];
        let mut text = String::new();
        let mut body = Body {
            connection: wire,
            left: Some(0),
            first: true,
        };
        body.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abcdefg");
        let mut cut = Body {
            connection: &b"4\r\nab"[..],
            left: Some(0),
            first: true,
        };
        assert!(cut.read_to_string(&mut String::new()).is_err());
    }

    #[test]
    fn events_are_messages() {
        let mut wire = &b": hello\n\ndata: {\"a\":\ndata: 1}\n\nevent: x\ndata: {}\n\n"[..];
        assert_eq!(next_event(&mut wire), Some(Ok(serde_json::json!({"a": 1}))));
        assert_eq!(next_event(&mut wire), Some(Ok(serde_json::json!({}))));
        assert_eq!(next_event(&mut wire), None);
    }
}
