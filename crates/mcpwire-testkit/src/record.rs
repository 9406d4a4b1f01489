//! Conversations that are written down, answered from what was written, and had again.
//!
//! A recording is JSON Lines. Each exchange is one line for the request, and one for each item of the
//! reply, in the order in which they were seen: `{"exchange":0,"request":{..}}`, then
//! `{"exchange":0,"notification":{..}}` any number of times and `{"exchange":0,"result":{..}}`. A
//! principal is written beside its request; whatever else a context holds is not.

mod load;
mod recorder;
mod replay;

pub use load::{LoadError, Recorded, Recording};
pub use recorder::{Recorder, Sink};
pub use replay::{Replayed, Replaying, Unlike};

/// How much is written down or read. Every bound is finite by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one line; 4 MiB. A longer one is not written, and the recording says so in its place; it
    /// is an error when it is loaded.
    pub line: usize,
    /// Bytes of a whole recording; 64 MiB. Nothing is written beyond; it is an error when it is loaded.
    pub total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 4 << 20,
            total: 64 << 20,
        }
    }
}

impl Limits {
    /// Sets [`Limits::line`].
    pub fn line(mut self, bytes: usize) -> Self {
        self.line = bytes;
        self
    }

    /// Sets [`Limits::total`].
    pub fn total(mut self, bytes: usize) -> Self {
        self.total = bytes;
        self
    }
}
