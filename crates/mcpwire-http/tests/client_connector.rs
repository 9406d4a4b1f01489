//! Connections that somebody else makes.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use std::convert::Infallible;
use std::future::{Pending, pending};
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use mcpwire_http::client::{BuildError, Builder, Client, Error, Limits};
use mcpwire_service::Service;
use remote::{COMPLETE, RESULT, call, json_answer, list, result, soon, told};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tower::service_fn;

const SHORT: Duration = Duration::from_millis(100);

/// Answers every request on a connection with the same result.
async fn answer(mut io: impl AsyncRead + AsyncWrite + Unpin) {
    let mut read = vec![];
    while io.read_buf(&mut read).await.is_ok_and(|len| len > 0) {
        // The body is the last that comes.
        if read.ends_with(b"}") {
            read.clear();
            io.write_all(json_answer(RESULT).as_bytes()).await.unwrap();
        }
    }
}

/// A client, the other ends of its connections, and the URLs that these were made for.
fn in_memory(url: &str) -> (Builder, mpsc::UnboundedReceiver<(Uri, DuplexStream)>) {
    let (made, connections) = mpsc::unbounded_channel();
    let connector = service_fn(move |uri: Uri| {
        let (near, far) = duplex(4096);
        made.send((uri, far)).unwrap();
        async move { Ok::<_, Infallible>(near) }
    });
    (Client::builder(url).connector(connector), connections)
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_will_do() {
    use tokio::net::{UnixListener, UnixStream};

    let path = std::env::temp_dir().join(format!("mcpwire-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let connector = service_fn({
        let path = path.clone();
        move |_: Uri| UnixStream::connect(path.clone())
    });
    let client = Client::builder("http://localhost/mcp")
        .connector(connector)
        .build()
        .unwrap();
    let server = tokio::spawn(async move { answer(listener.accept().await.unwrap().0).await });
    let reply = call(&client, list()).await.unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(result(reply), COMPLETE);
    drop(client);
    soon(server).await.unwrap();
}

#[tokio::test]
async fn connections_are_made_for_the_url_and_kept() {
    let (builder, mut connections) = in_memory("http://tools.example/mcp");
    let client = builder.build().unwrap();
    let server = tokio::spawn(async move {
        let (uri, io) = connections.recv().await.unwrap();
        answer(io).await;
        (uri, connections.try_recv().is_err())
    });
    for _ in 0..3 {
        let reply = call(&client, list()).await.unwrap();
        assert_eq!(result(reply), COMPLETE);
    }
    drop(client);
    let (uri, was_the_only_one) = soon(server).await.unwrap();
    assert_eq!(uri.host(), Some("tools.example"));
    assert!(was_the_only_one);
}

#[tokio::test]
async fn a_connector_that_takes_too_long_is_given_up() {
    let connector = service_fn(|_: Uri| pending::<io::Result<DuplexStream>>());
    let limits = Limits::default().connect_timeout(SHORT);
    let builder = Client::builder("http://localhost/mcp").limits(limits);
    let client = builder.connector(connector).build().unwrap();
    let error = call(&client, list()).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(told(&error).contains("connect_timeout"), "{}", told(&error));
    assert!(error.is_unsent());
}

#[tokio::test]
async fn a_connector_that_never_is_ready_is_given_up() {
    #[derive(Clone)]
    struct Never;

    impl Service<Uri> for Never {
        type Response = DuplexStream;
        type Error = io::Error;
        type Future = Pending<io::Result<DuplexStream>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn call(&mut self, _: Uri) -> Self::Future {
            panic!("it is not ready")
        }
    }

    let limits = Limits::default().connect_timeout(SHORT);
    let builder = Client::builder("http://localhost/mcp").limits(limits);
    let client = builder.connector(Never).build().unwrap();
    let error = call(&client, list()).await.unwrap_err();
    assert!(told(&error).contains("connect_timeout"), "{}", told(&error));
}

#[tokio::test]
async fn what_the_connector_says_is_told() {
    let connector = service_fn(|_: Uri| async {
        Err::<DuplexStream, _>(io::Error::other("the proxy is out for lunch"))
    });
    let builder = Client::builder("http://localhost/mcp").connector(connector);
    let client = builder.build().unwrap();
    let error = call(&client, list()).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(told(&error).contains("out for lunch"), "{}", told(&error));
    assert!(error.is_unsent());
}

#[test]
fn credentials_are_judged_by_the_url() {
    let (builder, _) = in_memory("http://tools.example/mcp");
    let error = builder.bearer("open sesame").build().unwrap_err();
    assert!(
        matches!(error, BuildError::PlainCredentials { .. }),
        "{error:?}"
    );
    let (builder, _) = in_memory("http://localhost/mcp");
    builder.bearer("open sesame").build().unwrap();
}

#[cfg(feature = "tls-no-provider")]
#[tokio::test]
async fn tls_goes_over_what_the_connector_makes() {
    /// The first byte of a TLS record that belongs to a handshake (RFC 8446, 5.1).
    const HANDSHAKE: u8 = 22;

    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let (builder, mut connections) = in_memory("https://tools.example/mcp");
    let client = builder.tls(config).bearer("open sesame").build().unwrap();
    let calling = tokio::spawn(async move { call(&client, list()).await });
    let (_, mut io) = soon(connections.recv()).await.unwrap();
    assert_eq!(soon(io.read_u8()).await.unwrap(), HANDSHAKE);
    drop(io);
    let error = soon(calling).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
}
