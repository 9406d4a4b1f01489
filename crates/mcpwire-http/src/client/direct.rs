//! Long bodies, read from the socket to where they stay.
//!
//! hyper hands out a body in pieces, and a message is read in one piece, so that each byte would be copied
//! once more. What is long, and of a length that is known, is read past hyper instead: what it has read
//! by then is copied, at most as much as its buffer holds, and the rest comes straight from the socket.

use std::io;

use bytes::{Bytes, BytesMut};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt as _;

use super::Error;
use super::connection::Body;
use super::pool::Pool;

/// From that length on, in bytes: where a copy costs more than it does to begin anew with the connection.
const LONG: usize = 256 * 1024;

/// Whether a body of that length is read this way.
pub(super) fn is_for(body: &Body, length: usize) -> bool {
    length >= LONG && body.is_plain()
}

/// Reads a body that this is for to its end, and keeps the connection.
pub(super) async fn read(body: Body, length: usize, pool: &Pool) -> Result<Bytes, Error> {
    let broken = |error: io::Error| Error::Broken(error.into());
    let is_persistent = body.is_persistent();
    let mut bytes = BytesMut::with_capacity(length);
    let socket = body.into_socket(&mut bytes);
    let socket = socket.map_err(|error| Error::Broken(error.into()))?;
    // What stands behind the body is no answer to anything.
    let is_clean = bytes.len() <= length;
    bytes.truncate(length);
    let missing = (length - bytes.len()) as u64;
    let mut rest = socket.map(|socket| TokioIo::new(socket).take(missing));
    while bytes.len() < length {
        let read = match &mut rest {
            Some(rest) => rest.read_buf(&mut bytes).await.map_err(broken)?,
            None => 0,
        };
        if read == 0 {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    if let Some(rest) = rest.filter(|_| is_persistent && is_clean) {
        pool.keep_socket(rest.into_inner().into_inner()).await;
    }
    Ok(bytes.freeze())
}
