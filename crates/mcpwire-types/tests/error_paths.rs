//! What an error says: where in the value, where in the bytes, what was expected, what was found.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use mcpwire_types::{
    CallToolOutcome, CallToolRequest, CallToolResult, ContentBlock, ElicitResult, ListToolsResult,
    Map, ParseError, Role, Tool, ToolInputSchema, decode, decode_str,
};
use serde::Deserialize;

#[track_caller]
fn refused<'a, T: Deserialize<'a> + std::fmt::Debug>(text: &'a str, expected: &str) {
    let error = decode_str::<T>(text).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert!(!error.is_syntax());
}

const REQUEST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","_meta":{
"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

#[test]
fn missing_members() {
    refused::<CallToolResult<'_>>(
        r#"{"content":[{"type":"text","text":"a"},{"type":"text"}]}"#,
        "$.content[1].text: missing required member (at byte 39)",
    );
    refused::<ContentBlock<'_>>(
        r#"{"text":"a"}"#,
        "$.type: missing required member (at byte 0)",
    );
    refused::<Tool<'_>>(
        r#"{"name":"a","inputSchema":{}}"#,
        "$.inputSchema.type: missing required member (at byte 26)",
    );
    let text = REQUEST.replace(
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        "",
    );
    refused::<CallToolRequest<'_>>(
        &text,
        r#"$.params._meta["io.modelcontextprotocol/protocolVersion"]: missing required member (at byte 77)"#,
    );
}

#[test]
fn wrong_types() {
    refused::<ListToolsResult<'_>>(
        r#"{"tools":[{"name":1,"inputSchema":{"type":"object"}}]}"#,
        "$.tools[0].name: invalid type: integer `1`, expected a string (at byte 18)",
    );
    refused::<Tool<'_>>(
        r#"{"name":"a","title":null,"inputSchema":{"type":"object"}}"#,
        "$.title: invalid type: null, expected a string (at byte 20)",
    );
    refused::<Tool<'_>>(
        r#"{"name":"a","inputSchema":true}"#,
        "$.inputSchema: expected an object, found a boolean (at byte 26)",
    );
    refused::<Map<'_, i64>>(
        r#"{"a b":1.5}"#,
        r#"$["a b"]: invalid type: floating point `1.5`, expected an integer (at byte 7)"#,
    );
    refused::<ContentBlock<'_>>(
        "[]",
        "$: invalid type: sequence, expected an object (at byte 0)",
    );
    refused::<ContentBlock<'_>>(
        r#"{"type":5,"text":"a"}"#,
        "$.type: invalid type: integer `5`, expected a string (at byte 8)",
    );
    refused::<Role<'_>>(
        "5",
        "$: invalid type: integer `5`, expected a string (at byte 0)",
    );
    refused::<ElicitResult<'_>>(
        r#"{"action":"accept","content":{"tags":["a",1]}}"#,
        "$.content.tags[1]: invalid type: integer `1`, expected a string (at byte 42)",
    );
}

#[test]
fn fixed_values() {
    let text = REQUEST.replace("2.0", "1.0");
    refused::<CallToolRequest<'_>>(
        &text,
        r#"$.jsonrpc: expected "2.0", found "1.0" (at byte 11)"#,
    );
    let text = REQUEST.replace("tools/call", "tools/list");
    refused::<CallToolRequest<'_>>(
        &text,
        r#"$.method: expected "tools/call", found "tools/list" (at byte 33)"#,
    );
    refused::<ParseError<'_>>(
        r#"{"code":1,"message":"m"}"#,
        "$.code: expected -32700, found 1 (at byte 8)",
    );
    refused::<Tool<'_>>(
        r#"{"name":"a","inputSchema":{"type":"array"}}"#,
        r#"$.inputSchema.type: expected "object", found "array" (at byte 34)"#,
    );
    let error = ToolInputSchema::from_text(r#"{"type": "array"}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"$.type: expected "object", found "array" (at byte 9)"#
    );
}

#[test]
fn duplicates_in_whatever_spelling() {
    refused::<Tool<'_>>(
        r#"{"name":"a","n\u0061me":"b","inputSchema":{"type":"object"}}"#,
        "$.name: duplicate member (at byte 24)",
    );
    refused::<ContentBlock<'_>>(
        r#"{"type":"text","text":"a","type":"image"}"#,
        "$.type: duplicate member (at byte 33)",
    );
    refused::<ContentBlock<'_>>(
        r#"{"text":"a","text":"b","type":"text"}"#,
        "$.text: duplicate member (at byte 19)",
    );
    refused::<ContentBlock<'_>>(
        r#"{"type":"new","a":1,"a":2}"#,
        "$.a: duplicate member (at byte 24)",
    );
    refused::<CallToolOutcome<'_>>(
        r#"{"resultType":"complete","content":[],"resultType":"input_required"}"#,
        "$.resultType: duplicate member (at byte 51)",
    );
    refused::<CallToolResult<'_>>(
        r#"{"content":[],"x":1,"x":1}"#,
        "$.x: duplicate member (at byte 24)",
    );
    refused::<Tool<'_>>(
        r#"{"name":"a","inputSchema":{"type":"object","type":"object"}}"#,
        "$.inputSchema.type: duplicate member (at byte 50)",
    );
}

