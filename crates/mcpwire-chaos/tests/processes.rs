//! The servers of others start and stop as often as they have to.

#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use mcpwire_chaos::{NatsServer, Nginx, Settings, find_program};

/// Whether a program is there. With CI it has to be.
fn at_hand(program: &str) -> bool {
    let found = find_program(program).is_some();
    let strict = std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1");
    assert!(found || !strict, "{program} is not installed");
    if !found {
        eprintln!("left out: {program} is not installed");
    }
    found
}

#[tokio::test]
async fn nats_comes_back_on_its_port() {
    if !at_hand("nats-server") {
        return;
    }
    let mut server = NatsServer::start().await.unwrap();
    let url = server.url();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    assert_eq!(server.url(), url);
}

#[tokio::test]
async fn nginx_takes_the_documented_configuration() {
    if !at_hand("nginx") {
        return;
    }
    let nginx = Nginx::start(&Settings::new(vec![1, 2])).await.unwrap();
    assert!(nginx.url().ends_with("/mcp"));
    nginx.stop().await.unwrap();
}
