#![doc = include_str!("../README.md")]

mod encode;
mod envelope;
mod error;
mod flat;
mod json;
mod limits;
pub mod line;
mod message;
mod part;
pub mod sse;
mod text;

pub use encode::{
    Encoded, encode_error, encode_notification, encode_raw_error, encode_request, encode_result,
};
pub use error::{DecodeError, Invalid, Outline, Syntax};
pub use limits::Limits;
pub use message::{Message, PartError};
pub use part::{Kind, Member, Part};
