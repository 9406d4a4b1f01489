//! Who may talk to the server: `Host`, `Origin`, and what browsers are told (CVE-2026-42559 and its
//! kin).
#![cfg(feature = "server")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Call, Open, Server, echo};

const METHODS: [&str; 5] = ["POST", "GET", "OPTIONS", "DELETE", "HEAD"];

fn status_of(method: &str) -> u16 {
    match method {
        "POST" => 200,
        "OPTIONS" => 204,
        _ => 405,
    }
}

#[tokio::test]
async fn http_05_hosts_other_than_loopback_are_misdirected_with_any_method() {
    let server = Server::start(echo()).await;
    let port = server.addr.port();
    for method in METHODS {
        for host in [
            "evil.example.com",
            "evil.example.com:80",
            "localhost.evil.com",
            "0.0.0.0",
            "",
        ] {
            let call = Call::new("tools/list").method(method).set("Host", host);
            let answer = call.send(server.addr).await;
            assert_eq!(answer.status, 421, "{method} {host}");
            if method != "HEAD" {
                assert_eq!(answer.refusal().1, -32600);
                assert!(answer.json().get("id").is_none());
                assert!(answer.message().contains("allow_hosts"), "{answer:?}");
            }
        }
        for host in [
            format!("127.0.0.1:{port}"),
            "localhost".into(),
            format!("[::1]:{port}"),
        ] {
            let call = Call::new("tools/list").method(method).set("Host", &host);
            let answer = call.send(server.addr).await;
            assert_eq!(answer.status, status_of(method), "{method} {host}");
        }
    }
}

#[tokio::test]
async fn http_05_a_request_names_its_host_once() {
    let server = Server::start(echo()).await;
    let list = || Call::new("tools/list");
    assert_eq!(list().without("Host").send(server.addr).await.status, 400);
    assert_eq!(
        list()
            .header("Host", "localhost")
            .send(server.addr)
            .await
            .status,
        400
    );
    assert_eq!(
        list()
            .header("Host", "evil.example.com")
            .send(server.addr)
            .await
            .status,
        400
    );
    // The target of the request counts as well.
    for (target, status) in [
        ("http://localhost/mcp", 200),
        ("http://evil.example.com/mcp", 400),
        ("http://127.0.0.1/mcp", 400),
    ] {
        assert_eq!(
            list().target(target).send(server.addr).await.status,
            status,
            "{target}"
        );
    }
    let evil = list()
        .target("http://evil.example.com/mcp")
        .set("Host", "evil.example.com");
    assert_eq!(evil.send(server.addr).await.status, 421);
}

#[tokio::test]
async fn http_02_03_foreign_origins_are_forbidden_with_any_method() {
    let server = Server::start(echo()).await;
    for method in METHODS {
        for origin in [
            "http://evil.example.com",
            "null",
            "",
            "http://localhost.evil.com",
        ] {
            let call = Call::new("tools/list")
                .method(method)
                .header("Origin", origin);
            let answer = call.send(server.addr).await;
            assert_eq!(answer.status, 403, "{method} {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
            if method != "HEAD" {
                // HTTP-04
                assert!(answer.json().get("id").is_none());
                assert!(answer.message().contains("allow_origins"), "{answer:?}");
            }
        }
        let call = Call::new("tools/list").method(method);
        let call = call.header("Origin", "http://localhost:6274");
        assert_eq!(
            call.send(server.addr).await.status,
            status_of(method),
            "{method}"
        );
    }
    let twice = Call::new("tools/list").header("Origin", "http://localhost");
    let twice = twice
        .header("Origin", "http://localhost")
        .send(server.addr)
        .await;
    assert_eq!(twice.status, 403);
}

#[tokio::test]
async fn lists_replace_the_loopback_names() {
    let server = Server::start_with(echo(), |serve| {
        serve
            .allow_hosts(["mcp.example.com"])
            .allow_origins(["https://app.example.com"])
    })
    .await;
    let call = |host: &str, origin: &str| {
        Call::new("tools/list")
            .set("Host", host)
            .header("Origin", origin)
    };
    for (host, origin, status) in [
        ("mcp.example.com", "https://app.example.com", 200),
        ("mcp.example.com:8443", "https://app.example.com:443", 200),
        ("localhost", "https://app.example.com", 421),
        ("mcp.example.com", "http://app.example.com", 403),
        ("mcp.example.com", "http://localhost", 403),
    ] {
        let answer = call(host, origin).send(server.addr).await;
        assert_eq!(answer.status, status, "{host} {origin}");
    }
}

#[tokio::test]
async fn the_checks_can_be_switched_off_by_name() {
    let config = mcpwire_http::Config::default()
        .danger_allow_any_host()
        .danger_allow_any_origin();
    let server = Server::start_with(echo(), |serve| serve.config(config)).await;
    let call = Call::new("tools/list")
        .set("Host", "any.example")
        .header("Origin", "null");
    let answer = call.send(server.addr).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("null"));
}

#[tokio::test]
async fn http_62_preflights_of_allowed_origins_are_answered() {
    let server = Server::start(echo()).await;
    let preflight = Call::raw("")
        .method("OPTIONS")
        .header("Origin", "http://localhost:6274")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "content-type,Mcp-Param-Region, x-evil,mcp-param-b",
        );
    let answer = preflight.send(server.addr).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("http://localhost:6274")
    );
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    let allowed: Vec<_> = answer
        .header("access-control-allow-headers")
        .unwrap()
        .split(", ")
        .collect();
    for name in [
        "content-type",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-param-region",
        "mcp-param-b",
        "authorization",
    ] {
        assert!(allowed.contains(&name), "{name} in {allowed:?}");
    }
    assert!(!allowed.contains(&"x-evil"));
}

#[tokio::test]
async fn http_62_allowed_pages_may_read_answers_and_refusals() {
    let server = Server::start(echo()).await;
    let list = || Call::new("tools/list").header("Origin", "http://localhost:6274");
    for call in [list(), list().without("Mcp-Method"), list().method("GET")] {
        let answer = call.send(server.addr).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("http://localhost:6274")
        );
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("www-authenticate"), "{exposed}");
        assert_eq!(answer.header("vary"), Some("origin"));
    }
    let answer = Call::new("tools/list").send(server.addr).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

/// HTTP-56: whoever may not be here learns nothing about the rest, and costs no reading.
#[tokio::test]
async fn http_56_access_is_checked_first() {
    let server = Server::start(echo()).await;
    let bytes = "POST /mcp HTTP/1.1\r\nHost: evil\r\nExpect: 100-continue\r\n\
        Content-Length: 99999999999\r\n\r\n";
    let mut open = Open::send(server.addr, bytes.as_bytes()).await;
    assert!(open.until("\r\n\r\n").await.starts_with("HTTP/1.1 421 "));
}
