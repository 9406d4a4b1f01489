//! ERR-02: refused with -32700.

use super::*;
use crate::error::Syntax;

#[test]
fn text_that_is_not_json() {
    // ERR-02. Nothing that stands in such text is believed, not even an `id`.
    let cases = [
        ("¦", Syntax::Empty),
        (" \r\n\t¦", Syntax::Empty),
        ("¦\u{feff}{}", Syntax::ByteOrderMark),
        ("{¦", Syntax::UnexpectedEnd),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a"¦"#,
            Syntax::UnexpectedEnd,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a¦"#,
            Syntax::UnexpectedEnd,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a",¦}"#,
            Syntax::ExpectedName,
        ),
        (r#"{"id":1,¦'method':"a"}"#, Syntax::ExpectedName),
        (r#"{"id":1,¦method:"a"}"#, Syntax::ExpectedName),
        (
            r#"{"id"¦ 1}"#.replace(' ', "=").leak(),
            Syntax::ExpectedColon,
        ),
        (r#"{"id":1¦"method":"a"}"#, Syntax::ExpectedCommaOrBrace),
        (r#"{"id":1¦]"#, Syntax::ExpectedCommaOrBrace),
        (r#"{"params":{"a":1¦]}"#, Syntax::ExpectedCommaOrBrace),
        (r#"{"other":{"a":1¦]}"#, Syntax::ExpectedCommaOrBrace),
        (r#"{"other":[1¦}}"#, Syntax::ExpectedCommaOrBracket),
        (r#"{"other":[1¦:2]}"#, Syntax::ExpectedCommaOrBracket),
        (r#"{"other":[1,¦]}"#, Syntax::ExpectedValue),
        (r#"{"other":[¦,1]}"#, Syntax::ExpectedValue),
        (r#"{"id":¦}"#, Syntax::ExpectedValue),
        (r#"{"id":¦NaN}"#, Syntax::ExpectedValue),
        (r#"{"id":¦+1}"#, Syntax::ExpectedValue),
        (r#"{"id":¦.5}"#, Syntax::ExpectedValue),
        (r#"{"id":¦/* one */1}"#, Syntax::ExpectedValue),
        (r#"{"id":n¦il}"#, Syntax::Literal),
        (r#"{"id":tru¦E}"#, Syntax::Literal),
        (r#"{"id":0¦1}"#, Syntax::Number),
        (r#"{"id":-0¦1}"#, Syntax::Number),
        (r#"{"id":-¦}"#, Syntax::Number),
        (r#"{"id":1.¦}"#, Syntax::Number),
        (r#"{"id":1e¦}"#, Syntax::Number),
        (r#"{"id":1E+¦x}"#, Syntax::Number),
        (r#"{"id":0¦x1}"#, Syntax::ExpectedCommaOrBrace),
        ("{\"id\":\"a¦\n\"}", Syntax::ControlCharacter),
        ("{\"id\":\"a¦\0\"}", Syntax::ControlCharacter),
        (r#"{"id":"a¦\x41"}"#, Syntax::Escape),
        (r#"{"id":"¦\u12g4"}"#, Syntax::Escape),
        (r#"{"id":"¦\ud83d"}"#, Syntax::LoneSurrogate),
        (r#"{"¦\ude00":1}"#, Syntax::LoneSurrogate),
        (r#"{"other":["¦\ud83d\u0041"]}"#, Syntax::LoneSurrogate),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a"}¦{}"#,
            Syntax::TrailingBytes,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a"} ¦,"#,
            Syntax::TrailingBytes,
        ),
        ("{}¦\0", Syntax::TrailingBytes),
        // A graver fault behind a lesser one.
        (
            r#"{"jsonrpc":"1.0","id":1,"id":2,"method":5,"params":[¦}"#,
            Syntax::ExpectedValue,
        ),
    ];
    for (marked, problem) in cases {
        let (error, offset) = refusal(marked);
        let path = error.path().into_owned();
        assert_eq!(
            error,
            DecodeError::Syntax {
                offset,
                problem,
                path
            },
            "{marked}"
        );
        assert_eq!((error.code(), error.offset()), (-32700, offset), "{marked}");
        assert_eq!(
            (error.id(), error.kind(), error.member()),
            (None, None, None),
            "{marked}"
        );
        assert_eq!(
            error.to_string(),
            format!("not JSON: {problem} ({}, at byte {offset})", error.path())
        );
    }
}

#[test]
fn text_that_is_not_utf8() {
    // BASE-02
    let cases: [(&[u8], usize, &str); 4] = [
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xff\"}",
            35,
            "$.method",
        ),
        (b"\xff\xfe{\0", 0, "$"),
        (b"{\"a\":\"\xed\xa0\x80\"}", 6, "$.a"), // a surrogate, encoded
        (b"{\"a\":\"\xc3", 6, "$.a"),
    ];
    for (bytes, offset, path) in cases {
        let error = read(bytes, &Limits::default()).err().unwrap();
        assert_eq!((error.code(), &*error.path()), (-32700, path));
        let path = path.to_owned();
        assert_eq!(error, DecodeError::Utf8 { offset, path });
    }
}
