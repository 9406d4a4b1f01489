//! Multi round-trip requests: a server that asks is answered (MRTR rows).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mcpwire_client::{Client, Error, InputError, Limits};
use mcpwire_service::{BoxError, Reply};
use mcpwire_types::{
    ClientCapabilities, ClientSamplingCapability, CreateMessageResult, ElicitAction, ElicitResult,
    ElicitValue, JSONObject, Role, Root, SamplingContent, SamplingMessageContentBlock, TextContent,
};
use serde_json::json;

mod common;
use common::Scripted;

const ASKS: &str = r#"{"resultType":"input_required","inputRequests":{"name":{"method":"elicitation/create",
    "params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"n":{"type":"string"}}}}}},
    "requestState":"a\u002fb/é\"="}"#;
const DONE: &str = r#"{"resultType":"complete","content":[]}"#;

fn asks_once() -> Scripted {
    Scripted::new(|index, _| Reply::result(if index == 0 { ASKS } else { DONE }))
}

fn accepts(server: &Scripted) -> Client {
    Client::builder(server.clone())
        .on_form(|form| async move {
            assert_eq!(form.message, "Who?");
            let content = [("n", ElicitValue::from("Ada"))];
            Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Accept).content(content))
        })
        .build()
}

/// MRTR-13, MRTR-14, MRTR-17, MRTR-18, MRTR-20, ELICIT-08, ELICIT-22, ELICIT-23, MRTR-22, MRTR-38
#[tokio::test]
async fn mrtr_13_a_retry_is_the_request_with_the_answers() {
    let server = asks_once();
    let client = accepts(&server);
    client.call_tool("t", &json!({"a": 1})).await.unwrap();
    let (first, second) = (server.message(0), server.message(1));
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["params"]["arguments"], second["params"]["arguments"]);
    assert_eq!(first["params"]["_meta"], second["params"]["_meta"]);
    assert!(first["params"].get("requestState").is_none());
    assert_eq!(second["params"]["requestState"], "a/b/é\"=");
    let expected = json!({"name": {"action": "accept", "content": {"n": "Ada"}}});
    assert_eq!(second["params"]["inputResponses"], expected);
}

/// MRTR-17: not even the spelling of its escapes changes.
#[tokio::test]
async fn mrtr_17_the_state_goes_back_byte_for_byte() {
    let server = asks_once();
    accepts(&server).call_tool("t", &()).await.unwrap();
    let seen = server.seen.lock().unwrap();
    let text = std::str::from_utf8(seen[1].message().as_bytes()).unwrap();
    assert!(text.contains(r#""requestState":"a\u002fb/é\"=""#), "{text}");
}

/// MRTR-19, ROOTS-04: no state where none came, also not that of an earlier round.
#[tokio::test]
async fn mrtr_19_no_state_is_sent_where_none_came() {
    let server = Scripted::new(|index, _| {
        Reply::result(match index {
            0 => ASKS,
            1 => r#"{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}"#,
            _ => DONE,
        })
    });
    let client = Client::builder(server.clone())
        .on_form(|_| async { Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Decline)) })
        .on_roots(|| async { Ok::<_, BoxError>(vec![Root::new("file:///r")]) })
        .build();
    client.call_tool("t", &()).await.unwrap();
    let last = server.message(2);
    assert!(last["params"].get("requestState").is_none());
    // MRTR-23
    let expected = json!({"r": {"roots": [{"uri": "file:///r"}]}});
    assert_eq!(last["params"]["inputResponses"], expected);
}

/// MRTR-09: what can be answered is declared, and nothing else.
/// ELICIT-01, ELICIT-03, SAMPLE-02, ROOTS-02
#[tokio::test]
async fn mrtr_09_handlers_are_declared() {
    let server = Scripted::always(DONE);
    let client = accepts(&server);
    client.call_tool("t", &()).await.unwrap();
    let declared = |index| {
        let message = server.message(index);
        message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"].clone()
    };
    assert_eq!(declared(0), json!({"elicitation": {"form": {}}}));
    let client = Client::builder(server.clone())
        .on_url(|_| async { Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Cancel)) })
        .on_sampling(|_| async {
            let text = SamplingMessageContentBlock::Text(TextContent::new("Paris"));
            Ok::<_, BoxError>(CreateMessageResult::new(
                Role::Assistant,
                SamplingContent::One(text),
                "a-model",
            ))
        })
        .on_roots(|| async { Ok::<_, BoxError>(vec![]) })
        .build();
    client.call_tool("t", &()).await.unwrap();
    let expected = json!({"elicitation": {"url": {}}, "sampling": {}, "roots": {}});
    assert_eq!(declared(1), expected);
}

