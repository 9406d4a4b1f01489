//! Whatever a server answers, a call ends: with a result, or with an error that has the bytes.

use mcpwire_client::{Client, Error};
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::PromptReference;
use proptest::prelude::*;

mod common;
use common::Scripted;

/// Results of every method, to be changed here and there.
const RESULTS: &[&str] = &[
    r#"{"resultType":"complete","content":[{"type":"text","text":"a","_meta":null}],"isError":false}"#,
    r#"{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"A"}}}}],"nextCursor":null,"ttlMs":5}"#,
    r#"{"resources":[{"uri":"x:/","name":"n"}],"nextCursor":"2"}"#,
    r#"{"contents":[{"uri":"x:/","blob":"AA=="}],"cacheScope":"public","ttlMs":1000}"#,
    r#"{"messages":[{"role":"user","content":{"type":"text","text":"a"}}]}"#,
    r#"{"completion":{"values":["a"],"total":1}}"#,
    r#"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}"#,
    r#"{"resultType":"input_required","inputRequests":{"k":{"method":"roots/list"}},"requestState":"s"}"#,
];

/// One of them with a piece replaced; mostly no JSON any more.
fn changed() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"null".to_vec()),
        Just(b"[]".to_vec()),
        Just(b"{}".to_vec()),
        Just(b"\"".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    (
        prop::sample::select(RESULTS),
        any::<prop::sample::Index>(),
        0_usize..12,
        piece,
    )
        .prop_map(|(result, at, length, piece)| {
            let mut text = result.as_bytes().to_vec();
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, piece);
            text
        })
}

/// Every call there is, one after the other.
async fn all(client: &Client) -> Vec<Error> {
    let reference = || PromptReference::new("p");
    let errors = [
        client.discover().await.err(),
        client.list_tools().await.err(),
        client.list_resources().await.err(),
        client.call_tool("t", &()).await.err(),
        client.read_resource("x:/").await.err(),
        client.get_prompt("p", []).await.err(),
        client.complete(reference(), "a", "b").await.err(),
    ];
    errors.into_iter().flatten().collect()
}

proptest! {
    #[test]
    fn base_16_any_result_ends_the_call(result in changed()) {
        let sent = result.clone();
        let server = Scripted::new(move |_, _| Reply::result(sent.clone()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        for error in runtime.block_on(all(&Client::builder(server).cache("me").build())) {
            if let Error::Decode { source, .. } = &error {
                let length = error.raw().unwrap().len();
                prop_assert!(source.offset() <= length, "{error}");
            }
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn err_01_any_error_is_handed_over(code: i64, json in changed()) {
        let sent = json.clone();
        let server = Scripted::new(move |_, _| {
            Reply::Response(Response::raw_error(code, sent.clone()))
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        for error in runtime.block_on(all(&Client::new(server))) {
            prop_assert_eq!(error.code(), Some(code));
            prop_assert_eq!(error.raw().unwrap(), &json);
        }
    }

    #[test]
    fn prog_15_any_notification_is_taken(
        name in "notifications/(progress|message|x)", params in changed(),
    ) {
        let server = Scripted::new(move |_, _| {
            let note = Notification::new(name.clone(), params.clone());
            let items = [ReplyItem::Notification(note), common::done(r#"{"content":[]}"#)];
            Reply::Stream(ReplyStream::new(futures_util::stream::iter(items)))
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let client = Client::new(server);
        let call = client.call_tool("t", &()).on_progress(|_| {}).on_log("debug", |_| {});
        runtime.block_on(call.into_future()).unwrap();
    }
}