/// The variant is found after its members, which were held back as slices of the text.
#[test]
fn offsets_are_those_of_the_whole_text_however_it_was_read() {
    for text in [
        r#"{"content":[{"type":"text","text":[]}]}"#,
        r#"{"content":[{"text":[],"type":"text"}]}"#,
        "{\n  \"content\": [\n    {\"text\": [], \"type\": \"text\"}]}",
    ] {
        for result_type in ["", r#","resultType":"complete""#] {
            let text = format!("{}{result_type}}}", text.strip_suffix('}').unwrap());
            let error = decode_str::<CallToolOutcome<'_>>(&text).unwrap_err();
            assert_eq!(error.path(), "$.content[0].text");
            assert_eq!(error.message(), "invalid type: sequence, expected a string");
            assert_eq!(error.offset(), text.find("[]").unwrap(), "{text}");
        }
    }
}

#[test]
fn integers_are_read_exactly_or_not_at_all() {
    let ttl = |number: &str| {
        let text = format!(r#"{{"tools":[],"ttlMs":{number}}}"#);
        decode_str::<ListToolsResult<'_>>(&text).map(|result| result.ttl_ms)
    };
    assert_eq!(ttl("42.0"), Ok(Some(42)));
    assert_eq!(ttl("4.2e1"), Ok(Some(42)));
    assert_eq!(ttl("-0.0"), Ok(Some(0)));
    assert_eq!(ttl("9223372036854775807"), Ok(Some(i64::MAX)));
    for number in [
        "42.5",
        "1e300",
        "9223372036854775808",
        "9007199254740993.0",
        "\"42\"",
        "true",
    ] {
        let error = ttl(number).unwrap_err();
        assert_eq!(error.path(), "$.ttlMs", "{number}");
    }
}

#[test]
fn bad_json_is_told_from_json_of_another_shape() {
    for (text, offset) in [
        ("", 0),
        ("{", 1),
        (r#"{"name":}"#, 8),
        (r#"{"name":"a"} x"#, 13),
    ] {
        let error = decode_str::<Tool<'_>>(text).unwrap_err();
        assert!(error.is_syntax(), "{text}: {error}");
        assert_eq!(
            (error.path(), error.offset()),
            ("$", offset),
            "{text}: {error}"
        );
    }
    // BASE-02
    let error = decode::<Role<'_>>(b"\"a\xff\"").unwrap_err();
    assert!(error.is_syntax());
    assert_eq!(error.to_string(), "$: invalid UTF-8 (at byte 2)");
    // JSON, but no text: only the reading of the string finds the lone surrogate.
    let error =
        decode_str::<Tool<'_>>(r#"{"name":"\ud800","inputSchema":{"type":"object"}}"#).unwrap_err();
    assert_eq!((error.path(), error.offset()), ("$.name", 8));
}

#[test]
fn a_peers_text_is_not_echoed_whole() {
    let long = "x".repeat(1_000_000);
    for text in [
        format!(r#"{{"name":{{"{long}":1}},"inputSchema":{{"type":"object"}}}}"#),
        format!(r#"{{"name":"a","inputSchema":{{"type":"{long}"}}}}"#),
        format!(r#"{{"name":"a","inputSchema":{{"type":"object"}},"{long}":1,"{long}":2}}"#),
    ] {
        let error = decode_str::<Tool<'_>>(&text).unwrap_err();
        assert!(
            error.to_string().len() < 1_000,
            "{}",
            error.to_string().len()
        );
    }
    let error = decode_str::<Map<'_, i64>>(&format!(r#"{{"a":"{long}"}}"#)).unwrap_err();
    assert!(
        error.to_string().len() < 1_000,
        "{}",
        error.to_string().len()
    );
}

/// Whoever reads with `serde_json` itself gets the path too, and its own line and column.
#[test]
fn paths_without_our_decode() {
    let error =
        serde_json::from_str::<CallToolResult<'_>>(r#"{"content":[{"type":"text","text":1}]}"#)
            .unwrap_err();
    assert_eq!(
        error.to_string(),
        "$.content[0].text: invalid type: integer `1`, expected a string at line 1 column 35"
    );
}
