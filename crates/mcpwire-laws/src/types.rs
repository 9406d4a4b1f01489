//! Values of every type, made by the strategies of the model out of the fuzzer's bytes.
//!
//! The first byte says which type, the next 32 are the seed of what the strategy takes for chance. (Taken
//! for chance itself they would run out, and strategies that draw again and again never end then.)

use std::fmt::Debug;

use mcpwire_codec::{parse_valid, to_json};
use mcpwire_types::decode_str;
use proptest::arbitrary::{Arbitrary, any};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};

macro_rules! checks {
    ($($name:ident)*) => {
        const CHECKS: &[fn(&[u8])] = &[$(|chance| {
            if let Some(value) = value::<mcpwire_types::$name<'static>>(chance) {
                let text = written(&value);
                let read: mcpwire_types::$name<'_> = read(&text);
                assert_eq!(read, value);
                assert_eq!(read.into_owned(), value);
            }
        }),*];

        /// One value of each type as JSON, in the order of the types.
        pub(crate) fn examples(chance: &[u8]) -> Vec<String> {
            vec![$(value::<mcpwire_types::$name<'static>>(chance).map_or_else(
                String::new,
                |value| written(&value),
            )),*]
        }
    };
}

every_type!(checks);

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    if let Some((selector, chance)) = bytes.split_first() {
        CHECKS[usize::from(*selector) % CHECKS.len()](chance);
    }
}

fn value<T: Arbitrary>(chance: &[u8]) -> Option<T> {
    let mut seed = [0; 32];
    for (place, byte) in seed.iter_mut().zip(chance) {
        *place = *byte;
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let config = Config {
        failure_persistence: None,
        max_local_rejects: 64,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tree = any::<T>().new_tree(&mut runner).ok()?;
    Some(tree.current())
}

/// The value as JSON, which both writers agree on.
fn written<T: Serialize>(value: &T) -> String {
    let ours = to_json(value).expect("a value of a type can be written");
    assert_eq!(ours, serde_json::to_vec(value).expect("the same"));
    String::from_utf8(ours).expect("JSON is UTF-8")
}

/// The text as a value, which both readers agree on.
fn read<'a, T: Deserialize<'a> + PartialEq + Debug>(text: &'a str) -> T {
    let value: T = parse_valid(text).expect("what was written can be read");
    assert_eq!(value, decode_str::<T>(text).expect("the same"));
    value
}
