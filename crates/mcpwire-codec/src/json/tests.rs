use super::*;

/// Reads one array or object, and says where it ends or what is wrong with it.
fn container(text: &str) -> Result<usize, (usize, Syntax)> {
    let bytes = text.as_bytes();
    let mut walk = Walk {
        bytes,
        max_depth: 128,
        flags: 0,
        too_deep_at: None,
        stop: None,
    };
    if let Some(rest) = skip(&mut walk, bytes, 0) {
        return Ok(walk.offset(rest));
    }
    let SyntaxError { offset, syntax } = fault(bytes, walk.stop.unwrap());
    Err((offset, syntax))
}

#[test]
fn values_end_where_they_end() {
    let values = [
        "0",
        "-0",
        "10",
        "-1.50e+9",
        "0E-0",
        "1e999",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\\\"b\"",
        "\"\u{e9}\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[[],{}]",
        "\"nearly the length of a window\"",
        "[1 , [ 2 ] , {\"a\" : [ ] , \"b\" : { \"\" : null } } ]",
        "{\"a\":{\"b\":{\"c\":[]}}}",
        "[\n    1,\r\n\t\t{\n                        \"a\": 2\n    }\n]",
    ];
    for value in values {
        for text in [
            format!("[{value}]"),
            format!("[ {value} ]"),
            format!("[{value},{value}]"),
            format!("{{\"name\":{value}}}"),
            format!("{{ \"name\" : {value} , \"a name beyond a window\"\n:\n{value}\n}}"),
        ] {
            assert_eq!(container(&text), Ok(text.len()), "{text}");
            let tail = format!("{text} x and much more behind it");
            assert_eq!(container(&tail), Ok(text.len()), "{tail}");
        }
    }
}

#[test]
fn containers_close_as_they_opened() {
    for (text, offset, syntax) in [
        ("[{]}", 2, Syntax::ExpectedName),
        ("{\"a\":[}", 6, Syntax::ExpectedValue),
        ("[[]", 3, Syntax::UnexpectedEnd),
        ("[1}", 2, Syntax::ExpectedCommaOrBracket),
        ("{\"a\":{}]", 7, Syntax::ExpectedCommaOrBrace),
    ] {
        assert_eq!(container(text), Err((offset, syntax)), "{text}");
    }
}

#[test]
fn faults_are_told_where_they_are() {
    for (bad, within, syntax) in [
        ("\"a\nb\"", 2, Syntax::ControlCharacter),
        ("\"\\x\"", 1, Syntax::Escape),
        ("\"\\u12g4\"", 1, Syntax::Escape),
        ("\"\\ud83dx\"", 1, Syntax::LoneSurrogate),
        ("01", 1, Syntax::Number),
        ("-a", 1, Syntax::Number),
        ("1.a", 2, Syntax::Number),
        ("1.5ea", 4, Syntax::Number),
        ("1e+]", 3, Syntax::Number),
        ("trux", 3, Syntax::Literal),
        ("nul]", 3, Syntax::Literal),
        ("fa", 2, Syntax::Literal),
        ("x", 0, Syntax::ExpectedValue),
        ("'a'", 0, Syntax::ExpectedValue),
        ("1 2", 2, Syntax::ExpectedCommaOrBracket),
        ("\"a\" \"b\"", 4, Syntax::ExpectedCommaOrBracket),
        ("1,]", 2, Syntax::ExpectedValue),
        ("{\"a\" 1}", 5, Syntax::ExpectedColon),
        ("{\"a\":}", 5, Syntax::ExpectedValue),
        ("{\"a\":1,}", 7, Syntax::ExpectedName),
        ("{\"a\":1 \"b\":2}", 7, Syntax::ExpectedCommaOrBrace),
        ("{1:2}", 1, Syntax::ExpectedName),
        ("{\"a\u{1}\":2}", 3, Syntax::ControlCharacter),
        ("truetrue", 4, Syntax::ExpectedCommaOrBracket),
        ("1\u{e9}", 1, Syntax::ExpectedCommaOrBracket),
    ] {
        for prefix in ["[", "[ ", "[{},", "[\"a longer text in front of it\",\t"] {
            for tail in ["]", "] and then some more text behind it"] {
                let text = format!("{prefix}{bad}{tail}");
                let expected = Err((prefix.len() + within, syntax));
                assert_eq!(container(&text), expected, "{text}");
            }
        }
    }
}

/// What is cut anywhere ends too early, and nothing else is wrong with it.
#[test]
fn an_early_end_is_told_as_such() {
    let text = "{\"a\":[1,-2.5e+10,true,false,null,\"x\\n\\ud83d\\ude00\"],\"b\" : {\"c\":{}} , \"d\":\"\"}";
    for cut in 1..text.len() {
        let start = &text[..cut];
        assert_eq!(
            container(start),
            Err((cut, Syntax::UnexpectedEnd)),
            "{start}"
        );
    }
}

#[test]
fn nesting_is_not_limited_by_a_stack() {
    let levels = 300_000;
    let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(container(&text), Ok(text.len()));
    let text = format!("{}0{}", r#"{"a":["#.repeat(levels), "]}".repeat(levels));
    assert_eq!(container(&text), Ok(text.len()));
    let text = format!("{}0{}", r#"{"a":["#.repeat(levels), "}]".repeat(levels));
    let expected = (6 * levels + 1, Syntax::ExpectedCommaOrBracket);
    assert_eq!(container(&text), Err(expected));
}

#[test]
fn whitespace_is_four_characters() {
    for length in [0, 1, 2, 15, 16, 17, 33] {
        for blank in [" ", "\t", "\n", "\r", " \n"] {
            let blank = blank.repeat(length);
            for rest in ["", "x", "x and more text than a window", "\u{b}", "\u{a0}"] {
                let text = format!("{blank}{rest}");
                assert_eq!(trim(text.as_bytes()), rest.as_bytes(), "{text:?}");
            }
        }
    }
}
