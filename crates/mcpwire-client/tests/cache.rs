//! Answers that are kept for as long as they are fresh (CACHE rows).

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use mcpwire_client::{Client, Limits};
use mcpwire_service::{Reply, ReplyStream};
use mcpwire_types::{SubscriptionFilter, method};
use tokio::time::advance;

mod common;
use common::{Scripted, note};

fn server(scope: &'static str) -> Scripted {
    Scripted::new(move |index, request| match &*request.method() {
        method::SUBSCRIPTIONS_LISTEN => {
            let items = stream::iter([
                note("notifications/resources/updated", r#"{"uri":"x:/a/part"}"#),
                note(
                    "notifications/subscriptions/acknowledged",
                    r#"{"notifications":{}}"#,
                ),
            ]);
            Reply::Stream(ReplyStream::new(items.chain(stream::pending())))
        }
        method::RESOURCES_READ => Reply::result(format!(
            r#"{{"contents":[{{"uri":"x:/","text":"{index}"}}],"ttlMs":1000,"cacheScope":"{scope}"}}"#
        )),
        _ => Reply::result(r#"{"content":[],"ttlMs":1000,"cacheScope":"public"}"#),
    })
}

fn client(server: &Scripted) -> Client {
    Client::builder(server.clone()).cache("ada").build()
}

/// CACHE-07, CACHE-14, CACHE-20, CACHE-37
#[tokio::test(start_paused = true)]
async fn cache_08_an_answer_is_fresh_for_its_time() {
    let server = server("private");
    let client = client(&server);
    for _ in 0..3 {
        client.read_resource("x:/a").await.unwrap();
    }
    assert_eq!(server.count(), 1);
    // CACHE-11
    client.read_resource("x:/b").await.unwrap();
    assert_eq!(server.count(), 2);
    client.read_resource("x:/a").fresh().await.unwrap();
    assert_eq!(server.count(), 3);
    advance(Duration::from_millis(999)).await;
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 3);
    advance(Duration::from_millis(1)).await;
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 4);
}

/// Nothing is kept unless somebody says for whom.
#[tokio::test]
async fn cache_21_without_authorization_nothing_is_kept() {
    let server = server("public");
    let client = Client::new(server.clone());
    client.read_resource("x:/a").await.unwrap();
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn cache_21_private_answers_are_not_shared() {
    for (scope, asked) in [("private", 2), ("public", 1), ("PUBLIC", 2)] {
        let server = server(scope);
        let ada = client(&server);
        let ben = Client::builder(server.clone())
            .shared_cache(&ada, "ben")
            .build();
        ada.read_resource("x:/a").await.unwrap();
        ben.read_resource("x:/a").await.unwrap();
        assert_eq!(server.count(), asked, "{scope}");
    }
}

/// CACHE-03: hints on other methods mean nothing.
#[tokio::test]
async fn cache_03_calls_are_not_kept() {
    let server = server("public");
    let client = client(&server);
    client.call_tool("t", &()).await.unwrap();
    client.call_tool("t", &()).await.unwrap();
    assert_eq!(server.count(), 2);
}

/// CACHE-07, CACHE-09, CACHE-10
#[tokio::test]
async fn cache_10_what_is_no_time_counts_as_none() {
    for ttl in ["", r#","ttlMs":0"#, r#","ttlMs":-5"#, r#","ttlMs":null"#] {
        let result = format!(r#"{{"contents":[],"cacheScope":"public"{ttl}}}"#);
        let server = Scripted::new(move |_, _| Reply::result(result.clone()));
        let client = client(&server);
        client.read_resource("x:/a").await.unwrap();
        client.read_resource("x:/a").await.unwrap();
        assert_eq!(server.count(), 2, "{ttl}");
    }
}

/// CACHE-12, MRTR-40
#[tokio::test(start_paused = true)]
async fn cache_12_answers_to_retries_are_not_kept() {
    let server = Scripted::new(|index, _| {
        Reply::result(if index % 2 == 0 {
            r#"{"resultType":"input_required","requestState":"s"}"#
        } else {
            r#"{"contents":[],"ttlMs":1000,"cacheScope":"public"}"#
        })
    });
    let client = client(&server);
    client.read_resource("x:/a").await.unwrap();
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 4);
}

/// CACHE-28, SUB-27, SUB-25
#[tokio::test]
async fn cache_28_a_change_makes_stale_what_it_is_about() {
    let server = server("public");
    let client = client(&server);
    client.read_resource("x:/a").await.unwrap();
    client.read_resource("x:/b").await.unwrap();
    let mut events = client.listen(SubscriptionFilter::new());
    events.next().await.unwrap();
    client.read_resource("x:/b").await.unwrap();
    assert_eq!(server.count(), 3);
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 4);
    // The acknowledgement says that anything may have changed.
    events.next().await.unwrap();
    client.read_resource("x:/b").await.unwrap();
    assert_eq!(server.count(), 5);
}

#[tokio::test]
async fn cache_is_bounded() {
    let server = server("public");
    let limits = Limits::default().max_cache_entries(2);
    let client = Client::builder(server.clone())
        .limits(limits)
        .cache("")
        .build();
    for uri in ["x:/a", "x:/b", "x:/c", "x:/c", "x:/b"] {
        client.read_resource(uri).await.unwrap();
    }
    assert_eq!(server.count(), 3);
    client.read_resource("x:/a").await.unwrap();
    assert_eq!(server.count(), 4);
}
