//! What goes wrong on one side of a gateway is told on the other, and is over then.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{
    Remote, answer, begin_post, child, http_client, list, meta, over_http, over_stdio, post,
};

fn error(id: &str, code: i64) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{ "code":{code} , "message":"\u00e9","data":{{"n":1.0}},"x" :[]}}}}"#
    )
}

fn result(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
}

fn code(message: &str) -> i64 {
    let message: serde_json::Value = serde_json::from_str(message).unwrap();
    message.pointer("/error/code").unwrap().as_i64().unwrap()
}

/// ERR-24: over stdio an error does not say who found it, so that its code alone decides.
#[tokio::test]
async fn err_24_errors_of_a_child_have_the_status_of_their_code() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    for (number, (code, status)) in (1..).zip([
        (-32601, 404),
        (-32700, 400),
        (-32600, 400),
        (-32020, 400),
        (-32021, 400),
        (-32022, 400),
        (-32602, 200),
        (-32603, 200),
        (-32002, 200),
        (7, 200),
    ]) {
        let posted = begin_post(address, &list("\"a\""), &[]).await;
        child.hear().await;
        child.say(&error(&number.to_string(), code)).await;
        let answer = answer(posted).await;
        assert_eq!(answer.status, status, "{code}");
        assert_eq!(answer.body().await, error("\"a\"", code));
    }
}

#[tokio::test]
async fn http_65_errors_of_a_remote_server_pass_with_their_status() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (address, _serving) = over_http(remote.client()).await;
    let (mut caller, _stdio) = over_stdio(remote.client());
    for (code, status) in [
        (-32601, 404),
        (-32600, 400),
        (-32020, 400),
        (-32602, 400),
        (-32602, 200),
        (-32603, 200),
        (7, 400),
    ] {
        let posted = begin_post(address, &list("1"), &[]).await;
        remote.hear().await.json(status, &error("1", code)).await;
        let answer = answer(posted).await;
        assert_eq!(answer.status, status, "{code}");
        assert_eq!(answer.body().await, error("1", code));

        caller.say(&list("1")).await;
        remote.hear().await.json(status, &error("1", code)).await;
        assert_eq!(caller.hear().await, error("1", code));
    }
}

/// What is wrong with a request over HTTP is found before it gets to the child.
#[tokio::test]
async fn conf_03_refusals_of_the_gateway_itself_are_400() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let call = support::request("1", "tools/call", r#""name":"a","#);
    for message in [
        call.replace("2026-07-28", "2020-01-01"),
        call.replace(&meta(""), r#""_meta":{}"#),
    ] {
        let answer = post(address, &message).await;
        assert_eq!(answer.status, 400, "{message}");
        assert!(answer.body().await.contains(r#""id":1,"error""#));
    }
    // The child has seen nothing of all that.
    let posted = begin_post(address, &list("1"), &[]).await;
    assert_eq!(child.hear().await, list("1"));
    child.say(&result("1")).await;
    assert_eq!(answer(posted).await.status, 200);
}

/// A server out of whatever shell there is: it answers with the `id` at the end of a line, and ends
/// when it is asked for `die`.
#[cfg(unix)]
const SHELL: &str = r#"
while read -r line; do
    case $line in *'"die"'*) echo "out of flour" >&2; exit 3;; esac
    id=${line##*'"id":'}
    echo '{"jsonrpc":"2.0","id":'"${id%?}"',"result":{}}'
done
"#;

#[cfg(unix)]
#[tokio::test]
async fn conf_27_a_child_that_dies_is_an_internal_error_and_the_next_call_works() {
    let server = mcpwire::stdio::client::Command::new("sh")
        .args(["-c", SHELL])
        .start();
    let (address, serving) = over_http(server.clone()).await;
    let fatal = support::request("2", "tools/call", r#""name":"die","#);
    for starts in 1..=3 {
        let answer = post(address, &list("\"a\"")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body().await, result("\"a\""));
        assert_eq!(server.starts(), starts);

        let answer = post(address, &fatal).await;
        assert_eq!(answer.status, 500);
        let body = answer.body().await;
        assert_eq!(code(&body), -32603);
        assert!(body.contains(r#""id":2"#), "{body}");
        // What a child says to the operator is nothing for a stranger.
        assert!(!body.contains("flour"), "{body}");
        assert!(server.stderr_tail().contains("flour"));
    }
    drop(serving);
    support::within(server.close()).await;
}

/// With an answer under way there is no status left to say it with.
#[tokio::test]
async fn conf_27_a_child_that_is_lost_in_the_middle_of_a_stream_ends_it_with_an_error() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let meta = meta(r#","progressToken":1"#);
    let call = format!(
        r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"name":"a",{meta}}},"id":"a"}}"#
    );
    let posted = begin_post(address, &call, &[]).await;
    child.hear().await;
    child
        .say(r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#)
        .await;
    let mut answer = answer(posted).await;
    assert!(answer.event().await.unwrap().contains("progress"));
    drop(child);
    let last = answer.event().await.unwrap();
    assert_eq!(code(&last), -32603);
    assert!(last.contains(r#""id":"a""#), "{last}");
    assert_eq!(answer.event().await, None);
}

#[tokio::test]
async fn conf_27_a_remote_server_that_is_gone_is_an_internal_error_and_the_next_call_works() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let place = remote.address();
    drop(remote);
    let (mut caller, _stdio) = over_stdio(http_client(place));
    let (address, _serving) = over_http(http_client(place)).await;
    caller.say(&list("\"a\"")).await;
    let line = caller.hear().await;
    assert_eq!(code(&line), -32603);
    assert!(line.contains(r#""id":"a""#), "{line}");
    let gone = post(address, &list("1")).await;
    assert_eq!(gone.status, 500);
    assert_eq!(code(&gone.body().await), -32603);

    let remote = Remote::bind(&place.to_string()).await;
    caller.say(&list("2")).await;
    remote.hear().await.json(200, &result("2")).await;
    assert_eq!(caller.hear().await, result("2"));
    let posted = begin_post(address, &list("3"), &[]).await;
    remote.hear().await.json(200, &result("3")).await;
    assert_eq!(answer(posted).await.body().await, result("3"));
}

/// Answers that are none, each over a connection of its own.
#[tokio::test]
async fn conf_27_a_remote_server_that_answers_badly_is_an_internal_error() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _stdio) = over_stdio(remote.client());
    let (address, _serving) = over_http(remote.client()).await;
    for (status, content_type, body) in [
        (503, "text/plain", "later"),
        (401, "application/json", "{}"),
        (200, "text/html", "<p>hello"),
        (
            200,
            "application/json",
            r#"{"jsonrpc":"2.0","id":9,"result":{}}"#,
        ),
        (200, "text/event-stream", ": over\n\n"),
    ] {
        caller.say(&list("1")).await;
        remote.hear().await.answer(status, content_type, body).await;
        let line = caller.hear().await;
        assert_eq!(code(&line), -32603, "{line}");

        let posted = begin_post(address, &list("1"), &[]).await;
        remote.hear().await.answer(status, content_type, body).await;
        let failed = answer(posted).await;
        assert_eq!(failed.status, 500);
        assert_eq!(code(&failed.body().await), -32603);
    }
    caller.say(&list("1")).await;
    remote.hear().await.json(200, &result("1")).await;
    assert_eq!(caller.hear().await, result("1"));
}
