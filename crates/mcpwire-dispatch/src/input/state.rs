//! What travels inside the sealed state: the earlier rounds (MRTR-23) and what the handler wants to
//! remember (MRTR-44).
//!
//! Sealing is [`seal`](crate::seal)'s part.

use std::collections::BTreeMap;

use mcpwire_types::JSONValue;

/// The answers of earlier rounds and the handler's own notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// How many rounds came before.
    pub(super) rounds: u32,
    /// The keys that the last round asked for: no other answers count with this state.
    pub(super) asked: Vec<String>,
    /// Answers by key, each with the kind of its question (MRTR-24).
    pub(super) answers: BTreeMap<String, Answered>,
    pub(super) notes: BTreeMap<String, JSONValue<'static>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) kind: String,
    pub(super) answer: JSONValue<'static>,
}

impl State {
    pub(super) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let answers: BTreeMap<_, _> = self
            .answers
            .iter()
            .map(|(key, one)| (key, (&one.kind, &one.answer)))
            .collect();
        serde_json::to_vec(&(self.rounds, &self.asked, answers, &self.notes))
    }

    pub(super) fn from_json(json: &[u8]) -> serde_json::Result<Self> {
        type Answers<'a> = BTreeMap<String, (String, JSONValue<'a>)>;
        type Notes<'a> = BTreeMap<String, JSONValue<'a>>;
        let (rounds, asked, answers, notes): (_, _, Answers<'_>, Notes<'_>) =
            serde_json::from_slice(json)?;
        let owned = |(key, (kind, answer)): (String, (String, JSONValue<'_>))| {
            (
                key,
                Answered {
                    kind,
                    answer: answer.into_owned(),
                },
            )
        };
        Ok(Self {
            rounds,
            asked,
            answers: answers.into_iter().map(owned).collect(),
            notes: notes
                .into_iter()
                .map(|(key, note)| (key, note.into_owned()))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rounds: u32,
            asked in prop::collection::vec(".{0,4}", 0..3),
            answers in prop::collection::btree_map(".{0,4}", (".{0,4}", any::<bool>()), 0..3),
            notes in prop::collection::btree_map(".{0,4}", any::<bool>(), 0..3),
        ) {
            let answered = |(kind, value)| Answered { kind, answer: JSONValue::from(value) };
            let state = State {
                rounds,
                asked,
                answers: answers.into_iter().map(|(key, one)| (key, answered(one))).collect(),
                notes: notes.into_iter().map(|(key, value)| (key, JSONValue::from(value))).collect(),
            };
            prop_assert_eq!(State::from_json(&state.to_json().unwrap()).unwrap(), state);
        }

        #[test]
        fn reading_takes_anything(bytes: Vec<u8>) {
            let _ = State::from_json(&bytes);
        }
    }
}
