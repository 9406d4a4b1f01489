//! Which version is spoken, and what a refusal of it leads to (VER rows).

use mcpwire_client::{Client, Error};
use mcpwire_service::Reply;

mod common;
use common::{Scripted, rpc_error};

const REFUSED: &str = r#"{"code":-32022,"message":"no","data":{"supported":["2026-07-28","x"],"requested":"2026-07-28"}}"#;
/// As a widely used server sends it.
const WITHOUT_REQUESTED: &str =
    r#"{"code":-32022,"message":"no","data":{"supported":["2026-07-28"]}}"#;

/// VER-06, VER-07, VER-16: also where the version that was refused is one of those that are offered.
#[tokio::test]
async fn ver_06_a_refused_version_is_retried_under_another_id() {
    for refused in [REFUSED, WITHOUT_REQUESTED] {
        let server = Scripted::new(move |index, _| match index {
            0 => rpc_error(-32022, refused),
            _ => Reply::result(r#"{"content":[]}"#),
        });
        let client = Client::new(server.clone());
        client.call_tool("t", &()).await.unwrap();
        assert_eq!(server.count(), 2);
        assert_ne!(server.message(0)["id"], server.message(1)["id"]);
    }
}

#[tokio::test]
async fn ver_06_the_best_common_version_is_kept() {
    let server = Scripted::new(|_, request| match request.protocol_version().as_deref() {
        Some("2026-07-28") => Reply::result(r#"{"content":[]}"#),
        _ => rpc_error(-32022, WITHOUT_REQUESTED),
    });
    let client = Client::builder(server.clone())
        .versions(["2027-01-01", "2026-07-28"])
        .build();
    assert_eq!(client.protocol_version(), "2027-01-01");
    client.call_tool("t", &()).await.unwrap();
    client.call_tool("t", &()).await.unwrap();
    assert_eq!(client.protocol_version(), "2026-07-28");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn ver_06_no_common_version_is_told() {
    let error =
        r#"{"code":-32022,"message":"no","data":{"supported":["2031-01-01"],"requested":"x"}}"#;
    let server = Scripted::new(move |_, _| rpc_error(-32022, error));
    let failed = Client::new(server.clone()).discover().await.unwrap_err();
    assert!(failed.to_string().contains("2031-01-01"), "{failed}");
    assert!(matches!(failed, Error::Version { .. }));
    assert_eq!(server.count(), 1);
}

/// A server that refuses what it offers, again and again, is not asked for ever.
#[tokio::test]
async fn ver_06_one_retry_is_all() {
    let server = Scripted::new(|_, _| rpc_error(-32022, REFUSED));
    let failed = Client::new(server.clone()).discover().await.unwrap_err();
    assert!(matches!(failed, Error::Version { .. }), "{failed}");
    assert_eq!(server.count(), 2);
}
