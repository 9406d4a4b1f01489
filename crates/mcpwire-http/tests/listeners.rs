//! Connections come from whatever accepts them.
#![cfg(all(feature = "server", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::future::IntoFuture;
use std::io;
use std::path::PathBuf;

use common::{Answer, Call, RESULT, double, echo, soon};
use mcpwire_http::{Limits, Listener, serve};
use mcpwire_service::{Reply, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// A path for a socket, which ends with the test.
struct Socket(PathBuf);

impl Socket {
    fn new(name: &str) -> Self {
        let name = format!("mcpwire-{name}-{}.sock", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

#[tokio::test]
async fn a_unix_socket_is_served_to_its_last_connection() {
    let socket = Socket::new("backlog");
    let listener = UnixListener::bind(&socket.0).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits::default()
        .max_connections(1)
        .idle_drain(std::time::Duration::from_secs(60));
    let server = serve(listener, echo())
        .limits(limits)
        .with_graceful_shutdown(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());
    let bytes = Call::new("tools/list").bytes();
    let mut first = UnixStream::connect(&socket.0).await.unwrap();
    first.write_all(&bytes).await.unwrap();
    let mut buf = vec![0; 1024];
    assert!(soon(first.read(&mut buf)).await.unwrap() > 0);
    let mut second = UnixStream::connect(&socket.0).await.unwrap();
    second.write_all(&bytes).await.unwrap();
    stop.send(()).unwrap();
    soon(async { while UnixStream::connect(&socket.0).await.is_ok() {} }).await;
    drop(first);
    let mut read = vec![];
    soon(second.read_to_end(&mut read)).await.unwrap();
    let answer = Answer::parse(&read);
    assert_eq!(
        (answer.status, answer.header("connection")),
        (200, Some("close"))
    );
    soon(server).await.unwrap().unwrap();
}

#[derive(Clone, Debug, PartialEq)]
struct Name(&'static str);

struct InMemory(mpsc::UnboundedReceiver<(DuplexStream, Name)>);

impl Listener for InMemory {
    type Io = DuplexStream;
    type Addr = Name;

    async fn accept(&mut self) -> io::Result<(DuplexStream, Name)> {
        match self.0.recv().await {
            Some(connection) => Ok(connection),
            None => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn a_listener_of_ones_own_names_its_connections() {
    let service = double(|request: Request| async move {
        assert_eq!(request.context().extensions.get(), Some(&Name("here")));
        Reply::result(RESULT)
    });
    let (connect, connections) = mpsc::unbounded_channel();
    let server = tokio::spawn(serve(InMemory(connections), service).into_future());
    let (mut near, far) = tokio::io::duplex(1024);
    connect.send((far, Name("here"))).unwrap();
    let call = Call::new("tools/list").header("Connection", "close");
    near.write_all(&call.bytes()).await.unwrap();
    let mut read = vec![];
    soon(near.read_to_end(&mut read)).await.unwrap();
    assert_eq!(Answer::parse(&read).status, 200);
    server.abort();
}
