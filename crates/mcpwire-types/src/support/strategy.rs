//! What property tests draw from: JSON of all kinds, small, with awkward text in it.

use alloc::borrow::Cow;
use core::mem::discriminant;

use proptest::arbitrary::{Arbitrary, any as arbitrary};
use proptest::collection::vec;
use proptest::option;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};
use serde_core::ser::Serialize;

use crate::{Extra, JSONArray, JSONObject, JSONValue, Map, Number, RequestId};

/// Any value of the type.
pub fn any<T: Arbitrary<Strategy = BoxedStrategy<T>>>() -> BoxedStrategy<T> {
    arbitrary::<T>()
}

/// Only this value.
pub fn just<T: Clone + core::fmt::Debug + 'static>(value: T) -> BoxedStrategy<T> {
    Just(value).boxed()
}

/// Usually this value.
pub fn mostly<T: Clone + core::fmt::Debug + 'static>(
    usual: T,
    other: BoxedStrategy<T>,
) -> BoxedStrategy<T> {
    Union::new_weighted(vec![(3, Just(usual).boxed()), (1, other)]).boxed()
}

/// Sometimes nothing.
pub fn optional<T: core::fmt::Debug + 'static>(some: BoxedStrategy<T>) -> BoxedStrategy<Option<T>> {
    option::of(some).boxed()
}

/// `true` or `false`.
pub fn boolean() -> BoxedStrategy<bool> {
    arbitrary::<bool>().boxed()
}

/// Short text, with what has to be escaped and what is longer than a byte.
pub fn text() -> BoxedStrategy<Cow<'static, str>> {
    let awkward = select(vec![
        '"', '\\', '\n', '\u{0}', '\u{7f}', 'é', '\u{2028}', '😀', '/', '$',
    ]);
    let plain = select(
        ('a'..='z')
            .chain('0'..='9')
            .chain([' ', '.', '-', '_'])
            .collect::<Vec<_>>(),
    );
    let c = Union::new_weighted(vec![
        (5, plain.boxed()),
        (2, awkward.boxed()),
        (1, arbitrary::<char>().boxed()),
    ]);
    vec(c, 0..6)
        .prop_map(|chars| Cow::Owned(chars.into_iter().collect()))
        .boxed()
}

/// A value of an open set of strings.
pub fn value(known: &'static [&'static str]) -> BoxedStrategy<String> {
    let text = text().prop_map(Cow::into_owned).boxed();
    if known.is_empty() {
        return text;
    }
    Union::new_weighted(vec![
        (3, select(known).prop_map(str::to_owned).boxed()),
        (1, text),
    ])
    .boxed()
}

/// An integer inside the bounds.
pub fn integer(minimum: Option<i64>, maximum: Option<i64>) -> BoxedStrategy<i64> {
    let (low, high) = (minimum.unwrap_or(i64::MIN), maximum.unwrap_or(i64::MAX));
    let small = low.max(-10)..=high.min(1_000);
    if small.is_empty() {
        return (low..=high).boxed();
    }
    Union::new(vec![small.boxed(), (low..=high).boxed()]).boxed()
}

/// An integer or a fraction inside the bounds.
#[expect(clippy::cast_precision_loss, reason = "bounds of the schema are small")]
pub fn number(minimum: Option<i64>, maximum: Option<i64>) -> BoxedStrategy<Number> {
    let integers = integer(minimum, maximum).prop_map(Number::from).boxed();
    let fractions = if minimum.is_some() || maximum.is_some() {
        let (low, high) = (
            minimum.unwrap_or(-1_000) as f64,
            maximum.unwrap_or(1_000) as f64,
        );
        (low..=high).prop_map(Number::from).boxed()
    } else {
        proptest::num::f64::NORMAL.prop_map(Number::from).boxed()
    };
    Union::new(vec![integers, fractions]).boxed()
}

/// A short list.
pub fn array<T: core::fmt::Debug + 'static>(
    item: BoxedStrategy<T>,
    most: Option<u64>,
) -> BoxedStrategy<Vec<T>> {
    let most = usize::try_from(most.unwrap_or(3)).unwrap_or(3).min(3);
    vec(item, 0..=most).boxed()
}

/// A few members.
pub fn map<T: core::fmt::Debug + 'static>(
    value: BoxedStrategy<T>,
) -> BoxedStrategy<Map<'static, T>> {
    vec((text(), value), 0..3)
        .prop_map(|members| members.into_iter().collect())
        .boxed()
}

/// The name of a member that no type has a field for.
fn foreign_name() -> BoxedStrategy<Cow<'static, str>> {
    text()
        .prop_map(|name| Cow::Owned(format!("x-{name}")))
        .boxed()
}

