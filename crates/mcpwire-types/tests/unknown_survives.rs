//! What this revision does not know goes out as it came in (BASE-44): members, values of open sets,
//! types of content, kinds of results.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use mcpwire_types::{
    CallToolOutcome, CallToolResult, ContentBlock, ElicitRequestFormParams, ElicitRequestParams,
    ElicitValue, InputRequest, JSONRPCMessage, JSONValue, LoggingLevel, PrimitiveSchemaDefinition,
    ServerNotification, TextOrBlobResourceContents, Tool, decode_str,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[track_caller]
fn survives<'a, T: Deserialize<'a> + Serialize>(text: &'a str) -> T {
    let value: T = decode_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (before, after): (Value, Value) = (
        serde_json::from_str(text).unwrap(),
        serde_json::to_value(&value).unwrap(),
    );
    assert_eq!(before, after);
    value
}

/// BASE-19, BASE-44, META-34.
#[test]
fn members_keep_their_order_and_their_text() {
    let text =
        r#"{"name":"t","inputSchema":{"type":"object","x-order":[3, 1]},"zz":1e2,"aa":null}"#;
    let tool: Tool<'_> = survives(text);
    assert_eq!(tool.extra.keys().collect::<Vec<_>>(), ["zz", "aa"]);
    assert_eq!(tool.extra.get("zz").unwrap().as_str(), "1e2");
    assert_eq!(serde_json::to_string(&tool).unwrap(), text);
}

#[test]
fn values_of_open_sets() {
    assert_eq!(
        survives::<LoggingLevel<'_>>(r#""whisper""#).as_str(),
        "whisper"
    );
    assert_eq!(LoggingLevel::from("error"), survives(r#""error""#));
}

#[test]
fn content_and_results_of_a_later_revision() {
    for text in [
        r#"{"type":"hologram","data":{"deep":[1,2]},"x":"y"}"#,
        r#"{"data":{"deep":[1,2]},"type":"hologram"}"#,
        r#"{"type":"holo\u0067ram"}"#,
    ] {
        assert!(matches!(survives(text), ContentBlock::Unknown(_)), "{text}");
    }
    // META, TASK rows: `"task"` is a kind of result that an extension adds (BASE-15).
    let text = r#"{"resultType":"task","task":{"taskId":"7"}}"#;
    assert!(matches!(survives(text), CallToolOutcome::Unknown(_)));
    assert!(matches!(
        survives(r#"{"method":"x/y","params":{}}"#),
        InputRequest::Unknown(_)
    ));
    assert!(matches!(
        survives(r#"{"jsonrpc":"2.0","method":"x/y"}"#),
        ServerNotification::Unknown(_)
    ));
    assert!(matches!(
        survives(r#"{"uri":"a:b","stream":1}"#),
        TextOrBlobResourceContents::Unknown(_)
    ));
    assert!(matches!(
        survives(r#"{"type":"object"}"#),
        PrimitiveSchemaDefinition::Unknown(_)
    ));
    assert!(matches!(
        survives(r#"{"mode":"voice"}"#),
        ElicitRequestParams::Unknown(_)
    ));
    assert!(matches!(survives("null"), ElicitValue::Unknown(_)));
    assert!(matches!(survives(r#"{"a":1}"#), ElicitValue::Unknown(_)));
    assert!(matches!(
        survives(r#"{"jsonrpc":"2.0"}"#),
        JSONRPCMessage::Unknown(_)
    ));
}

#[test]
fn base_18_a_missing_result_type_means_complete_and_stays_missing() {
    let outcome: CallToolOutcome<'_> = survives(r#"{"content":[]}"#);
    let CallToolOutcome::Complete(result) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(result.result_type, None);
}

#[test]
fn an_optional_constant_stays_there_or_away() {
    let schema = r#""message":"m","requestedSchema":{"type":"object","properties":{}}"#;
    let with = format!(r#"{{"mode":"form",{schema}}}"#);
    let without = format!("{{{schema}}}");
    assert!(survives::<ElicitRequestFormParams<'_>>(&with).explicit_mode);
    assert!(!survives::<ElicitRequestFormParams<'_>>(&without).explicit_mode);
    assert!(matches!(survives(&without), ElicitRequestParams::Form(_)));
}

#[test]
fn null_is_a_value_where_any_value_may_stand() {
    let result: CallToolResult<'_> = survives(r#"{"content":[],"structuredContent":null}"#);
    assert_eq!(result.structured_content, Some(JSONValue::null()));
    let result: CallToolResult<'_> = survives(r#"{"content":[]}"#);
    assert_eq!(result.structured_content, None);
}

#[test]
fn an_extra_member_cannot_shadow_a_field() {
    let mut tool: Tool<'_> = decode_str(r#"{"name":"t","inputSchema":{"type":"object"}}"#).unwrap();
    tool.extra.insert("name", JSONValue::from(true));
    let error = serde_json::to_string(&tool).unwrap_err();
    assert!(error.to_string().contains("`name`"), "{error}");
}
