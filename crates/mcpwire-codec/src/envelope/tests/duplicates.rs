//! One reading: what routes, identifies or is reserved appears once.

use super::*;

#[test]
fn duplicates_are_named() {
    // design.md, promise 2; GHSA-q382-vc8q-7jhj
    let cases = [
        (
            r#"{"jsonrpc":"2.0",¦"jsonrpc":"2.0","id":1,"method":"a"}"#,
            "$.jsonrpc",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,¦"id":1,"method":"a"}"#,
            "$.id",
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a",¦"method":"a"}"#,
            "$.method",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","method":"a",¦"meth\u006fd":"b","id":1}"#,
            "$.method",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{},¦"params":{}}"#,
            "$.params",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{},¦"result":{}}"#,
            "$.result",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":""},¦"error":{}}"#,
            "$.error",
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":"",¦"code":1}}"#,
            "$.error.code",
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":"",¦"message":""}}"#,
            "$.error.message",
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":"","data":1,¦"data":1}}"#,
            "$.error.data",
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"a",¦"resultType":"a"}}"#,
            "$.result.resultType",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{"_meta":{},¦"_meta":{}}}"#,
            "$.result._meta",
            Some(number(1)),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{"_meta":{"baggage":"",¦"baggage":""}}}"#,
            "$.result._meta.baggage",
            Some(number(1)),
        ),
    ];
    for (marked, path, id) in cases {
        let (error, offset) = refusal(marked);
        assert!(
            matches!(error, DecodeError::Duplicate { .. }),
            "{marked}: {error:?}"
        );
        assert_eq!(
            error.member().map(|member| member.to_string()).as_deref(),
            Some(path)
        );
        assert_eq!(
            (error.code(), error.offset(), error.id().cloned()),
            (-32600, offset, id),
            "{marked}"
        );
        assert_eq!(
            error.to_string(),
            format!("{path}: the member appears twice; send it once (at byte {offset})")
        );
    }
}

#[test]
fn duplicates_in_params_and_its_metadata_are_named() {
    for name in [
        "name",
        "uri",
        "taskId",
        "cursor",
        "arguments",
        "inputResponses",
        "requestState",
        "_meta",
    ] {
        let marked = format!(
            r#"{{"jsonrpc":"2.0","method":"a","params":{{"{name}":{{}},"x":1,¦"{name}":1}},"id":1}}"#
        );
        let (error, offset) = refusal(&marked);
        assert_eq!(
            error.to_string(),
            format!("$.params.{name}: the member appears twice; send it once (at byte {offset})")
        );
        assert_eq!(error.id(), Some(&number(1)));
    }
    for key in [
        "protocolVersion",
        "clientCapabilities",
        "clientInfo",
        "logLevel",
        "serverInfo",
        "subscriptionId",
    ] {
        let key = format!("io.modelcontextprotocol/{key}");
        let escaped = key.replace('/', "\\/");
        let marked = format!(
            r#"{{"jsonrpc":"2.0","method":"a","params":{{"_meta":{{"{key}":{{}},"x":1,¦"{escaped}":1}}}},"id":1}}"#
        );
        let (error, offset) = refusal(&marked);
        assert_eq!(error.offset(), offset);
        assert_eq!(
            error.member().unwrap().to_string(),
            format!("$.params._meta[\"{key}\"]")
        );
        assert_eq!(error.member().unwrap().name(), key);
    }
    for key in ["progressToken", "traceparent", "tracestate", "baggage"] {
        let marked = format!(
            r#"{{"jsonrpc":"2.0","method":"a","params":{{"_meta":{{"{key}":0,¦"{key}":0}}}}}}"#
        );
        let (error, offset) = refusal(&marked);
        assert_eq!(
            (error.offset(), error.kind()),
            (offset, Some(Kind::Notification))
        );
        assert_eq!(
            error.member().unwrap().to_string(),
            format!("$.params._meta.{key}")
        );
    }
}

#[test]
fn what_does_not_route_may_repeat() {
    for text in [
        r#"{"jsonrpc":"2.0","method":"a","x":1,"x":2}"#,
        r#"{"jsonrpc":"2.0","method":"a","params":{"x":1,"x":2,"method":1,"id":null,"resultType":1,"resultType":2}}"#,
        r#"{"jsonrpc":"2.0","method":"a","params":{"arguments":{"name":1,"name":2,"_meta":{},"_meta":{}}}}"#,
        r#"{"jsonrpc":"2.0","method":"a","params":{"_meta":{"name":1,"name":2,"x":[{"_meta":1,"_meta":2}]}}}"#,
        r#"{"jsonrpc":"2.0","method":"a","params":{"io.modelcontextprotocol/clientInfo":1,"io.modelcontextprotocol/clientInfo":2}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"name":1,"name":2,"cursor":1,"cursor":2}}"#,
        r#"{"jsonrpc":"2.0","other":{"id":1,"id":2},"method":"a"}"#,
    ] {
        assert!(read(text.as_bytes(), &Limits::default()).is_ok(), "{text}");
    }
}