#[tokio::test]
async fn mrtr_37_what_is_not_offered_is_not_answered() {
    for (ask, method) in [
        (
            r#"{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}"#,
            "sampling",
        ),
        (
            r#"{"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://x/"}}"#,
            "url",
        ),
        (r#"{"method":"something/new","params":{}}"#, "something/new"),
    ] {
        let result = format!(r#"{{"resultType":"input_required","inputRequests":{{"k":{ask}}}}}"#);
        let server = Scripted::new(move |_, _| Reply::result(result.clone()));
        let error = accepts(&server).call_tool("t", &()).await.unwrap_err();
        let Error::Input {
            key,
            source: source @ InputError::NotOffered { .. },
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(key, "k");
        assert!(source.to_string().contains(method), "{source}");
        assert_eq!(server.count(), 1);
    }
}

/// SAMPLE-03: tools are for a client that says so, which is more than a handler for sampling.
#[tokio::test]
async fn sample_24_undeclared_tools_are_not_sampled_with() {
    let asks = r#"{"resultType":"input_required","inputRequests":{"k":{"method":"sampling/createMessage",
        "params":{"messages":[],"maxTokens":1,"tools":[]}}}}"#;
    let tools = ClientSamplingCapability::new().tools(JSONObject::empty());
    for (capabilities, fits) in [
        (ClientCapabilities::new(), false),
        (ClientCapabilities::new().sampling(tools), true),
    ] {
        let server = Scripted::new(move |index, _| match index {
            0 => Reply::result(asks),
            _ => Reply::result(DONE),
        });
        let client = Client::builder(server)
            .capabilities(capabilities)
            .on_sampling(|_| async {
                let text = SamplingMessageContentBlock::Text(TextContent::new("Paris"));
                let content = SamplingContent::One(text);
                Ok::<_, BoxError>(CreateMessageResult::new(
                    Role::Assistant,
                    content,
                    "a-model",
                ))
            })
            .build();
        assert_eq!(client.call_tool("t", &()).await.is_ok(), fits);
    }
}

#[tokio::test]
async fn mrtr_37_a_handler_that_fails_ends_the_call() {
    let server = asks_once();
    let client = Client::builder(server.clone())
        .on_form(|_| async { Err::<ElicitResult<'static>, _>("the terminal is gone") })
        .build();
    let error = client.call_tool("t", &()).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Input {
                source: InputError::Handler(_),
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(server.count(), 1);
}

/// MRTR-16
#[tokio::test(start_paused = true)]
async fn mrtr_16_a_server_cannot_ask_for_ever() {
    for result in [
        ASKS,
        r#"{"resultType":"input_required","requestState":"s"}"#,
    ] {
        let server = Scripted::always(result);
        let client = Client::builder(server.clone())
            .on_form(|_| async { Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Decline)) })
            .limits(Limits::default().max_rounds(3))
            .build();
        let error = client.call_tool("t", &()).await.unwrap_err();
        assert!(matches!(error, Error::Rounds { limit: 3, .. }), "{error:?}");
        assert_eq!(server.count(), 4);
    }
}

/// MRTR-15
#[tokio::test(start_paused = true)]
async fn mrtr_15_a_plain_retry_needs_no_handler() {
    let server = Scripted::new(|index, _| {
        Reply::result(match index {
            0 => r#"{"resultType":"input_required","requestState":"s"}"#,
            _ => DONE,
        })
    });
    Client::new(server.clone())
        .call_tool("t", &())
        .await
        .unwrap();
    let params = &server.message(1)["params"];
    assert_eq!(params["requestState"], "s");
    assert!(params.get("inputResponses").is_none());
}

#[tokio::test]
async fn mrtr_21_input_is_asked_for_one_at_a_time_and_bounded() {
    let many = |count: usize| {
        let one = r#"{"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{}}}}"#;
        let all: Vec<_> = (0..count).map(|key| format!(r#""k{key}":{one}"#)).collect();
        format!(
            r#"{{"resultType":"input_required","inputRequests":{{{}}}}}"#,
            all.join(",")
        )
    };
    let open = Arc::new(AtomicUsize::new(0));
    for (count, fits) in [(32, true), (33, false)] {
        let asks = many(count);
        let server = Scripted::new(move |index, _| match index {
            0 => Reply::result(asks.clone()),
            _ => Reply::result(DONE),
        });
        let open = Arc::clone(&open);
        let client = Client::builder(server)
            .on_form(move |_| {
                let open = Arc::clone(&open);
                async move {
                    assert_eq!(open.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    open.fetch_sub(1, Ordering::SeqCst);
                    Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Decline))
                }
            })
            .build();
        assert_eq!(client.call_tool("t", &()).await.is_ok(), fits);
    }
}
