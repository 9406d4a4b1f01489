//! How replies are put together and end (BASE-09, BASE-10, PROG-10).

use futures_util::{StreamExt, stream};
use mcpwire_codec::Message;
use mcpwire_service::{Notification, ReplyItem, ReplyStream, Request, Response};
use mcpwire_types::{Error, RequestId, error_code};

#[test]
fn base_09_a_response_echoes_the_type_of_the_id() {
    for (id, text) in [(RequestId::from(1), "1"), (RequestId::from("1"), r#""1""#)] {
        let line = Response::result(r#"{"resultType":"complete"}"#)
            .encode(&id)
            .to_bytes();
        let expected =
            format!(r#"{{"jsonrpc":"2.0","id":{text},"result":{{"resultType":"complete"}}}}"#);
        assert_eq!(line, expected.as_bytes());
    }
}

/// BASE-10: a message goes on as it came to whoever asked under its ID, and under another one its result does.
#[test]
fn base_10_a_response_that_came_in_a_message_goes_on_in_it() {
    let text = r#"{"id": "a", "jsonrpc": "2.0", "result": {"resultType": "complete"}}"#;
    let message = Message::decode(text).unwrap();
    let response = Response::of_message(&message).unwrap();
    assert!(response.is_known_complete());
    assert_eq!(
        response.as_result(),
        Some(&br#"{"resultType": "complete"}"#[..])
    );
    let same = response.clone().encode(&RequestId::from("a")).into_bytes();
    assert_eq!(same.as_ptr(), message.as_bytes().as_ptr());
    assert_eq!(same, text);
    let other = response.clone().encode(&RequestId::from(1)).into_bytes();
    let expected = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType": "complete"}}"#;
    assert_eq!(other, expected);
    let result = response.into_result().unwrap();
    assert_eq!(result.as_ptr(), message.as_bytes()[40..].as_ptr());
}

#[test]
fn base_20_an_error_carries_its_code_and_the_id() {
    let response = Response::error(&Error::method_not_found("ping"));
    assert_eq!(
        response.as_error().map(|(code, _)| code),
        Some(error_code::METHOD_NOT_FOUND)
    );
    let message = Message::decode(response.encode(&RequestId::from(4)).to_bytes()).unwrap();
    assert_eq!(message.id(), Some(RequestId::from(4)));
}

#[test]
fn conf_03_a_refusal_can_be_told_from_an_error_of_the_work() {
    let error = Error::invalid_params("name is missing");
    assert!(Response::refusal(&error).is_refusal());
    assert!(!Response::error(&error).is_refusal());
}

/// PROG-10: nothing follows the response, whatever the inner stream still holds.
#[tokio::test]
async fn prog_10_the_response_ends_the_stream() {
    let note = || ReplyItem::Notification(Notification::new("notifications/progress", "{}"));
    let response = ReplyItem::Response(Response::result("{}"));
    let items = ReplyStream::new(stream::iter([note(), response, note()]));
    let seen: Vec<_> = items.collect().await;
    assert!(matches!(
        seen.as_slice(),
        [ReplyItem::Notification(_), ReplyItem::Response(_)]
    ));
}

/// CONF-27: what broke is known to whoever asks, and the stream has ended all the same.
#[tokio::test]
async fn conf_27_a_stream_that_breaks_tells_why() {
    let note = || ReplyItem::Notification(Notification::without_params("notifications/x"));
    let items = stream::iter([Ok(note()), Err("cut off".into()), Ok(note())]);
    let mut items = ReplyStream::fallible(items);
    assert!(items.next().await.is_some());
    assert!(items.failure().is_none());
    assert!(items.next().await.is_none());
    assert!(items.next().await.is_none());
    assert_eq!(items.failure().unwrap().to_string(), "cut off");
    assert!(items.failure().is_none());
}

/// CONF-03: a gateway forwards an error as what it was.
#[test]
fn conf_03_a_forwarded_refusal_stays_one() {
    let error = br#"{"code":-32602,"message":"no name"}"#;
    let response = Response::raw_error(-32602, &error[..]);
    assert!(!response.is_refusal());
    assert!(response.refused().is_refusal());
    assert!(!Response::result("{}").refused().is_refusal());
}

#[test]
fn base_26_only_a_request_becomes_a_request() {
    let note = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let response = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    for text in [note, response] {
        assert!(
            Request::new(Message::decode(text).unwrap()).is_err(),
            "{text}"
        );
    }
}

/// The parameters of a request are a slice of the bytes that it came in.
#[test]
fn params_share_the_buffer() {
    let bytes =
        bytes::Bytes::from_static(br#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1}}"#);
    let range = bytes.as_ptr_range();
    let request = Request::new(Message::decode(bytes.clone()).unwrap()).unwrap();
    let params = request.params().unwrap();
    assert_eq!(params, br#"{"a":1}"#.as_slice());
    assert!(range.contains(&params.as_ptr()));
}
