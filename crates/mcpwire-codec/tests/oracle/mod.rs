//! A second opinion on every input, by other means: `serde_json` decides what is JSON, and plain
//! lists of members decide what is a message. Shared with the fuzz target.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support; not every test uses all of it"
)]

mod law;
mod naive;

pub(crate) use law::check;
pub(crate) use naive::{Verdict, judge};
