//! What the benches with processes have in common.
//!
//! A driver starts each contestant as a [`Process`], of its own executable or another one, on a processor
//! of its own where the system allows; looks at it from outside; and prints a [`Table`] with the medians of
//! all rounds.

#![forbid(unsafe_code)]

mod numbers;
mod options;
mod process;
mod table;

pub use self::numbers::{median, median_time};
pub use self::options::{Options, Setting};
pub use self::process::{Core, Memory, Process, can_pin};
pub use self::table::{Aim, Row, Table, Unit};
