//! Asking a message for its parts: as JSON text, as strings, and as types.

use std::borrow::Cow;

use bytes::Bytes;
use mcpwire_codec::{Kind, Message, Part, PartError};
use mcpwire_types::{
    CallToolRequestParams, ClientCapabilities, Error, Implementation, ProgressToken, RequestId,
};

const CALL: &str = r#"{"params":{"arguments" : {"x":[1, 2]},"name":"t\u00e9l\u00e9","cursor":"plain","uri":5,
"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"progressToken":"p",
"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}},
"jsonrpc":"2.0","method":"tools\/call","id":"\u0031"}"#;

#[test]
fn parts_are_slices_of_the_input() {
    let bytes = Bytes::from_static(CALL.as_bytes());
    let message = Message::decode(bytes.clone()).unwrap();
    assert_eq!(message.raw(Part::Arguments), Some(&br#"{"x":[1, 2]}"#[..]));
    assert_eq!(message.raw(Part::Name), Some(&br#""t\u00e9l\u00e9""#[..]));
    assert_eq!(message.raw(Part::TaskId), None);
    assert_eq!(message.raw(Part::Result), None);
    let slice = message.slice(Part::Arguments).unwrap();
    let at = CALL.find(r#"{"x""#).unwrap();
    assert_eq!(slice.as_ptr(), bytes[at..].as_ptr());
}

#[test]
fn strings_borrow_unless_they_have_escapes() {
    let message = Message::decode(CALL).unwrap();
    assert!(matches!(
        message.text(Part::Cursor),
        Some(Cow::Borrowed("plain"))
    ));
    assert!(matches!(message.text(Part::Name), Some(Cow::Owned(name)) if name == "télé"));
    assert_eq!(message.text(Part::Uri), None, "a number is no string");
    assert_eq!(message.text(Part::RequestState), None);
    assert_eq!(message.method().as_deref(), Some("tools/call"));
    // BASE-09: `"1"` is a string, however it is spelled.
    assert_eq!(message.id(), Some(RequestId::from("1")));
}

#[test]
fn parts_are_read_as_types() {
    let message = Message::decode(CALL).unwrap();
    let info: Implementation<'_> = message.parse(Part::ClientInfo).unwrap();
    assert!(
        matches!(info.name, Cow::Borrowed("c")),
        "what is read borrows from the message"
    );
    let token: ProgressToken<'_> = message.parse(Part::ProgressToken).unwrap();
    assert_eq!(token, RequestId::from("p"));
    let _: ClientCapabilities<'_> = message.parse(Part::ClientCapabilities).unwrap();
    let params: CallToolRequestParams<'_> = message.parse(Part::Params).unwrap();
    assert_eq!(params.name, "télé");
}

#[test]
fn errors_name_the_path_from_the_message() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","_meta":{
        "io.modelcontextprotocol/clientInfo":{"name":"c","version":5}}}}"#;
    let message = Message::decode(text).unwrap();

    let error = message
        .parse::<Implementation<'_>>(Part::ClientInfo)
        .unwrap_err();
    let path = r#"$.params._meta["io.modelcontextprotocol/clientInfo"].version"#;
    assert_eq!(error.path(), path);
    let PartError::Decode { offset, source, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*offset, text.find("5}}}}").unwrap());
    assert_eq!(
        error.to_string(),
        format!("{path}: {} (at byte {offset})", source.message())
    );
    assert_eq!(
        (error.to_error().code, &*error.to_error().message),
        (-32602, &*error.to_string())
    );

    let error = message.parse::<Implementation<'_>>(Part::Name).unwrap_err();
    assert_eq!(error.path(), "$.params.name");

    let error = message
        .parse::<ProgressToken<'_>>(Part::ProgressToken)
        .unwrap_err();
    assert!(matches!(error, PartError::Missing { member } if member.name() == "progressToken"));
    assert_eq!(
        error.to_string(),
        "$.params._meta.progressToken: missing required member"
    );
}

#[test]
fn responses_have_their_metadata_in_the_result() {
    let text = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","_meta":{
        "io.modelcontextprotocol/serverInfo":{"name":"s"}},"name":"of something else"}}"#;
    let message = Message::decode(text).unwrap();
    assert_eq!(message.kind(), Kind::Result);
    assert_eq!(message.text(Part::ResultType).as_deref(), Some("complete"));
    assert_eq!(message.raw(Part::Name), None, "a member of params alone");
    let error = message
        .parse::<Implementation<'_>>(Part::ServerInfo)
        .unwrap_err();
    assert!(
        error
            .path()
            .starts_with(r#"$.result._meta["io.modelcontextprotocol/serverInfo"]"#),
        "{error}"
    );
}

#[test]
fn errors_are_read_whole() {
    let text = r#"{"jsonrpc":"2.0","error":{"code":-32021,"message":"no","data":{"requiredCapabilities":{}}}}"#;
    let message = Message::decode(text).unwrap();
    assert_eq!((message.kind(), message.id()), (Kind::Error, None));
    let error: Error<'_> = message.parse(Part::Error).unwrap();
    assert_eq!((error.code, &*error.message), (-32021, "no"));
    assert_eq!(
        error.data.unwrap().as_str(),
        r#"{"requiredCapabilities":{}}"#
    );
}

#[test]
fn a_message_is_shown_without_its_payload() {
    let message = Message::decode(CALL).unwrap();
    let shown = format!("{message:?}");
    assert!(
        shown.contains("tools/call") && shown.contains("Request"),
        "{shown}"
    );
    assert!(
        !shown.contains("télé") && !shown.contains("[1, 2]"),
        "{shown}"
    );
}

/// What crosses tasks has to be able to.
#[test]
fn public_types_are_send_and_sync() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Message>();
    check::<PartError>();
    check::<mcpwire_codec::DecodeError>();
    check::<mcpwire_codec::Encoded>();
    check::<mcpwire_codec::line::LineDecoder>();
}
