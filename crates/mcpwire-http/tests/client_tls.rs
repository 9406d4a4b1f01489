//! TLS: who is believed, what is spoken, and how long it may take.
#![cfg(feature = "tls-no-provider")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use mcpwire_http::client::{BuildError, Client, Error, Limits};
use remote::{COMPLETE, RESULT, call, json_answer, list, result, soon, told};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A server for `localhost` that nobody but `trusted` trusts.
struct Site {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    certificate: CertificateDer<'static>,
}

impl Site {
    async fn start(alpn: &[&[u8]]) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
        }
    }

    fn url(&self, host: &str) -> String {
        let port = self.listener.local_addr().unwrap().port();
        format!("https://{host}:{port}/mcp")
    }

    fn trusting(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        trusted(roots)
    }

    fn client(&self) -> Client {
        let builder = Client::builder(&self.url("localhost"));
        builder.tls(self.trusting()).build().unwrap()
    }

    async fn accept(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        soon(self.acceptor.accept(stream)).await
    }

    /// Answers one request over HTTP/1.1.
    fn answer(self) -> JoinHandle<(Option<Vec<u8>>, String)> {
        tokio::spawn(async move {
            let mut stream = self.accept().await.unwrap();
            let alpn = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
            let mut read = vec![];
            while !read.ends_with(b"}") {
                assert!(soon(stream.read_buf(&mut read)).await.unwrap() > 0);
            }
            stream
                .write_all(json_answer(RESULT).as_bytes())
                .await
                .unwrap();
            stream.flush().await.unwrap();
            (alpn, String::from_utf8(read).unwrap())
        })
    }
}

fn trusted(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_call_goes_over_tls() {
    for alpn in [&[][..], &[&b"http/1.1"[..]]] {
        let site = Site::start(alpn).await;
        let client = Client::builder(&site.url("localhost"))
            .tls(site.trusting())
            .bearer("secret")
            .build()
            .unwrap();
        let served = site.answer();
        let reply = call(&client, list()).await.unwrap();
        assert_eq!(result(reply), COMPLETE);
        let (chosen, request) = soon(served).await.unwrap();
        assert_eq!(chosen.as_deref(), alpn.first().copied());
        assert!(request.contains("authorization: Bearer secret\r\n"));
    }
}

#[tokio::test]
async fn protocols_that_are_set_already_are_replaced() {
    let site = Site::start(&[b"http/1.1"]).await;
    let mut config = site.trusting();
    config.alpn_protocols = vec![b"ftp".to_vec()];
    let client = Client::builder(&site.url("localhost"))
        .tls(config)
        .build()
        .unwrap();
    let served = site.answer();
    call(&client, list()).await.unwrap();
    assert_eq!(
        soon(served).await.unwrap().0.as_deref(),
        Some(&b"http/1.1"[..])
    );
}

#[tokio::test]
async fn http2_is_spoken_where_the_server_wants_it() {
    for prior_knowledge in [false, true] {
        let site = Site::start(&[b"h2", b"http/1.1"]).await;
        let builder = Client::builder(&site.url("localhost")).tls(site.trusting());
        let client = if prior_knowledge {
            builder.http2_prior_knowledge().build().unwrap()
        } else {
            builder.build().unwrap()
        };
        let served = tokio::spawn(async move {
            let stream = site.accept().await.unwrap();
            let io = hyper_util::rt::TokioIo::new(stream);
            let executor = hyper_util::rt::TokioExecutor::new();
            let serve = hyper::server::conn::http2::Builder::new(executor);
            serve.serve_connection(io, service_fn(json)).await.ok();
        });
        for _ in 0..2 {
            let reply = call(&client, list()).await.unwrap();
            assert_eq!(result(reply), COMPLETE);
        }
        drop(client);
        soon(served).await.unwrap();
    }
}

async fn json(
    request: http::Request<hyper::body::Incoming>,
) -> Result<http::Response<String>, http::Error> {
    assert_eq!(request.version(), http::Version::HTTP_2);
    let response = http::Response::builder().header("content-type", "application/json");
    response.body(RESULT.to_owned())
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_refused_before_anything_is_sent() {
    let site = Site::start(&[]).await;
    let strangers = Client::builder(&site.url("localhost"))
        .tls(trusted(RootCertStore::empty()))
        .build()
        .unwrap();
    let wrong_name = Client::builder(&site.url("127.0.0.1"))
        .tls(site.trusting())
        .build()
        .unwrap();
    for client in [strangers, wrong_name] {
        let (answer, accepted) = tokio::join!(call(&client, list()), site.accept());
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Connect(_)), "{error:?}");
        assert!(error.is_unsent());
        assert!(told(&error).contains("certificate"), "{}", told(&error));
        assert!(accepted.is_err());
    }
}

#[tokio::test]
async fn the_timeout_of_a_connection_includes_tls() {
    let site = Site::start(&[]).await;
    let limit = Duration::from_millis(150);
    let client = Client::builder(&site.url("localhost"))
        .tls(site.trusting())
        .limits(Limits::default().connect_timeout(limit))
        .build()
        .unwrap();
    let (answer, accepted) = tokio::join!(call(&client, list()), async {
        let (mut stream, _) = site.listener.accept().await.unwrap();
        let mut read = vec![];
        soon(stream.read_to_end(&mut read)).await
    });
    let error = answer.unwrap_err();
    assert!(error.is_unsent());
    assert!(
        told(&error).ends_with("(connect_timeout)"),
        "{}",
        told(&error)
    );
    accepted.unwrap();
}

#[tokio::test]
async fn plain_text_is_no_tls_and_tls_no_plain_text() {
    let site = Site::start(&[]).await;
    let plain = Client::new(&site.url("localhost").replace("https", "http")).unwrap();
    let (answer, accepted) = tokio::join!(call(&plain, list()), site.accept());
    answer.unwrap_err();
    assert!(accepted.is_err());

    let server = remote::Remote::start()
        .await
        .always(json_answer(RESULT), true);
    let client = Client::builder(&format!("https://{}/mcp", server.addr))
        .tls(site.trusting())
        .build()
        .unwrap();
    let error = tokio::select! {
        answer = call(&client, list()) => answer.unwrap_err(),
        // A plain server waits for the end of a head that never comes.
        () = tokio::time::sleep(Duration::from_millis(200)) => return,
    };
    assert!(error.is_unsent());
}

#[tokio::test]
async fn without_a_configuration_the_platform_decides() {
    let built = Client::new("https://localhost/mcp");
    // A system may trust nobody.
    let by_platform = matches!(built, Ok(_) | Err(BuildError::Tls(_)));
    let refused = matches!(built, Err(BuildError::NoTls));
    assert_eq!(
        (by_platform, refused),
        (cfg!(feature = "tls"), cfg!(not(feature = "tls")))
    );
    let site = Site::start(&[]).await;
    drop(site.client());
}
