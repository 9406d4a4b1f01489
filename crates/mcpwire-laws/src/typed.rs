//! The typed reader and writer of the codec against those of `serde_json`.
//!
//! The first byte says which type, the rest is the text.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use mcpwire_codec::{Limits, Message, parse_valid, to_json};
use mcpwire_types::decode_str;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Checks a text as one type.
type Check = fn(&str);

macro_rules! protocol {
    ($($name:ident)*) => {
        const PROTOCOL: &[Check] = &[$(|text| {
            if let Some(value) = same::<mcpwire_types::$name<'_>>(text) {
                let written = to_json(&value).expect("a value of a type can be written");
                let written = String::from_utf8(written).expect("JSON is UTF-8");
                assert_eq!(parse_valid::<mcpwire_types::$name<'_>>(&written), Ok(value));
            }
        }),*];
    };
}

every_type!(protocol);

/// Types that a user may bring, and what serde makes of them.
const OTHERS: &[Check] = &[
    |text| other::<serde_json::Value>(text),
    |text| other::<Vec<serde_json::Value>>(text),
    |text| other::<String>(text),
    |text| other::<&str>(text),
    |text| other::<char>(text),
    |text| other::<f64>(text),
    |text| other::<Vec<f32>>(text),
    |text| other::<Vec<i64>>(text),
    |text| other::<Vec<u64>>(text),
    |text| other::<(u8, i16, u32, i128, u128)>(text),
    |text| other::<BTreeMap<i64, bool>>(text),
    |text| other::<BTreeMap<u8, Option<()>>>(text),
    |text| other::<BTreeMap<bool, char>>(text),
    |text| other::<BTreeMap<String, Plain>>(text),
    |text| other::<Struct>(text),
    |text| other::<Flat<'_>>(text),
    |text| other::<Vec<External>>(text),
    |text| other::<Vec<Internal>>(text),
    |text| other::<Vec<Adjacent>>(text),
    |text| other::<Vec<Untagged>>(text),
    |text| other::<HashMap<Plain, Vec<Plain>>>(text),
    raw_values,
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Struct {
    a: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Box<Struct>>,
    #[serde(rename = "c d")]
    c: Vec<External>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Plain {
    A,
    B,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum External {
    A,
    B(i32),
    C(i8, String),
    D { a: f64, b: Option<bool> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Internal {
    A,
    B { a: u64, b: String },
    C(BTreeMap<String, f64>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content")]
enum Adjacent {
    A,
    B(f32),
    C { a: Vec<u8> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    A(u8),
    B(i64),
    C(f64),
    D(String),
    E { a: Option<Box<Untagged>> },
    F(Vec<Untagged>),
    G(()),
}

/// One byte chooses.
const _: () = assert!(PROTOCOL.len() + OTHERS.len() <= 256);

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    let Some((selector, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let mut checks = PROTOCOL.iter().chain(OTHERS).cycle();
    if let Some(check) = checks.nth(usize::from(*selector)) {
        check(text);
    }
}

/// Both readers find the same, be it a value or an error, and both writers write the same. In a text
/// that is no JSON the fast reader comes to an end, and that is all.
fn same<'a, T: Deserialize<'a> + Serialize + PartialEq + Debug>(text: &'a str) -> Option<T> {
    let found = parse_valid::<T>(text);
    if !is_json(text) {
        return None;
    }
    assert_eq!(found, decode_str::<T>(text));
    let value = found.ok()?;
    let ours = to_json(&value).map_err(|error| error.to_string());
    let theirs = serde_json::to_vec(&value).map_err(|error| error.to_string());
    assert_eq!(ours, theirs);
    Some(value)
}

fn other<'a, T: Deserialize<'a> + Serialize + PartialEq + Debug>(text: &'a str) {
    same::<T>(text);
}

/// Raw JSON knows no equality.
fn raw_values(text: &str) {
    let found = parse_valid::<BTreeMap<String, &RawValue>>(text);
    if !is_json(text) {
        return;
    }
    let texts = |values: BTreeMap<String, &RawValue>| -> Vec<(String, String)> {
        let text = |(name, raw): (String, &RawValue)| (name, raw.get().to_owned());
        values.into_iter().map(text).collect()
    };
    let expected = decode_str::<BTreeMap<String, &RawValue>>(text);
    if let Ok(values) = &found {
        assert_eq!(
            to_json(values).unwrap(),
            serde_json::to_vec(values).unwrap()
        );
    }
    assert_eq!(found.map(texts), expected.map(texts));
}

/// Whether the scanner finds the text to be JSON.
fn is_json(text: &str) -> bool {
    let message = [r#"{"jsonrpc":"2.0","method":"a","x":"#, text, "}"].concat();
    Message::scan_with(message.as_bytes(), &Limits::default().max_depth(100_000)).is_ok()
}
