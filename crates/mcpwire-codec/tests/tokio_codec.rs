//! The newline framing behind the traits of `tokio_util` (feature `tokio-util`).

use bytes::{Bytes, BytesMut};
use mcpwire_codec::line::{Frame, LineCodec};
use mcpwire_codec::{encode_notification, encode_result};
use mcpwire_types::RequestId;
use tokio_util::codec::{Decoder, Encoder};

#[test]
fn frames_come_out_as_they_went_in() {
    let mut codec = LineCodec::default();
    let mut buffer = BytesMut::new();
    let result = encode_result(&RequestId::Integer(1), Bytes::from_static(b"{\n}"));
    let notification = encode_notification("notifications/x", None);
    codec.encode(result, &mut buffer).unwrap();
    codec.encode(notification, &mut buffer).unwrap();
    assert_eq!(
        buffer,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{ }}\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n"
    );
    for expected in [
        r#"{"jsonrpc":"2.0","id":1,"result":{ }}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/x"}"#,
    ] {
        assert_eq!(
            codec.decode(&mut buffer).unwrap(),
            Some(Frame::Line(expected.into()))
        );
    }
    assert_eq!(codec.decode(&mut buffer).unwrap(), None);
    assert_eq!(codec.decode_eof(&mut buffer).unwrap(), None);
}

#[test]
fn an_oversized_line_does_not_end_the_stream() {
    // STDIO-28
    let mut codec = LineCodec::new(4);
    let mut buffer = BytesMut::from("12345678\n{}");
    assert_eq!(
        codec.decode(&mut buffer).unwrap(),
        Some(Frame::TooLong { limit: 4 })
    );
    assert_eq!(codec.decode(&mut buffer).unwrap(), None);
    assert_eq!(
        codec.decode_eof(&mut buffer).unwrap(),
        Some(Frame::Line("{}".into()))
    );
    assert_eq!(codec.decode_eof(&mut buffer).unwrap(), None);
}
