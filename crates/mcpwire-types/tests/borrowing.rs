//! What is read borrows from the text it was read from: the pointers prove it, one kind of field at a
//! time.

use std::borrow::Cow;

use mcpwire_types::{
    CallToolRequest, CallToolResult, CompleteResult, ContentBlock, CreateMessageResult,
    ElicitRequestFormParams, ElicitResult, ElicitValue, GetPromptRequestParams, InputResponse,
    PrimitiveSchemaDefinition, PromptMessage, RequestId, Role, SamplingContent,
    SamplingMessageContentBlock, TextOrBlobResourceContents, Tool, decode_str,
};

/// Whether `part` lies inside `whole`.
fn inside(whole: &str, part: &str) -> bool {
    let (start, at) = (whole.as_ptr() as usize, part.as_ptr() as usize);
    at >= start && at + part.len() <= start + whole.len()
}

#[track_caller]
#[expect(clippy::ptr_arg, reason = "whether it is owned is the question")]
fn borrowed(whole: &str, part: &Cow<'_, str>) {
    assert!(matches!(part, Cow::Borrowed(_)), "{part:?} was copied");
    assert!(
        inside(whole, part),
        "{part:?} is borrowed from somewhere else"
    );
}

#[track_caller]
fn raw(whole: &str, part: &str) {
    assert!(inside(whole, part), "{part} was copied");
}

#[test]
fn strings_required_and_optional() {
    let text = r#"{"name":"add","title":"Add","description":"two\nlines","inputSchema":{"type":"object"}}"#;
    let tool: Tool<'_> = decode_str(text).unwrap();
    borrowed(text, &tool.name);
    borrowed(text, tool.title.as_ref().unwrap());
    // An escape cannot be borrowed.
    assert!(matches!(tool.description, Some(Cow::Owned(_))));
}

#[test]
fn strings_in_arrays_maps_and_enums() {
    let text = r#"{"resultType":"complete","completion":{"values":["a","b"]}}"#;
    let result: CompleteResult<'_> = decode_str(text).unwrap();
    result
        .completion
        .values
        .iter()
        .for_each(|value| borrowed(text, value));

    let text = r#"{"name":"p","arguments":{"key":"value"},"_meta":{
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}"#;
    let params: GetPromptRequestParams<'_> = decode_str(text).unwrap();
    for (key, value) in params.arguments.unwrap() {
        borrowed(text, &key);
        borrowed(text, &value);
    }
    borrowed(text, &params.meta.protocol_version);

    let text = r#""overlord""#;
    let Role::Unknown(role) = decode_str(text).unwrap() else {
        panic!("known")
    };
    borrowed(text, &role);
}

#[test]
fn ids_free_json_and_extra_members() {
    let text = r#"{"jsonrpc":"2.0","id":"seven","method":"tools/call","params":{"name":"add",
        "arguments":{"x": 1},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":{"experimental":{"e":{"f":1}}},"com.example/k":[1]},"later":{"y":2}}}"#;
    let request: CallToolRequest<'_> = decode_str(text).unwrap();
    let RequestId::String(id) = &request.id else {
        panic!("not a string")
    };
    borrowed(text, id);
    raw(text, request.params.arguments.as_ref().unwrap().as_str());
    raw(text, request.params.extra.get("later").unwrap().as_str());
    raw(
        text,
        request
            .params
            .meta
            .extra
            .get("com.example/k")
            .unwrap()
            .as_str(),
    );
    let experimental = request
        .params
        .meta
        .client_capabilities
        .experimental
        .as_ref()
        .unwrap();
    raw(text, experimental.get("e").unwrap().as_str());
    for (name, _) in request.params.extra {
        borrowed(text, &name);
    }
}

#[test]
fn tagged_unions_in_either_order() {
    for text in [
        r#"{"resultType":"complete","content":[{"type":"text","text":"hello"}]}"#,
        r#"{"content":[{"text":"hello","type":"text"}],"resultType":"complete"}"#,
    ] {
        let result: CallToolResult<'_> = decode_str(text).unwrap();
        let [ContentBlock::Text(block)] = &result.content[..] else {
            panic!("{:?}", result.content)
        };
        borrowed(text, &block.text);
        borrowed(text, result.result_type.as_ref().unwrap());
    }
    // One inside the other, the inner one held as a slice when the outer tag comes last.
    for text in [
        r#"{"role":"user","content":{"type":"resource","resource":{"uri":"file:///a","text":"hello"}}}"#,
        r#"{"role":"user","content":{"resource":{"text":"hello","uri":"file:///a"},"type":"resource"}}"#,
    ] {
        let message: PromptMessage<'_> = decode_str(text).unwrap();
        let ContentBlock::Resource(block) = &message.content else {
            panic!("{:?}", message.content)
        };
        let TextOrBlobResourceContents::Text(contents) = &block.resource else {
            panic!("{:?}", block.resource)
        };
        borrowed(text, &contents.text);
        borrowed(text, &contents.uri);
    }
}

#[test]
fn unions_by_members_and_by_kind() {
    let text = r#"{"message":"who?","requestedSchema":{"type":"object","properties":{
        "n":{"type":"string","title":"name"},"c":{"type":"string","enum":["a"]}}}}"#;
    let params: ElicitRequestFormParams<'_> = decode_str(text).unwrap();
    let properties = &params.requested_schema.properties;
    let Some(PrimitiveSchemaDefinition::String(name)) = properties.get("n") else {
        panic!("not a string")
    };
    borrowed(text, name.title.as_ref().unwrap());
    let Some(PrimitiveSchemaDefinition::UntitledSingleSelect(choice)) = properties.get("c") else {
        panic!("not a choice")
    };
    borrowed(text, &choice.enum_[0]);

    let text = r#"{"action":"accept","content":{"name":"octocat","tags":["a"]}}"#;
    let result: ElicitResult<'_> = decode_str(text).unwrap();
    let content = result.content.unwrap();
    let Some(ElicitValue::String(name)) = content.get("name") else {
        panic!("not a string")
    };
    borrowed(text, name);
    let Some(ElicitValue::Strings(tags)) = content.get("tags") else {
        panic!("not strings")
    };
    borrowed(text, &tags[0]);

    for text in [
        r#"{"role":"assistant","model":"m","content":{"text":"hello","type":"text"}}"#,
        r#"{"role":"assistant","model":"m","content":[{"type":"text","text":"hello"}]}"#,
    ] {
        let response: InputResponse<'_> = decode_str(text).unwrap();
        raw(text, response.as_str());
        let result: CreateMessageResult<'_> = response.as_create_message().unwrap();
        let block = match &result.content {
            SamplingContent::One(block) => block,
            SamplingContent::Many(blocks) => &blocks[0],
            other => panic!("{other:?}"),
        };
        let SamplingMessageContentBlock::Text(block) = block else {
            panic!("{block:?}")
        };
        borrowed(text, &block.text);
    }
}

#[test]
fn an_owned_copy_borrows_nothing() {
    let text = String::from(
        r#"{"resultType":"complete","content":[{"type":"text","text":"hello"},{"type":"x"}],"k":1}"#,
    );
    let result: CallToolResult<'static> = decode_str::<CallToolResult<'_>>(&text)
        .unwrap()
        .into_owned();
    let before = text.clone();
    drop(text);
    assert_eq!(decode_str::<CallToolResult<'_>>(&before).unwrap(), result);
}