/// Members that the schema does not name.
pub fn extra() -> BoxedStrategy<Extra<'static>> {
    vec((foreign_name(), value_of_any_kind()), 0..2)
        .prop_map(|members| members.into_iter().collect())
        .boxed()
}

fn tree() -> BoxedStrategy<serde_json::Value> {
    let number =
        number(None, None).prop_filter_map("fits", |number| serde_json::to_value(number).ok());
    let leaf = Union::new(vec![
        Just(serde_json::Value::Null).boxed(),
        boolean().prop_map(serde_json::Value::from).boxed(),
        number.boxed(),
        text()
            .prop_map(|text| serde_json::Value::from(text.into_owned()))
            .boxed(),
    ]);
    leaf.prop_recursive(2, 6, 2, |inner| {
        let members = vec((text().prop_map(Cow::into_owned), inner.clone()), 0..3);
        Union::new(vec![
            vec(inner, 0..3).prop_map(serde_json::Value::from).boxed(),
            members
                .prop_map(|members| members.into_iter().collect())
                .boxed(),
        ])
    })
    .boxed()
}

/// Any JSON, written densely or with white space.
pub fn value_of_any_kind() -> BoxedStrategy<JSONValue<'static>> {
    let written = |(tree, pretty): (serde_json::Value, bool)| {
        if pretty {
            JSONValue::from_text(format!("{tree:#}")).ok()
        } else {
            Some(tree.into())
        }
    };
    (tree(), boolean())
        .prop_filter_map("writes", written)
        .boxed()
}

/// Any JSON object whose members no type has a field for.
pub fn object() -> BoxedStrategy<JSONObject<'static>> {
    object_with(Vec::new())
}

/// One member of [`object_with`].
pub type Member = BoxedStrategy<(&'static str, JSONValue<'static>)>;

/// A member of this value.
pub fn fixed_member<T: Serialize>(name: &'static str, value: T) -> Member {
    let value = JSONValue::from_serialize(&value).unwrap_or(JSONValue::null());
    Just((name, value)).boxed()
}

/// A member of any such value.
pub fn member<T: Serialize + core::fmt::Debug + 'static>(
    name: &'static str,
    value: BoxedStrategy<T>,
) -> Member {
    value
        .prop_filter_map("writes", move |value| {
            Some((name, JSONValue::from_serialize(&value).ok()?))
        })
        .boxed()
}

/// An object with these members, and some that no type has a field for.
pub fn object_with(members: Vec<Member>) -> BoxedStrategy<JSONObject<'static>> {
    (extra(), members)
        .prop_filter_map("writes", |(mut object, members)| {
            object.extend(members);
            JSONObject::from_serialize(&object).ok()
        })
        .boxed()
}

/// An object whose tag nobody knows.
pub fn unknown_tag(tag: &'static str) -> BoxedStrategy<JSONValue<'static>> {
    object_with(vec![member(tag, foreign_name())])
        .prop_map(JSONValue::from)
        .boxed()
}

/// An object with no member that anybody knows.
pub fn unknown_members() -> BoxedStrategy<JSONValue<'static>> {
    object().prop_map(JSONValue::from).boxed()
}

/// `null`.
pub fn null() -> BoxedStrategy<JSONValue<'static>> {
    just(JSONValue::null())
}

/// One of the variants, unless the value reads as another one: a value of an earlier variant's shape can
/// be built, but not sent.
pub fn union<T: Serialize + core::fmt::Debug + 'static>(
    variants: Vec<BoxedStrategy<T>>,
    again: impl Fn(&str) -> Option<T> + 'static,
) -> BoxedStrategy<T> {
    Union::new(variants)
        .prop_filter("reads as the same variant", move |value| {
            let text = serde_json::to_string(value).ok();
            text.and_then(|text| again(&text))
                .is_some_and(|read| discriminant(&read) == discriminant(value))
        })
        .boxed()
}

macro_rules! drawn_from {
    ($($name:ty => $strategy:expr;)*) => { $(
        impl Arbitrary for $name {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                $strategy
            }
        }
    )* };
}

drawn_from! {
    JSONValue<'static> => value_of_any_kind();
    JSONObject<'static> => object();
    JSONArray<'static> => array(value_of_any_kind(), None)
        .prop_filter_map("writes", |items| JSONArray::from_serialize(&items).ok())
        .boxed();
    Number => number(None, None);
    RequestId<'static> => Union::new(vec![
        integer(None, None).prop_map(RequestId::from).boxed(),
        text().prop_map(RequestId::from).boxed(),
    ])
    .boxed();
}

impl<T: Arbitrary<Strategy = BoxedStrategy<T>> + 'static> Arbitrary for Map<'static, T> {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        map(any::<T>())
    }
}
