//! Statuses: which are a response, and what is kept of the others.
#![cfg(feature = "client")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod remote;

use http::StatusCode;
use mcpwire_http::client::{Client, Error, Limits, Refusal};
use remote::{Remote, answer, response};

const JSON: &str = "Content-Type: application/json\r\n";

fn message(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0",{id}"error":{{ "message":"no","code":-32601 }}}}"#)
}

async fn error(bytes: impl Into<Vec<u8>>) -> Error {
    Remote::start().await.answer(bytes).await.unwrap_err()
}

async fn refusal(bytes: impl Into<Vec<u8>>) -> Refusal {
    match error(bytes).await {
        Error::Status(refusal) => *refusal,
        error => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn http_65_an_error_with_400_or_404_is_a_response_that_refuses() {
    for status in ["400 Bad Request", "404 Not Found"] {
        for id in [r#""id":1,"#, r#""id":null,"#, r#""id" : null ,"#, ""] {
            for headers in [JSON, "", "Content-Type: text/html\r\n"] {
                let bytes = answer(status, headers, &message(id));
                let reply = Remote::start().await.answer(bytes).await.unwrap();
                let response = response(reply);
                let (code, json) = response.as_error().unwrap();
                assert_eq!(code, -32601);
                assert_eq!(json, r#"{ "message":"no","code":-32601 }"#);
                assert!(response.is_refusal());
            }
        }
    }
}

#[tokio::test]
async fn an_error_about_another_request_is_none_about_this() {
    let body = message(r#""id":2,"#);
    let refusal = refusal(answer("400 Bad Request", JSON, &body)).await;
    assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    assert!(refusal.error.is_none());
    assert_eq!(refusal.body, body);
}

#[tokio::test]
async fn http_39_a_bare_404_is_a_status() {
    for body in [
        "",
        "nothing here",
        r#"{"error":"not_found"}"#,
        remote::RESULT,
    ] {
        let refusal = refusal(answer("404 Not Found", "", body)).await;
        assert_eq!(refusal.status, StatusCode::NOT_FOUND);
        assert!(refusal.error.is_none());
        assert_eq!(refusal.body, body);
    }
}

#[tokio::test]
async fn a_challenge_stays_with_its_status() {
    let challenge = "WWW-Authenticate: Bearer resource_metadata=\"https://a.example/x\"\r\n";
    for status in ["401 Unauthorized", "403 Forbidden", "400 Bad Request"] {
        for (body, has_error) in [("", false), (&*message(r#""id":null,"#), true)] {
            let refusal = refusal(answer(status, &format!("{challenge}{JSON}"), body)).await;
            assert_eq!(refusal.status.as_str(), &status[..3]);
            assert_eq!(
                refusal.headers["www-authenticate"],
                "Bearer resource_metadata=\"https://a.example/x\""
            );
            assert_eq!(refusal.error.is_some(), has_error);
        }
    }
}

#[tokio::test]
async fn other_statuses_keep_what_they_say() {
    for status in [
        "401 Unauthorized",
        "403 Forbidden",
        "405 Method Not Allowed",
        "413 Content Too Large",
        "429 Too Many Requests",
        "431 Request Header Fields Too Large",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ] {
        let headers = format!("Retry-After: 7\r\n{JSON}");
        let refusal = refusal(answer(status, &headers, &message(r#""id":1,"#))).await;
        assert_eq!(refusal.status.as_str(), &status[..3]);
        assert_eq!(refusal.headers["retry-after"], "7");
        assert_eq!(refusal.error.as_ref().unwrap().code, -32601);
        let told = refusal.to_string();
        assert!(told.ends_with(r#": "no" (-32601)"#), "{told}");
    }
    let refusal = refusal(answer("404 Not Found", "Retry-After: 7\r\n", &message(""))).await;
    assert!(refusal.error.is_some());
}

#[tokio::test]
async fn http_72_redirects_are_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See",
        "307 Temporary",
        "308 Permanent",
    ] {
        let elsewhere = Remote::start().await;
        let location = format!("Location: {}\r\n", elsewhere.url());
        let error = error(answer(status, &location, "")).await;
        let Error::Redirect {
            status: found,
            location,
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(found.as_str(), &status[..3]);
        assert_eq!(location.as_deref(), Some(&*elsewhere.url()));
        assert!(elsewhere.is_left_alone().await);
    }
    let error = error(answer("302 Found", "", "")).await;
    assert_eq!(
        error.to_string(),
        "the server redirects (302) to nothing, which is not followed"
    );
}

#[tokio::test]
async fn a_success_without_an_answer_is_none() {
    for bytes in [
        answer("202 Accepted", "", ""),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        answer("200 OK", "", ""),
        answer("200 OK", JSON, ""),
    ] {
        let error = error(bytes).await;
        assert!(matches!(error, Error::Empty { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn http_19_other_content_types_are_refused() {
    for (headers, shown) in [
        (
            "Content-Type: text/html; charset=utf-8\r\n",
            r#""text/html; charset=utf-8""#,
        ),
        (
            "Content-Type: application/jsonp\r\n",
            r#""application/jsonp""#,
        ),
        ("", "nothing"),
    ] {
        let error = error(answer("200 OK", headers, remote::RESULT)).await;
        let Error::ContentType { body, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(body, remote::RESULT);
        assert!(error.to_string().ends_with(shown), "{error}");
    }
}

#[tokio::test]
async fn a_kept_body_is_cut_at_the_limit() {
    for status in ["200 OK", "500 Internal Server Error"] {
        let remote = Remote::start().await;
        let client = Client::builder(&remote.url())
            .limits(Limits::default().max_body_bytes(10))
            .build()
            .unwrap();
        let bytes = answer(status, "", &"x".repeat(1_000_000));
        let body = match remote.answer_to(&client, bytes).await.unwrap_err() {
            Error::ContentType { body, .. } => body,
            Error::Status(refusal) => refusal.body,
            error => panic!("{error:?}"),
        };
        assert_eq!(body, "x".repeat(10));
    }
}

#[tokio::test]
async fn a_status_is_told_though_its_body_breaks() {
    let bytes = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\npart";
    let refusal = refusal(bytes).await;
    assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refusal.body, "part");
}

#[tokio::test]
async fn text_of_a_peer_is_escaped_in_sentences() {
    let body = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a\nb\u001b[31m"}}"#;
    let error = error(answer("500 Internal Server Error", JSON, body)).await;
    assert_eq!(
        error.to_string(),
        r#"the server answered 500 Internal Server Error: "a\nb\u{1b}[31m" (1)"#
    );
}
