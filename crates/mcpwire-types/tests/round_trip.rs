//! Every type, written and read again, is what it was; as a type, as JSON, and as a copy.

#[macro_use]
mod every_type;

use mcpwire_types::*;
use proptest::prelude::*;
use serde_json::Value;

macro_rules! round_trips {
    ($($name:ident)*) => {
        #[allow(non_snake_case, reason = "the names of the types")]
        mod through {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(32))]
                $(
                    #[test]
                    fn $name(
                        value in any::<super::$name<'static>>(),
                        other in any::<JSONValue<'static>>(),
                        place in any::<prop::sample::Index>(),
                    ) {
                        let text = serde_json::to_string(&value).unwrap();
                        let read: super::$name<'_> = decode_str(&text).unwrap();
                        prop_assert_eq!(&read, &value);
                        // Through a tree of the same JSON, whose members stand in another order.
                        let tree: Value = serde_json::from_str(&text).unwrap();
                        let sorted = tree.to_string();
                        let read_sorted: super::$name<'_> = decode_str(&sorted).unwrap();
                        prop_assert_eq!(&serde_json::to_value(&read_sorted).unwrap(), &tree);
                        prop_assert_eq!(&read_sorted, &value);
                        prop_assert_eq!(&serde_json::to_value(&read).unwrap(), &tree);
                        prop_assert_eq!(read.into_owned(), value);

                        // Something else in one place: read, or refused at a place that there is.
                        let mut damaged = tree;
                        replace(&mut damaged, place.index(1 + text.len() / 8), other.parse().unwrap());
                        let damaged = damaged.to_string();
                        if let Err(error) = decode_str::<super::$name<'_>>(&damaged) {
                            prop_assert!(!error.is_syntax(), "{}", error);
                            prop_assert!(damaged.is_char_boundary(error.offset()), "{}", error);
                        }
                    }
                )*
            }
        }
    };
}

/// Puts `other` where the value at this place in the tree is, counted from the top.
fn replace(value: &mut Value, place: usize, other: Value) {
    fn walk(value: &mut Value, left: &mut usize, other: &mut Option<Value>) {
        if *left == 0 {
            if let Some(other) = other.take() {
                *value = other;
            }
            return;
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, left, other)),
            Value::Object(members) => {
                members
                    .iter_mut()
                    .for_each(|(_, value)| walk(value, left, other));
            }
            _ => {}
        }
    }
    walk(value, &mut { place }, &mut Some(other));
}

every_type!(round_trips);

macro_rules! by_hand {
    ($($name:ident: $type:ty),*) => {
        proptest! {
            $(
                #[test]
                fn $name(value in any::<$type>()) {
                    let text = serde_json::to_string(&value).unwrap();
                    let read: $type = decode_str::<$type>(Box::leak(text.clone().into_boxed_str())).unwrap();
                    prop_assert_eq!(&read, &value);
                    prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
                }
            )*
        }
    };
}

by_hand! {
    request_id: RequestId<'static>,
    number: Number,
    json_value: JSONValue<'static>,
    json_object: JSONObject<'static>,
    json_array: JSONArray<'static>,
    map: Map<'static, JSONValue<'static>>
}
