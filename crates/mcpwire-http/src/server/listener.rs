//! Where connections come from.

use std::future::Future;
use std::io;
use std::iter;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// What [`serve`](crate::serve) takes connections from: TCP, a Unix socket, or something of yours that
/// speaks TLS or limits rates first.
pub trait Listener: Send + 'static {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// Where a connection comes from, put into the `context.extensions` of its requests.
    type Addr: Clone + Send + Sync + 'static;

    /// The next connection. The future is dropped and made anew at any time, and no connection may get
    /// lost over that. After an error it is tried again; a pause follows unless the error concerns one
    /// connection alone (`ConnectionAborted`, `ConnectionRefused`, `ConnectionReset`, `Interrupted`).
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, Self::Addr)>> + Send;

    /// Closes the listener, and gives what had connected before and was not accepted yet: closing over
    /// these would reset them, with requests on them that nobody may send again.
    ///
    /// As it comes it gives nothing.
    fn into_backlog(self) -> impl Iterator<Item = (Self::Io, Self::Addr)>
    where
        Self: Sized,
    {
        iter::empty()
    }
}

/// The address that a TCP connection comes from, in the `context.extensions` of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is one address and will not become more"
)]
pub struct RemoteAddr(pub SocketAddr);

/// Connections get `TCP_NODELAY`: small messages back and forth are what this protocol is made of.
impl Listener for TcpListener {
    type Io = TcpStream;
    type Addr = RemoteAddr;

    async fn accept(&mut self) -> io::Result<(TcpStream, RemoteAddr)> {
        let (stream, remote) = Self::accept(self).await?;
        drop(stream.set_nodelay(true));
        Ok((stream, RemoteAddr(remote)))
    }

    fn into_backlog(self) -> impl Iterator<Item = (TcpStream, RemoteAddr)> {
        let listener = self.into_std();
        iter::from_fn(move || {
            let listener = listener.as_ref().ok()?;
            let (stream, remote) = next_waiting(|| listener.accept())?;
            stream.set_nonblocking(true).ok()?;
            drop(stream.set_nodelay(true));
            Some((TcpStream::from_std(stream).ok()?, RemoteAddr(remote)))
        })
    }
}

/// A Unix socket, as nginx takes it for an upstream (`server unix:/run/mcp.sock;`).
///
/// Its connections have no address worth the name. The file stays where it is when the server has
/// ended: remove it before the next one binds to it.
#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Io = tokio::net::UnixStream;
    type Addr = ();

    async fn accept(&mut self) -> io::Result<(tokio::net::UnixStream, ())> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, ()))
    }

    fn into_backlog(self) -> impl Iterator<Item = (tokio::net::UnixStream, ())> {
        let listener = self.into_std();
        iter::from_fn(move || {
            let listener = listener.as_ref().ok()?;
            let (stream, _) = next_waiting(|| listener.accept())?;
            stream.set_nonblocking(true).ok()?;
            Some((tokio::net::UnixStream::from_std(stream).ok()?, ()))
        })
    }
}

/// The next connection of those that wait. Any error but that of a client who went away is the end.
fn next_waiting<T>(mut accept: impl FnMut() -> io::Result<T>) -> Option<T> {
    loop {
        match accept() {
            Ok(connection) => return Some(connection),
            Err(error) if concerns_one(&error) => {}
            Err(_) => return None,
        }
    }
}

/// Whether a client went away in the meantime, which says nothing about the next one.
pub(super) fn concerns_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
