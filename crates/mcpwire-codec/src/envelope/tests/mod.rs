mod duplicates;
mod no_message;
mod not_json;

use mcpwire_types::RequestId;

use super::Found;
use super::rules;
use crate::error::{DecodeError, Invalid, Outline};
use crate::limits::Limits;
use crate::part::Kind;

fn read(bytes: &[u8], limits: &Limits) -> Result<Found, DecodeError> {
    let mut found = Found::nothing();
    super::read(bytes, limits, &mut found).map(|()| found)
}

/// Reads a text in which `¦` marks the byte that the error has to point at.
fn refusal(marked: &str) -> (DecodeError, usize) {
    let offset = marked.find('¦').expect("a mark");
    let text = marked.replacen('¦', "", 1);
    match read(text.as_bytes(), &Limits::default()) {
        Ok(found) => panic!("accepted as {:?}: {text}", found.kind),
        Err(error) => (error, offset),
    }
}

fn number(id: i64) -> RequestId<'static> {
    RequestId::Integer(id)
}

fn string(id: &'static str) -> RequestId<'static> {
    RequestId::String(id.into())
}

#[test]
fn the_first_fault_is_told_and_the_id_found_behind_it() {
    let (error, offset) =
        refusal(r#"{"jsonrpc":¦"1.0","method":5,"params":[],"params":{},"id":"behind"}"#);
    assert_eq!(error.offset(), offset);
    assert_eq!(error.id(), Some(&string("behind")));
    assert_eq!(
        error.to_string(),
        "$.jsonrpc: expected the string \"2.0\" (at byte 11)"
    );
    // Two IDs, one of them valid: neither is answered.
    let (error, _) = refusal(r#"{"jsonrpc":"2.0","id":¦null,"id":1,"method":"a"}"#);
    assert_eq!((error.id(), error.kind()), (None, Some(Kind::Request)));
}

#[test]
fn the_peer_is_told_what_the_error_says() {
    let (error, _) = refusal(r#"{"jsonrpc":"2.0","id":¦1.5,"method":"a"}"#);
    let peer = error.to_error();
    assert_eq!((peer.code, &*peer.message), (-32600, &*error.to_string()));
}

#[test]
fn depth_is_limited_and_the_id_found_behind_it() {
    let nested = |levels: usize, tail: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"a","params":{{"x":{}1{}}}{tail}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    let limits = Limits::default().max_depth(10);
    assert!(read(nested(8, "").as_bytes(), &limits).is_ok());
    let error = read(nested(9, r#","id":3"#).as_bytes(), &limits)
        .err()
        .unwrap();
    let outline = Outline {
        id: Some(number(3)),
        kind: Some(Kind::Request),
    };
    let offset = nested(9, "").find('[').unwrap() + 8;
    assert_eq!(
        error,
        DecodeError::TooDeep {
            limit: 10,
            offset,
            path: error.path().into_owned(),
            outline
        }
    );
    assert_eq!((error.code(), error.offset()), (-32600, offset));
    let expected = "nested more than 10 deep ($.params.x[0][0][0][0][0][0][0][0], at byte";
    assert!(error.to_string().contains(expected), "{error}");
    // Far beyond the limit, and still one pass without recursion.
    let error = read(
        nested(1_000_000, r#","id":3"#).as_bytes(),
        &Limits::default(),
    )
    .err()
    .unwrap();
    assert_eq!(error.id(), Some(&number(3)));
    // A fault in front of the depth is told first; text that is not JSON, before either.
    let faulty = nested(20, "").replacen("2.0", "2", 1);
    assert!(matches!(
        read(faulty.as_bytes(), &limits),
        Err(DecodeError::Invalid { .. })
    ));
    let broken = nested(20, ",");
    assert!(matches!(
        read(broken.as_bytes(), &limits),
        Err(DecodeError::Syntax { .. })
    ));
    // The message itself is a level, for an unknown member as much as for a part.
    for (text, max_depth, offset) in [
        (r#"{"jsonrpc":"2.0","method":"a","x":{}}"#, 1, Some(34)),
        (r#"{"jsonrpc":"2.0","method":"a","x":{}}"#, 2, None),
        (r#"{"jsonrpc":"2.0","method":"a","params":{}}"#, 1, Some(39)),
        (
            r#"{"jsonrpc":"2.0","method":"a","params":{"_meta":{}}}"#,
            2,
            Some(48),
        ),
        (
            r#"{"jsonrpc":"2.0","method":"a","params":{"_meta":{}}}"#,
            3,
            None,
        ),
        (r#"{"jsonrpc":"2.0","method":"a"}"#, 0, Some(0)),
    ] {
        let error = read(text.as_bytes(), &limits.max_depth(max_depth)).err();
        assert_eq!(
            error.map(|error| error.offset()),
            offset,
            "{text} at {max_depth}"
        );
    }
}

#[test]
fn length_is_limited() {
    let text = br#"{"jsonrpc":"2.0","method":"a"}"#;
    assert!(read(text, &Limits::default().max_message_bytes(text.len())).is_ok());
    let error = read(text, &Limits::default().max_message_bytes(10))
        .err()
        .unwrap();
    assert_eq!(
        error,
        DecodeError::TooLong {
            limit: 10,
            length: 30
        }
    );
    assert_eq!(
        (error.code(), error.offset(), error.id()),
        (-32600, 10, None)
    );
    assert_eq!(
        error.to_string(),
        "the message has 30 bytes, and at most 10 are read"
    );
}

#[test]
fn integers_are_those_of_64_bits() {
    for integer in [0, 1, -1, 10, i64::MAX, i64::MIN] {
        assert_eq!(rules::integer(integer.to_string().as_bytes()), Ok(integer));
    }
    assert_eq!(rules::integer(b"-0"), Err(Invalid::IdNotAnInteger));
    assert_eq!(rules::integer(b"-"), Err(Invalid::IdNotAnInteger));
    assert_eq!(
        rules::integer(b"99999999999999999999999999"),
        Err(Invalid::IdOutOfRange)
    );
}
