//! The codec against an oracle made of `serde_json` (design.md, promise 2): what is JSON, what is a
//! message, its `id`, method and members, and that it survives being written again.

mod conversation;
mod generate;
mod oracle;

use mcpwire_codec::Message;
use oracle::{Verdict, check, judge};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Twice as many cases as usual; `PROPTEST_CASES` makes a campaign of it.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases * 2,
        failure_persistence: None,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_json(text in generate::json()) {
        prop_assert!(!matches!(judge(text.as_bytes()), Verdict::NotJson), "the generator makes no JSON");
        check(text.as_bytes());
        // The same in a place where nobody looks, and in one that is a part.
        check(format!(r#"{{"jsonrpc":"2.0","method":"a","x":{text}}}"#).as_bytes());
        check(format!(r#"{{"jsonrpc":"2.0","method":"a","params":{{"arguments":{text}}}}}"#).as_bytes());
    }

    #[test]
    fn any_message(text in generate::message()) {
        check(text.as_bytes());
    }

    #[test]
    fn mutated_messages(bytes in generate::mutated()) {
        check(&bytes);
    }

    #[test]
    fn noise(bytes in generate::noise()) {
        check(&bytes);
    }
}

#[test]
fn our_own_conversation() {
    for (name, text) in conversation::MESSAGES {
        check(text.as_bytes());
        let accepted = Message::decode(*text).is_ok();
        assert_eq!(accepted, !name.starts_with("bad"), "{name}");
    }
}

#[test]
fn every_prefix_of_a_message_is_refused_alike() {
    for (_, text) in conversation::MESSAGES {
        for end in 0..text.len() {
            check(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn depth_agrees_to_the_level() {
    for levels in 120..132 {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            check(
                format!(r#"{{"jsonrpc":"2.0","method":"a","params":{{"x":{value}}}}}"#).as_bytes(),
            );
            check(format!(r#"{{"jsonrpc":"2.0","method":"a","x":{value}}}"#).as_bytes());
        }
    }
}

/// An oracle is worth nothing if the generators only ever reach one side of it.
#[test]
fn the_generators_reach_every_verdict() {
    let mut runner = TestRunner::deterministic();
    let (mut not_json, mut refused, mut messages) = (0, 0, 0);
    let mut count = |bytes: &[u8]| match judge(bytes) {
        Verdict::NotJson => not_json += 1,
        Verdict::Refused { .. } => refused += 1,
        Verdict::Message(_) => messages += 1,
        Verdict::TooDeep => {}
    };
    let (message, mutated) = (generate::message(), generate::mutated());
    for _ in 0..500 {
        let text = message.new_tree(&mut runner).unwrap().current();
        count(text.as_bytes());
        count(&mutated.new_tree(&mut runner).unwrap().current());
    }
    assert!(
        not_json > 100 && refused > 100 && messages > 100,
        "{not_json} {refused} {messages}"
    );
}
