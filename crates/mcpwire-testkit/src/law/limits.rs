//! Every bound of the law, by name.

use std::time::Duration;

/// How far a conversation goes. Every bound is finite by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests that follow from one step: rounds of input, or pages of a list; 8.
    pub rounds: usize,
    /// Items of one answer; 1024. An answer with more is cut and ends in
    /// [`Item::Endless`](crate::Item::Endless).
    pub items: usize,
    /// How long to wait for the next item, on the clock of the law; 10 minutes. After that comes
    /// [`Item::Silent`](crate::Item::Silent).
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rounds: 8,
            items: 1024,
            patience: Duration::from_secs(10 * 60),
        }
    }
}

impl Limits {
    /// Sets [`Limits::rounds`].
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds.max(1);
        self
    }

    /// Sets [`Limits::items`].
    pub fn items(mut self, items: usize) -> Self {
        self.items = items.max(1);
        self
    }

    /// Sets [`Limits::patience`].
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}
