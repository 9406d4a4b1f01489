//! Answers that are JSON, and what is no answer although it says so.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use mcpwire_http::client::{Client, Error, Limits};
use remote::{COMPLETE, RESULT, Remote, answer, json_answer, response, result, told};

async fn error(bytes: impl Into<Vec<u8>>) -> Error {
    Remote::start().await.answer(bytes).await.unwrap_err()
}

#[tokio::test]
async fn http_20_json_is_a_response() {
    let reply = Remote::start().await.answer(json_answer(RESULT)).await;
    assert_eq!(result(reply.unwrap()), COMPLETE);
    let charset = "content-type: Application/JSON; charset=utf-8\r\n";
    let remote = Remote::start().await;
    let reply = remote.answer(answer("200 OK", charset, RESULT)).await;
    assert_eq!(result(reply.unwrap()), COMPLETE);
}

#[tokio::test]
async fn a_result_is_byte_for_byte_what_came() {
    let body = r#" {"result" : { "a":1e400,  "b" : "\u00e9" }, "id" : 1,"jsonrpc":"2.0"}"#;
    let reply = Remote::start().await.answer(json_answer(body)).await;
    assert_eq!(result(reply.unwrap()), r#"{ "a":1e400,  "b" : "\u00e9" }"#);
}

#[tokio::test]
async fn an_error_with_status_200_is_no_refusal() {
    for id in [r#""id":1,"#, r#""id":null,"#, ""] {
        let body = format!(
            r#"{{"jsonrpc":"2.0",{id}"error":{{ "code":-32602,"message":"m","data":[1] }}}}"#
        );
        let reply = Remote::start().await.answer(json_answer(&body)).await;
        let response = response(reply.unwrap());
        let (code, json) = response.as_error().unwrap();
        assert_eq!(code, -32602);
        assert_eq!(json, r#"{ "code":-32602,"message":"m","data":[1] }"#);
        assert!(!response.is_refusal());
    }
}

#[tokio::test]
async fn http_71_a_response_for_another_request_is_refused() {
    for (id, shown) in [("2", "2"), (r#""1""#, r#""1""#)] {
        let body = RESULT.replace(r#""id":1"#, &format!(r#""id":{id}"#));
        let error = error(json_answer(&body)).await;
        let Error::WrongId { raw, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(raw, &body);
        assert_eq!(
            error.to_string(),
            format!("the response is for the request with ID {shown}, not for 1")
        );
    }
}

#[tokio::test]
async fn a_message_that_is_no_response_is_refused() {
    for body in [
        r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#,
    ] {
        let error = error(json_answer(body)).await;
        assert!(matches!(error, Error::NotAResponse { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_message_is_handed_back() {
    for body in [
        "nonsense",
        &format!("[{RESULT}]"),
        r#"{"jsonrpc":"2.0","id":null,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}"#,
        r#"{"jsonrpc":"2.0","id":1,"id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"id":null,"error":{"code":1,"message":""}}"#,
    ] {
        let error = error(json_answer(body)).await;
        let Error::Malformed { raw, .. } = &error else {
            panic!("{body}: {error:?}");
        };
        assert_eq!(raw, body);
        assert!(!error.is_unsent());
        assert!(told(&error).starts_with("the answer is no valid message: "));
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let whole = json_answer(RESULT);
    let chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
        Transfer-Encoding: chunked\r\n\r\n5\r\n{\"jso\r\n";
    for bytes in [
        &whole[..whole.len() - 1],
        &whole[..whole.len() - RESULT.len()],
        chunked,
    ] {
        let error = error(bytes).await;
        assert!(matches!(error, Error::Broken(_)), "{bytes}: {error:?}");
        assert!(!error.is_unsent());
    }
    let error = error(&whole[..20]).await;
    assert!(
        matches!(error, Error::Transport { unsent: false, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{RESULT}\r\n0\r\n\r\n",
        RESULT.len()
    );
    for bytes in [json_answer(RESULT), chunked] {
        for (limit, fits) in [(RESULT.len(), true), (RESULT.len() - 1, false)] {
            let remote = Remote::start().await;
            let client = Client::builder(&remote.url())
                .limits(Limits::default().max_body_bytes(limit))
                .build()
                .unwrap();
            match remote.answer_to(&client, bytes.clone()).await {
                Ok(reply) => assert!(fits, "{reply:?}"),
                Err(Error::BodyTooLong { limit: found }) => {
                    assert!(!fits);
                    assert_eq!(found, limit);
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_long_body_in_many_pieces_is_put_together() {
    let text = "x".repeat(1 << 20);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"text":"{text}"}}}}"#);
    let reply = Remote::start().await.answer(json_answer(&body)).await;
    assert_eq!(result(reply.unwrap()), format!(r#"{{"text":"{text}"}}"#));
}

#[tokio::test]
async fn json_beyond_the_depth_is_refused() {
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().max_depth(3))
        .build()
        .unwrap();
    let body = r#"{"jsonrpc":"2.0","id":1,"result":{"a":[[]]}}"#;
    let error = remote
        .answer_to(&client, json_answer(body))
        .await
        .unwrap_err();
    assert!(
        told(&error).contains("more than 3 deep"),
        "{}",
        told(&error)
    );
}
