//! Between JSON text and Rust types: a reader for text that has been validated already, and a writer.
//!
//! Both do what `serde_json` does, to the value and to the byte, and do it faster where it counts: the
//! reader does not validate a second time, and the writer looks for escapes many bytes at a time.

mod read;
mod write;

pub use read::{parse_valid, parse_valid_with};
pub(crate) use write::{push_integer, push_string};
pub use write::{to_json, write_json};
