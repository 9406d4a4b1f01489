//! ERR-03: JSON, and refused with -32600.

use Kind::{Error, Notification, Request, Result};

use super::*;

/// Each text, with its fault marked, is refused for `problem`, and tells `id` and `kind`.
fn refused(problem: Invalid, id: Option<&RequestId<'static>>, kind: Option<Kind>, texts: &[&str]) {
    for marked in texts {
        let (error, offset) = refusal(marked);
        let outline = Outline {
            id: id.cloned(),
            kind,
        };
        let expected = DecodeError::Invalid {
            problem,
            offset,
            outline,
        };
        assert_eq!(error, expected, "{marked}");
        assert_eq!((error.code(), error.offset()), (-32600, offset), "{marked}");
    }
}

#[test]
fn what_is_no_object() {
    // BASE-32
    let batches = ["¦[]", r#" ¦[{"jsonrpc":"2.0","id":1,"method":"a"}]"#];
    refused(Invalid::Batch, None, None, &batches);
    let others = ["¦null", "¦true", r#"¦"2.0""#, "¦-1.5e3"];
    refused(Invalid::NotAnObject, None, None, &others);
}

#[test]
fn the_version_is_2_0() {
    // BASE-01
    refused(
        Invalid::MissingVersion,
        None,
        None,
        &["¦{}", r#"¦{"JSONRPC":"2.0"}"#],
    );
    let missing = [
        r#" ¦{"id":1,"method":"a"}"#,
        r#"¦{"jsonrp":"2.0","method":"a","id":1}"#,
    ];
    refused(
        Invalid::MissingVersion,
        Some(&number(1)),
        Some(Request),
        &missing,
    );
    let wrong = [
        r#"{"jsonrpc":¦"1.0","id":1,"method":"a"}"#,
        r#"{"jsonrpc":¦"2.0 ","method":"a","id":1}"#,
        r#"{"jsonrpc":¦2.0,"method":"a","id":1}"#,
        r#"{"id":1,"method":"a","jsonrpc":¦null}"#,
    ];
    refused(
        Invalid::WrongVersion,
        Some(&number(1)),
        Some(Request),
        &wrong,
    );
    let notification = [r#"{"jsonrpc":¦"2","method":"a"}"#];
    refused(
        Invalid::WrongVersion,
        None,
        Some(Notification),
        &notification,
    );
    let result = [r#"{"jsonrpc":¦"","id":"x","result":{}}"#];
    refused(
        Invalid::WrongVersion,
        Some(&string("x")),
        Some(Result),
        &result,
    );
}

#[test]
fn ids_are_strings_or_integers() {
    // BASE-04, BASE-05, BASE-09
    let kinds = [
        (Request, r#""method":"a""#),
        (Result, r#""result":{}"#),
        (Error, r#""error":{"code":1,"message":""}"#),
    ];
    for (kind, member) in kinds {
        let check = |problem, ids: &[&str]| {
            for id in ids {
                let before = format!(r#"{{"jsonrpc":"2.0","id":¦{id},{member}}}"#);
                let behind = format!(r#"{{{member},"jsonrpc":"2.0","id" : ¦{id} }}"#);
                refused(problem, None, Some(kind), &[&before, &behind]);
            }
        };
        check(Invalid::IdNull, &["null"]);
        check(
            Invalid::IdNotAnInteger,
            &["1.0", "1e0", "-0", "0.5", "1E400", "-0.0"],
        );
        check(
            Invalid::IdOutOfRange,
            &["9223372036854775808", "-9223372036854775809"],
        );
        check(
            Invalid::IdNotAStringOrInteger,
            &["true", "false", "{}", r#"[1,"id"]"#],
        );
    }
    refused(
        Invalid::MissingId,
        None,
        Some(Result),
        &[r#"¦{"jsonrpc":"2.0","result":{}}"#],
    );
}

#[test]
fn notifications_have_no_id() {
    // BASE-26
    let texts = [
        r#"{"jsonrpc":"2.0","id":¦1,"method":"notifications/cancelled"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/","id":¦1}"#,
        r#"{"method":"notification\u0073\/x","jsonrpc":"2.0","id":¦1}"#,
    ];
    refused(
        Invalid::IdOnNotification,
        Some(&number(1)),
        Some(Request),
        &texts,
    );
    // What only looks a little like one.
    for method in [
        "notifications",
        "Notifications/x",
        "x/notifications/y",
        "notification/s",
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        assert!(
            read(text.as_bytes(), &Limits::default()).is_ok(),
            "{method}"
        );
    }
}

#[test]
fn requests_have_a_method_and_params() {
    // BASE-08
    let methods = [
        r#"{"jsonrpc":"2.0","id":1,"method":¦null}"#,
        r#"{"jsonrpc":"2.0","method":¦["a"],"id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":¦{"method":"a"}}"#,
    ];
    refused(
        Invalid::MethodNotAString,
        Some(&number(1)),
        Some(Request),
        &methods,
    );
    let params = [
        r#"{"jsonrpc":"2.0","method":"a","params":¦[1],"id":1}"#,
        r#"{"jsonrpc":"2.0","params":¦"{}","id":1,"method":"a"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"a","params":¦null}"#,
    ];
    refused(
        Invalid::ParamsNotAnObject,
        Some(&number(1)),
        Some(Request),
        &params,
    );
    let params = [r#"{"jsonrpc":"2.0","method":"a","params":¦[]}"#];
    refused(
        Invalid::ParamsNotAnObject,
        None,
        Some(Notification),
        &params,
    );
    let nothing = [
        r#"¦{"jsonrpc":"2.0","id":1}"#,
        r#"¦{"jsonrpc":"2.0","id":1,"params":{}}"#,
        // GHSA-wvj2-96wp-fq3f and GHSA-q382-vc8q-7jhj: folded case, and a NUL behind.
        r#"¦{"jsonrpc":"2.0","id":1,"Method":"a"}"#,
        r#"¦{"jsonrpc":"2.0","id":1,"method\u0000":"a"}"#,
    ];
    refused(Invalid::MissingMethod, Some(&number(1)), None, &nothing);
}

#[test]
fn a_message_is_one_thing() {
    // BASE-25
    let both = [
        r#"{"jsonrpc":"2.0","result":{},¦"error":{"code":1,"message":""},"id":1}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1,"message":""},¦"result":{},"id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{},¦"error":null}"#,
    ];
    refused(Invalid::ResultAndError, Some(&number(1)), None, &both);
    let mixed = [
        r#"{"jsonrpc":"2.0","id":1,"method":"a",¦"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""},¦"method":"a"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"_meta":{}},¦"params":{"_meta":{}}}"#,
    ];
    refused(Invalid::RequestAndResponse, Some(&number(1)), None, &mixed);
}

#[test]
fn results_are_objects() {
    // BASE-11, BASE-12
    let results = [
        r#"{"jsonrpc":"2.0","id":1,"result":¦null}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":¦[{}]}"#,
        r#"{"result":¦"done","jsonrpc":"2.0","id":1}"#,
    ];
    refused(
        Invalid::ResultNotAnObject,
        Some(&number(1)),
        Some(Result),
        &results,
    );
    let types = [
        r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":¦null}}"#,
        r#"{"jsonrpc":"2.0","result":{"resultType":¦{}},"id":1}"#,
    ];
    refused(
        Invalid::ResultTypeNotAString,
        Some(&number(1)),
        Some(Result),
        &types,
    );
}

#[test]
fn errors_have_a_code_and_a_message() {
    // BASE-22
    let check = |problem, error: &str| {
        let text = format!(r#"{{"jsonrpc":"2.0","error":{error},"id":"e"}}"#);
        refused(problem, Some(&string("e")), Some(Error), &[&text]);
        let text = format!(r#"{{"jsonrpc":"2.0","error":{error}}}"#);
        refused(problem, None, Some(Error), &[&text]);
    };
    check(Invalid::ErrorNotAnObject, r#"¦"no""#);
    check(Invalid::ErrorNotAnObject, "¦null");
    check(Invalid::MissingErrorCode, r#"¦{"message":""}"#);
    check(Invalid::MissingErrorMessage, r#"¦{"code":1}"#);
    for code in ["1.0", "\"1\"", "null", "-0", "9223372036854775808", "1e3"] {
        let error = format!(r#"{{"code":¦{code},"message":""}}"#);
        check(Invalid::ErrorCodeNotAnInteger, &error);
    }
    check(
        Invalid::ErrorMessageNotAString,
        r#"{"message":¦null,"code":1}"#,
    );
}
