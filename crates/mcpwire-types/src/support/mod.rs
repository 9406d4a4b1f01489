//! What generated code calls. Public for the code that `cargo xtask codegen` writes into other crates,
//! not for people: it changes with the generator.
//!
//! - `read`: objects, member by member, with the path of an error gathered on the way out
//! - `union`: values that are one of several types, told apart by looking
//! - `check`: objects that stay raw, but not unchecked
//! - `write`: objects, member by member
//! - `owned`: copies that borrow nothing
//! - `macros`: the impls that are the same for every type of a kind
//! - `strategy`: what property tests draw from

mod check;
mod macros;
mod owned;
mod read;
#[cfg(feature = "proptest")]
pub mod strategy;
mod union;
mod write;

// Generated code takes these from here, so that whoever has it needs neither the standard library
// nor a dependency for it.
pub use alloc::borrow::Cow;
pub use alloc::string::String;
pub use alloc::vec::Vec;
pub use serde_core::de::{Deserialize, Deserializer, Error, MapAccess};
pub use serde_core::ser::{Serialize, Serializer};

pub use check::{Check, Demand, check_object, is, refused};
pub use owned::{IntoOwned, own};
pub(crate) use read::duplicate;
pub use read::{Decode, ExtraSlot, Fixed, Object, Seed, Slot, next_key, object, text};
pub use serde_json::Error as JsonError;
pub use union::{JsonKind, Kept, Look, Replay, Tagged, by_kind, tagged};
pub use write::Writer;
