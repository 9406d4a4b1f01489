//! One spelling for what a request asks, however its JSON was written.
//!
//! Sealed state is bound to a request by this text: the same members and values give the same text,
//! whatever the order of members, the white space, the escapes or the spelling of a number.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Members of `params` that a retry may change (MRTR-13, MRTR-38).
const OMITTED: [&str; 3] = ["_meta", "inputResponses", "requestState"];

/// The canonical text of everything in `params` that makes the request what it is.
///
/// An object that holds the same member twice is refused: two readers could see two requests in it.
pub(crate) fn salient_params(params: &[u8]) -> Result<String, serde_json::Error> {
    canonical(params, &OMITTED)
}

fn canonical(json: &[u8], omitted: &[&str]) -> Result<String, serde_json::Error> {
    let mut text = String::with_capacity(json.len());
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    Writer {
        out: &mut text,
        omitted,
    }
    .deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(text)
}

/// Appends the canonical form of the value that it visits.
struct Writer<'a> {
    out: &'a mut String,
    omitted: &'a [&'a str],
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Writer<'_> {
    fn write<E: de::Error>(self, value: fmt::Arguments<'_>) -> Result<(), E> {
        self.out.write_fmt(value).map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.write(format_args!("null"))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.write(format_args!("{value}"))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.write(format_args!("{value}"))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.write(format_args!("{value}"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        // A client that keeps every number as a float writes 1 for 1.0 and 0 for -0.0; above 2^53
        // the two spellings are no longer the same number for everybody.
        if value == 0.0 {
            self.write(format_args!("0"))
        } else if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
            self.write(format_args!("{value:.0}"))
        } else {
            self.write(format_args!("{value:e}"))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        let text = serde_json::to_string(value).map_err(E::custom)?;
        self.write(format_args!("{text}"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.out.push('[');
        while items
            .next_element_seed(Writer {
                out: self.out,
                omitted: &[],
            })?
            .is_some()
        {
            self.out.push(',');
        }
        self.out.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut sorted = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let mut value = String::new();
            members.next_value_seed(Writer {
                out: &mut value,
                omitted: &[],
            })?;
            if self.omitted.contains(&name.as_str()) {
                continue;
            }
            if sorted.contains_key(&name) {
                return Err(de::Error::custom(format_args!(
                    "member {name:?} appears twice"
                )));
            }
            sorted.insert(name, value);
        }
        self.out.push('{');
        for (name, value) in &sorted {
            let name = serde_json::to_string(name).map_err(de::Error::custom)?;
            write!(self.out, "{name}:{value},").map_err(de::Error::custom)?;
        }
        self.out.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn salient(json: &str) -> String {
        salient_params(json.as_bytes()).unwrap()
    }

    /// MRTR-33: what a client may spell otherwise on the retry is the same request.
    #[test]
    fn the_spelling_does_not_matter() {
        let first = salient(r#"{"name":"pay","arguments":{"to":"ada","sum":10,"x":[1.5,null]}}"#);
        for other in [
            r#" { "arguments" : { "sum":10.0,"x":[15e-1,null],"to":"\u0061da" },"name":"pay"}"#,
            r#"{"name":"pay","arguments":{"to":"ada","sum":1e1,"x":[1.5,null]},"_meta":{"a":1}}"#,
            r#"{"requestState":"s","name":"pay","arguments":{"x":[1.5,null],"to":"ada","sum":10},
                "inputResponses":{"k":{}}}"#,
        ] {
            assert_eq!(salient(other), first, "{other}");
        }
    }

    #[test]
    fn another_value_is_another_request() {
        let first = salient(r#"{"name":"pay","arguments":{"sum":10}}"#);
        for other in [
            r#"{"name":"pay","arguments":{"sum":11}}"#,
            r#"{"name":"pay","arguments":{"sum":"10"}}"#,
            r#"{"name":"pay","arguments":{"sum":[10]}}"#,
            r#"{"name":"pay","arguments":{"sum":10,"more":null}}"#,
            r#"{"name":"pay","arguments":{}}"#,
            r#"{"name":"pay"}"#,
            // Only the outermost members are left out: inside `arguments` the names mean nothing.
            r#"{"name":"pay","arguments":{"sum":10,"_meta":{}}}"#,
        ] {
            assert_ne!(salient(other), first, "{other}");
        }
        assert_ne!(
            salient(r#"{"n":9007199254740993}"#),
            salient(r#"{"n":9007199254740992}"#)
        );
    }

    #[test]
    fn a_member_that_appears_twice_is_refused() {
        let error = salient_params(br#"{"arguments":{"a":1,"\u0061":2}}"#).unwrap_err();
        assert!(
            error.to_string().contains(r#"member "a" appears twice"#),
            "{error}"
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>()
                .prop_filter("finite", |f| f.is_finite())
                .prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(|members| members
                    .into_iter()
                    .collect::<serde_json::Map<_, _>>()
                    .into()),
            ]
        })
    }

    /// `serde_json` as the oracle: -0.0 and integral floats aside, equal texts mean equal values.
    fn normal(value: &Value) -> Value {
        match value {
            Value::Number(number) => match number.as_f64() {
                Some(float)
                    if number.is_f64()
                        && float.fract() == 0.0
                        && float.abs() <= 9_007_199_254_740_992.0 =>
                {
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "checked: integral and in range"
                    )]
                    let integer = float as i64;
                    json!(integer)
                }
                _ => value.clone(),
            },
            Value::Array(items) => items.iter().map(normal).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), normal(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn texts_are_equal_exactly_where_values_are(a in any_json(), b in any_json()) {
            let text = |value: &Value| canonical(value.to_string().as_bytes(), &[]).unwrap();
            prop_assert_eq!(text(&a) == text(&b), normal(&a) == normal(&b));
            let pretty = serde_json::to_vec_pretty(&a).unwrap();
            prop_assert_eq!(canonical(&pretty, &[]).unwrap(), text(&a));
        }
    }
}
