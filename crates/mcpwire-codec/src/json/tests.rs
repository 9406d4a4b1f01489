use super::*;

/// Reads one value, and says where it ends or what is wrong with it.
fn value(text: &str) -> Result<usize, (usize, Syntax)> {
    let mut reader = Reader::new(text.as_bytes(), 128);
    match reader.value() {
        Ok(span) => {
            assert_eq!(span.range(), 0..reader.at());
            Ok(reader.at())
        }
        Err(SyntaxError { offset, syntax }) => Err((offset, syntax)),
    }
}

#[test]
fn values_end_where_they_end() {
    for text in [
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
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[[],{}]",
        "[1 , [ 2 ] , {\"a\" : [ ] , \"b\" : { \"\" : null } } ]",
        "{\"a\":{\"b\":{\"c\":[]}}}",
    ] {
        assert_eq!(value(text), Ok(text.len()), "{text}");
        assert_eq!(value(&format!("{text} x")), Ok(text.len()), "{text}");
    }
}

#[test]
fn containers_close_as_they_opened() {
    for (text, offset) in [
        ("[{]}", 2),
        ("{\"a\":[}", 6),
        ("[[]", 3),
        ("[1}", 2),
        ("{\"a\":{}]", 7),
    ] {
        assert_eq!(
            value(text).map_err(|(offset, _)| offset),
            Err(offset),
            "{text}"
        );
    }
}

#[test]
fn nesting_is_not_limited_by_a_stack() {
    let levels = 300_000;
    let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(value(&text), Ok(text.len()));
    let text = format!("{}0{}", r#"{"a":["#.repeat(levels), "]}".repeat(levels));
    assert_eq!(value(&text), Ok(text.len()));
    let text = format!("{}0{}", r#"{"a":["#.repeat(levels), "}]".repeat(levels));
    assert_eq!(
        value(&text),
        Err((6 * levels + 1, Syntax::ExpectedCommaOrBracket))
    );
}

#[test]
fn members_are_handed_out_in_order() {
    let text = br#"{ "a" : 1 , "\u0062" :[ ],"a":{"a":0} }"#;
    let mut reader = Reader::new(text, 128);
    let mut seen = Vec::new();
    let read = reader.members(|reader, name| {
        let name = String::from_utf8(name.resolve(&mut [0; 64]).to_vec()).unwrap();
        seen.push((name, reader.value()?.of(text)));
        Ok(())
    });
    assert_eq!(read, Ok(()));
    assert_eq!(reader.at(), text.len());
    let expected: [(&str, &[u8]); 3] = [("a", b"1"), ("b", b"[ ]"), ("a", b"{\"a\":0}")];
    assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn an_overlong_escaped_name_is_nothing_that_is_known() {
    let text = format!(r#"{{"{}":1}}"#, "\\u0061".repeat(100));
    let mut reader = Reader::new(text.as_bytes(), 128);
    let read = reader.members(|reader, name| {
        assert_eq!(name.resolve(&mut [0; 64]), b"");
        reader.value().map(drop)
    });
    assert_eq!(read, Ok(()));
}
