//! One request by hand: to see that a server does the work, and to keep a stream open.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::work::Work;

const PATIENCE: Duration = Duration::from_secs(20);

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) content_type: String,
    pub(super) body: String,
}

impl Answer {
    /// The messages in it: one JSON text, or the data of each event.
    fn messages(&self) -> Vec<&str> {
        if !self.content_type.starts_with("text/event-stream") {
            return vec![&self.body];
        }
        let lines = self.body.lines().map(|line| line.trim_end_matches('\r'));
        lines
            .filter_map(|line| line.strip_prefix("data:"))
            .map(str::trim_start)
            .collect()
    }
}

/// Has the work done once, and gives the answer if it is the right one.
pub(super) fn check(address: SocketAddr, work: Work) -> Result<Answer, String> {
    let answer = (|| {
        let mut stream = open(address, work)?;
        read(&mut stream)
    })()
    .map_err(|error: std::io::Error| format!("no answer: {error}"))?;
    work.check(&answer.messages())?;
    Ok(answer)
}

/// Opens a stream, which is there when its first event has come.
pub(super) fn listen(address: SocketAddr) -> Result<TcpStream, String> {
    let listen = || {
        let mut stream = BufReader::new(open(address, Work::Listen)?);
        let mut line = String::new();
        while !line.starts_with("data:") {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(stream.into_inner())
    };
    listen().map_err(|error: std::io::Error| format!("no listen stream: {error}"))
}

fn open(address: SocketAddr, work: Work) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = work.body();
    let mut request = format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\n");
    for (name, value) in work.headers() {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn read(stream: &mut TcpStream) -> std::io::Result<Answer> {
    let mut stream = BufReader::new(stream);
    let mut line = || -> std::io::Result<String> {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    let other = |what: String| std::io::Error::other(what);
    let status = line()?;
    let (mut content_type, mut length, mut chunked) = (String::new(), None, false);
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-type" => content_type = value.to_owned(),
            "content-length" => length = value.parse().ok(),
            "transfer-encoding" => chunked = value == "chunked",
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim_end(), 16);
            let size = size.map_err(|error| other(error.to_string()))?;
            stream.by_ref().take(size).read_to_end(&mut body)?;
            stream.read_line(&mut String::new())?;
            if size == 0 {
                break;
            }
        }
    } else {
        let length = length.ok_or_else(|| other(format!("{status}: no length")))?;
        stream.take(length).read_to_end(&mut body)?;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    if status.split(' ').nth(1) != Some("200") {
        return Err(other(format!("{status}: {body}")));
    }
    Ok(Answer { content_type, body })
}
