//! What every request has to carry (META-10 to META-17, VER-03, LOG-09).

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use mcpwire_codec::Message;
use mcpwire_service::{Request, check_handshake, check_metadata};
use mcpwire_types::{Error, PROTOCOL_VERSION, error_code};

const META: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}"#;

fn check(params: &str) -> Result<(), Error<'static>> {
    let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list"{params}}}"#);
    let request = Request::new(Message::decode(text).unwrap()).unwrap();
    check_metadata(&request, &[PROTOCOL_VERSION])
}

fn check_meta(meta: &str) -> Result<(), Error<'static>> {
    check(&format!(r#","params":{{"_meta":{{{meta}}}}}"#))
}

#[test]
fn meta_15_a_request_without_client_info_passes() {
    assert_eq!(check_meta(META), Ok(()));
}

#[test]
fn meta_13_each_missing_part_is_named() {
    for (params, named) in [
        ("", "params is missing"),
        (r#","params":{}"#, "params._meta is missing"),
        (
            r#","params":{"_meta":{}}"#,
            "io.modelcontextprotocol/protocolVersion",
        ),
        (
            r#","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#,
            "io.modelcontextprotocol/clientCapabilities",
        ),
        (r#","params":{"_meta":7}"#, "_meta is not an object"),
        (
            r#","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":7,"io.modelcontextprotocol/clientCapabilities":{}}}"#,
            "is not a string",
        ),
        (
            r#","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}}"#,
            "clientCapabilities",
        ),
    ] {
        let error = check(params).unwrap_err();
        assert_eq!(error.code, error_code::INVALID_PARAMS, "{params}");
        assert!(error.message.contains(named), "{params}: {}", error.message);
    }
}

#[test]
fn ver_03_another_version_is_refused_with_the_ones_that_are_offered() {
    let error = check_meta(&META.replace("2026-07-28", "2031-01-01")).unwrap_err();
    assert_eq!(error.code, error_code::UNSUPPORTED_PROTOCOL_VERSION);
    let data: serde_json::Value = error.data.unwrap().parse().unwrap();
    assert_eq!(
        data,
        serde_json::json!({"supported": ["2026-07-28"], "requested": "2031-01-01"})
    );
}

#[test]
fn log_09_an_unknown_level_is_refused() {
    let level = |value: &str| {
        check_meta(&format!(
            r#"{META},"io.modelcontextprotocol/logLevel":{value}"#
        ))
    };
    assert_eq!(level(r#""warning""#), Ok(()));
    for wrong in [r#""loud""#, "3", "null"] {
        assert_eq!(
            level(wrong).unwrap_err().code,
            error_code::INVALID_PARAMS,
            "{wrong}"
        );
    }
}

#[test]
fn prog_02_a_token_is_a_string_or_an_integer() {
    let token = |value: &str| check_meta(&format!(r#"{META},"progressToken":{value}"#));
    assert_eq!(token("7"), Ok(()));
    assert_eq!(token(r#""p""#), Ok(()));
    for wrong in ["1.5", "null", "{}", "true"] {
        assert_eq!(
            token(wrong).unwrap_err().code,
            error_code::INVALID_PARAMS,
            "{wrong}"
        );
    }
}

#[test]
fn ver_20_a_handshake_is_told_the_versions() {
    let check = |text: &str| {
        let request = Request::new(Message::decode(text.to_owned()).unwrap()).unwrap();
        check_handshake(&request, &[PROTOCOL_VERSION])
    };
    let legacy = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
    let error = check(legacy).unwrap_err();
    assert_eq!(error.code, error_code::UNSUPPORTED_PROTOCOL_VERSION);
    assert!(
        error.message.contains(PROTOCOL_VERSION),
        "{}",
        error.message
    );
    let data: serde_json::Value = error.data.unwrap().parse().unwrap();
    assert_eq!(data["requested"], "2025-11-25");
    // A broken handshake is told the same, and no text of any length is sent back.
    for params in [
        "{}".to_owned(),
        format!(r#"{{"protocolVersion":"{}"}}"#, "x".repeat(65)),
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{params}}}"#);
        let data: serde_json::Value = check(&text).unwrap_err().data.unwrap().parse().unwrap();
        assert_eq!(data["requested"], "");
    }
    // VER-22: with modern metadata it is a method like any other.
    let modern = format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"_meta":{{{META}}}}}}}"#
    );
    assert_eq!(check(&modern), Ok(()));
    assert_eq!(
        check(r#"{"jsonrpc":"2.0","id":0,"method":"tools/list"}"#),
        Ok(())
    );
}
