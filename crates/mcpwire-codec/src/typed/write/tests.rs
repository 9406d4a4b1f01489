//! The same bytes as `serde_json`, place by place.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use super::*;

fn same<T: Serialize + ?Sized>(value: &T) {
    match (to_json(value), serde_json::to_vec(value)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(
                String::from_utf8(ours).unwrap(),
                String::from_utf8(theirs).unwrap()
            );
        }
        (ours, theirs) => assert_eq!(
            ours.unwrap_err().to_string(),
            theirs.unwrap_err().to_string()
        ),
    }
}

#[test]
fn every_character_in_every_place() {
    for special in [
        "\0", "\n", "\t", "\u{8}", "\u{b}", "\u{c}", "\r", "\u{1f}", " ", "\"", "\\", "/",
        "\u{7f}", "é", "😀",
    ] {
        for length in 0..200 {
            let before = "x".repeat(length);
            same(&format!("{before}{special}"));
            same(&format!("{before}{special}{before}"));
            same(&format!("{special}{before}{special}{special}"));
        }
    }
}

#[test]
fn integers_of_every_length() {
    let mut n = 1_u64;
    for _ in 0..20 {
        for near in [n - 1, n, n + 1, n.wrapping_mul(9)] {
            same(&near);
            same(&near.cast_signed());
            same(&near.cast_signed().wrapping_neg());
        }
        n = n.wrapping_mul(10);
    }
    same(&[u64::MAX, 0]);
    same(&[i64::MIN, i64::MAX]);
    same(&(i8::MIN, u8::MAX, i128::MIN, u128::MAX));
}

#[test]
fn floats_and_what_is_none() {
    same(&[0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, f64::NAN, f64::INFINITY]);
    same(&[0.1_f32, 16_777_216.0, f32::MIN_POSITIVE, f32::NAN]);
}

#[test]
fn names_of_any_type() {
    same(&BTreeMap::from([(-5, "a"), (10, "b")]));
    same(&BTreeMap::from([(true, 1), (false, 2)]));
    same(&BTreeMap::from([('"', 1), ('é', 2)]));
    same(&BTreeMap::from([(i128::MIN, 1)]));
    same(&BTreeMap::from([(Some("a"), 1)]));
    same(&BTreeMap::from([(None::<&str>, 1)]));
    same(&BTreeMap::from([((), 1)]));
    same(&BTreeMap::from([(vec![1], 1)]));
}

#[test]
fn raw_json_is_copied() {
    let raw = RawValue::from_string("{ \"a\" : [ 1.0e+1, \"\\u0041\" ] }".to_owned()).unwrap();
    same(&raw);
    same(&(1, &*raw, "b"));
    assert_eq!(to_json(&raw).unwrap(), raw.get().as_bytes());
}

#[test]
fn what_is_displayed_is_escaped() {
    struct Shown;
    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a\"b\\\n")
        }
    }
    impl Serialize for Shown {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.collect_str(self)
        }
    }
    same(&Shown);
}

#[test]
fn it_goes_behind_what_is_there() {
    let mut out = b"data: ".to_vec();
    write_json(&mut out, &[1, 2]).unwrap();
    assert_eq!(out, b"data: [1,2]");
}
