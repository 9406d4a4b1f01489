//! That the fast way is taken, and where it is left.

use std::collections::BTreeMap;

use mcpwire_types::decode_str;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::*;

/// What the fast reader makes of it, without the one that starts over.
fn fast<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    parse_valid_with(PhantomData, text)
}

#[test]
fn raw_values_are_read_by_the_fast_reader() {
    let raw: &RawValue = fast(" {\"a\": [1, \"}\"]} ").unwrap();
    assert_eq!(raw.get(), "{\"a\": [1, \"}\"]}");
    let boxed: Vec<Box<RawValue>> = fast("[ 1 ,\"\\\"]\", null]").unwrap();
    let texts: Vec<&str> = boxed.iter().map(|raw| raw.get()).collect();
    assert_eq!(texts, ["1", "\"\\\"]\"", "null"]);
}

#[test]
fn strings_borrow_unless_they_have_escapes() {
    assert_eq!(
        fast::<&str>("\"plain, and longer than a few words of it\""),
        Some("plain, and longer than a few words of it")
    );
    assert!(fast::<&str>("\"a\\n\"").is_none());
    assert_eq!(
        fast::<String>(r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z""#).unwrap(),
        "a\"\\/\u{8}\u{c}\n\r\té😀z"
    );
}

#[test]
fn every_place_of_a_quote_is_found() {
    for length in 0..200 {
        let content = "é".repeat(length / 2) + &"x".repeat(length % 2);
        let text = format!("[\"{content}\", \"{content}\\n\"]");
        let (plain, escaped): (&str, String) = fast(&text).unwrap();
        assert_eq!(plain, content);
        assert_eq!(escaped, content + "\n");
    }
}

#[test]
fn a_string_without_an_end_is_none() {
    for length in 0..100 {
        for end in ["", "\\", "\\u00", "\n"] {
            let text = format!("\"{}{end}", "x".repeat(length));
            assert_eq!(fast::<String>(&text), None, "{text:?}");
            assert!(fast::<&RawValue>(&text).is_none(), "{text:?}");
            assert!(
                fast::<IgnoredAny>(&format!("[{text}")).is_none(),
                "{text:?}"
            );
            assert!(fast::<BTreeMap<String, u8>>(&format!("{{{text}")).is_none());
        }
    }
}

#[test]
fn numbers_are_those_of_serde_json() {
    for text in [
        "0",
        "-0",
        "-0.0",
        "0.1",
        "-1.5",
        "1e2",
        "1E-2",
        "1.25e+3",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "9007199254740993.0",
        "123456789012345.5",
        "1234567890123456.5",
        "0.000000000000001",
        "5e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "0e99999999999",
        "1e-99999999999",
    ] {
        let expected: serde_json::Value = decode_str(text).unwrap();
        let found: serde_json::Value = fast(text).unwrap();
        assert_eq!(found, expected, "{text}");
        assert_eq!(found.to_string(), expected.to_string(), "{text}");
        let expected: f32 = decode_str(text).unwrap_or(0.0);
        assert_eq!(
            fast::<f32>(text).unwrap_or(0.0).to_bits(),
            expected.to_bits(),
            "{text}"
        );
    }
    for text in ["1e400", "-1e309"] {
        assert!(fast::<f64>(text).is_none());
        assert!(fast::<IgnoredAny>(text).is_some());
    }
}

#[test]
fn names_are_numbers_only_by_the_grammar() {
    type Numbers = BTreeMap<i64, bool>;
    assert_eq!(
        fast::<Numbers>(r#"{"-7": true}"#).unwrap(),
        [(-7, true)].into()
    );
    for name in [
        "", "+1", " 1", "01", "1.", "1_0", "inf", "1 ", "\\u0031", "--1",
    ] {
        let text = format!("{{\"{name}\": true}}");
        assert!(fast::<Numbers>(&text).is_none(), "{text}");
        assert!(fast::<BTreeMap<i128, bool>>(&text).is_none(), "{text}");
        assert!(decode_str::<Numbers>(&text).is_err(), "{text}");
    }
}

#[test]
fn levels_end_where_those_of_serde_json_end() {
    for levels in [1, 126, 127, 128, 129, 100_000] {
        let text = "[".repeat(levels) + &"]".repeat(levels);
        let tree = fast::<serde_json::Value>(&text);
        assert_eq!(tree.is_some(), levels < 128, "{levels}");
        assert_eq!(
            tree.is_some(),
            decode_str::<serde_json::Value>(&text).is_ok()
        );
        assert!(fast::<&RawValue>(&text).is_some());
    }
}

/// Takes errors for an answer.
#[derive(Debug, PartialEq)]
struct Lenient(Vec<u8>);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Lenient;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Lenient, A::Error> {
                let mut found = Vec::new();
                loop {
                    match items.next_element::<u8>() {
                        Ok(Some(item)) => found.push(item),
                        Ok(None) => return Ok(Lenient(found)),
                        Err(_) => {}
                    }
                }
            }
        }
        from.deserialize_seq(Items)
    }
}

#[test]
fn who_takes_errors_for_an_answer_gets_that_of_serde_json() {
    assert_eq!(fast("[1,2]"), Some(Lenient(vec![1, 2])));
    for text in ["[1,\"a\",2]", "[1,300,2]", "[-1,2,3.5]"] {
        assert!(fast::<Lenient>(text).is_none());
        assert_eq!(parse_valid::<Lenient>(text), decode_str(text));
    }
}

#[test]
fn errors_are_told_with_path_and_offset() {
    let text = r#"{"name": "a", "arguments": 7}"#;
    let error = parse_valid::<mcpwire_types::CallToolRequestParams<'_>>(text).unwrap_err();
    assert_eq!(error.path(), "$.arguments");
    assert_eq!(error.offset(), 27);
}
