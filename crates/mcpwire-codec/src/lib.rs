#![doc = include_str!("../README.md")]
#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

mod encode;
mod envelope;
mod error;
mod flat;
mod json;
mod limits;
pub mod line;
mod message;
mod part;
mod place;
mod slot;
pub mod sse;
mod text;
mod typed;
mod written;

pub use encode::{
    Encoded, encode_error, encode_notification, encode_raw_error, encode_request, encode_result,
    write_request,
};
pub use error::{DecodeError, Invalid, Outline, Syntax};
pub use limits::Limits;
pub use message::{Message, PartError};
pub use part::{Kind, Member, Part};
pub use typed::{parse_valid, parse_valid_with, to_json, write_json};
pub use written::WrittenResult;
