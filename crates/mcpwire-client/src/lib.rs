#![doc = include_str!("../README.md")]

mod cache;
mod call;
mod calls;
mod client;
mod error;
mod exchange;
mod head;
mod input;
mod limits;
mod listen;
mod lists;
pub mod method;
mod mirroring;
mod output;
mod retry;
mod slips;
mod tools;

pub use call::Call;
pub use client::{Builder, Client};
pub use error::{Error, InputError, RpcError};
pub use limits::Limits;
pub use listen::{End, Event, Listen, Loss};
pub use lists::{Items, List, Listed};
pub use method::Method;
pub use mirroring::Mirroring;
pub use retry::is_read_only;
