//! Servers that break off, and that the next call is none the worse for it.
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
use remote::{
    COMPLETE, EVENTS, RESULT, Remote, answer, begin, event, items, json_answer, list, progress,
    result, soon, stream,
};

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_may_have_done_the_work() {
    let remote = Remote::start().await;
    let call = begin(&remote.client(), list());
    let mut peer = remote.accept().await;
    peer.request().await;
    drop(peer);
    let error = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(error, Error::Transport { unsent: false, .. }),
        "{error:?}"
    );
    assert!(!error.is_unsent());
}

#[tokio::test]
async fn heads_beyond_the_limits_are_refused() {
    let many = "X-Bomb: 1\r\n".repeat(101);
    let long = format!("X-Bomb: {}\r\n", "x".repeat(70_000));
    let endless = format!("HTTP/1.1 200 OK\r\nX-Bomb: {}", "x".repeat(200_000));
    for bytes in [
        answer("200 OK", &many, RESULT),
        answer("200 OK", &long, RESULT),
        endless,
    ] {
        let error = Remote::start().await.answer(bytes).await.unwrap_err();
        assert!(matches!(error, Error::HeadTooLarge), "{error:?}");
    }
    let remote = Remote::start().await;
    let client = Client::builder(&remote.url())
        .limits(Limits::default().max_headers(200).max_header_bytes(80_000))
        .build()
        .unwrap();
    let headers = format!("Content-Type: application/json\r\n{many}{long}");
    let reply = remote
        .answer_to(&client, answer("200 OK", &headers, RESULT))
        .await;
    assert_eq!(result(reply.unwrap()), COMPLETE);
}

#[tokio::test]
async fn after_any_fault_the_next_call_works() {
    let remote = Remote::start().await;
    let client = remote.client();
    let chunk = EVENTS.replace("Connection: close", "Transfer-Encoding: chunked");
    let text = event(&progress(1));
    let faults = [
        String::new(),
        "no HTTP at all\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent".to_owned(),
        json_answer(RESULT)[..90].to_owned(),
        json_answer("[]"),
        json_answer(&RESULT.replace(":1,", ":9,")),
        // Bytes that nobody asked for, on a connection that may be used again.
        format!("{}{}", json_answer(RESULT), json_answer(RESULT)),
        answer("500 Internal Server Error", "", "broken"),
        answer("302 Found", "Location: /\r\n", "there"),
        answer("200 OK", "Content-Type: image/png\r\n", "x"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef".to_owned(),
        EVENTS.to_owned(),
        format!("{EVENTS}data: nonsense\n\n"),
        format!("{chunk}{:x}\r\n{text}\r\n5\r\nda", text.len()),
    ];
    for fault in faults {
        let call = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(&fault).await;
        drop(peer);
        // Some of them are answers, others are not, and none hangs.
        if let Ok(mcpwire_service::Reply::Stream(stream)) = soon(call).await.unwrap() {
            items(stream).await;
        }
        // The closed connection may have been given back in the meantime; then this is a second try.
        let again = begin(&client, list());
        let mut peer = remote.accept().await;
        peer.request().await;
        peer.send(answer(
            "200 OK",
            "Content-Type: application/json\r\nConnection: close\r\n",
            RESULT,
        ))
        .await;
        let reply = soon(again).await.unwrap();
        assert_eq!(result(reply.unwrap()), COMPLETE, "after {fault:?}");
    }
}

#[tokio::test]
async fn a_stream_whose_server_dies_ends_with_a_reason() {
    let remote = Remote::start().await;
    let call = begin(&remote.client(), list());
    let mut peer = remote.accept().await;
    peer.request().await;
    let chunk = EVENTS.replace("Connection: close", "Transfer-Encoding: chunked");
    let text = event(&progress(1));
    peer.send(format!("{chunk}{:x}\r\n{text}\r\n", text.len()))
        .await;
    let stream = stream(soon(call).await.unwrap().unwrap());
    peer.stream.set_zero_linger().unwrap();
    drop(peer);
    let (items, failure) = items(stream).await;
    assert_eq!(items.len(), 1);
    assert!(matches!(failure, Some(Error::Broken(_))), "{failure:?}");
}

/// Over HTTP/2 the fields are counted, too.
#[cfg(feature = "server")]
#[tokio::test]
async fn heads_beyond_the_limits_are_refused_over_http2() {
    for (name_count, value_len) in [(101, 1), (2, 70_000)] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper::service::service_fn(move |_| async move {
                let mut response =
                    http::Response::new(http_body_util::Empty::<bytes::Bytes>::new());
                for n in 0..name_count {
                    let name = http::HeaderName::try_from(format!("x-bomb-{n}")).unwrap();
                    let value = http::HeaderValue::try_from("x".repeat(value_len)).unwrap();
                    response.headers_mut().insert(name, value);
                }
                Ok::<_, std::convert::Infallible>(response)
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            let executor = hyper_util::rt::TokioExecutor::new();
            let serve = hyper::server::conn::http2::Builder::new(executor);
            serve.serve_connection(io, service).await.ok();
        });
        let builder = Client::builder(&url).http2_prior_knowledge();
        let error = remote::call(&builder.build().unwrap(), list())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::HeadTooLarge | Error::Transport { unsent: false, .. }
            ),
            "{error:?}"
        );
        server.abort();
    }
}

#[tokio::test]
async fn http_64_a_body_that_is_too_long_is_refused_while_it_is_sent() {
    let remote = Remote::start().await;
    // More than the buffers on the way hold.
    let text = "x".repeat(32 << 20);
    let message = list().message().as_bytes().to_vec();
    let message = String::from_utf8(message).unwrap();
    let message = message.replace(r#""_meta""#, &format!(r#""text":"{text}","_meta""#));
    let limits = mcpwire_codec::Limits::default().max_message_bytes(64 << 20);
    let message = mcpwire_codec::Message::decode_with(message, &limits).unwrap();
    let request = mcpwire_service::Request::new(message).unwrap();
    let call = begin(&remote.client(), request);
    let mut peer = remote.accept().await;
    peer.send(answer("413 Content Too Large", "", "too long"))
        .await;
    let error = soon(call).await.unwrap().unwrap_err();
    let Error::Status(refusal) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.status, 413);
    assert_eq!(refusal.body, "too long");
}

#[tokio::test]
async fn a_server_of_http1_is_none_of_http2() {
    let remote = Remote::start().await;
    let builder = Client::builder(&remote.url()).http2_prior_knowledge();
    let call = begin(&builder.build().unwrap(), list());
    let mut peer = remote.accept().await;
    peer.send(answer("400 Bad Request", "", "")).await;
    soon(call).await.unwrap().unwrap_err();
}
