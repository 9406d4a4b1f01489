//! What the benches of the codec share: the six messages, and the readers that they are given to.
//!
//! Each reader gets the same bytes and does the least that a router needs of it with that library;
//! the tests here hold them to having read the message.

pub mod readers;

pub use bench_messages::{Sample, all, call, dense_call, text_result, tools_list};
