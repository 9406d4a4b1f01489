//! A server that asks for TLS.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use std::path::PathBuf;

use common::*;
use mcpwire_nats::{ConnectError, NatsBus, Reason};

/// The certificate of a server that runs, in a file beside its configuration.
fn secured() -> (NatsServer, PathBuf) {
    let mut server = NatsServer::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = server.folder().join("certificate.pem");
    let key = server.folder().join("key.pem");
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    server.configure(&format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}",
        certificate.display(),
        key.display()
    ));
    server.start();
    (server, certificate)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    if !installed() {
        return;
    }
    let (server, _) = secured();
    let address = format!("nats://localhost:{}", server.port());
    let bus = NatsBus::builder(address, "test").limits(quick());
    let error = bus.connect_now().await.err().unwrap();
    // Without the feature there is nothing to speak TLS with, which is an error too, and no panic.
    let down = matches!(
        error,
        ConnectError::Down(Reason::Tls(_) | Reason::Unreachable(_))
    );
    assert!(down, "{error:?}");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn replicas_meet_over_tls() {
    use mcpwire_nats::async_nats::ConnectOptions;
    use mcpwire_service::{Change, ChangeBus as _};

    if !installed() {
        return;
    }
    let (server, certificate) = secured();
    let connect = async || {
        let address = format!("tls://localhost:{}", server.port());
        let options = ConnectOptions::new().add_root_certificates(certificate.clone());
        let bus = NatsBus::builder(address, "test").limits(quick());
        bus.options(options).connect_now().await.unwrap()
    };
    let buses = [connect().await, connect().await];
    let mut stream = listen(&buses[1]);
    buses[0].publish(Change::ToolsListChanged);
    assert_eq!(heard(&mut stream).await, Change::ToolsListChanged);
}
