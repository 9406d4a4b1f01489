//! What has to hold for every input whatsoever.
//!
//! A law is a function over bytes that panics if they break it. Fuzzing looks for such bytes (`fuzz/`
//! has one target for each law, of the same name), and what it keeps is replayed by the tests of this
//! crate, on a stable compiler: `fuzz/corpus/NAME`, and in `fuzz/regressions/NAME` whatever broke the
//! law once.
//!
//! Where bytes alone would not reach deep, a law makes structure out of them: nearly valid messages,
//! conversations, values of every type.

#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a law that is broken panics"
)]

/// Shared with the tests of the types.
#[path = "../../mcpwire-types/tests/every_type/mod.rs"]
#[macro_use]
mod every_type;

mod decode;
mod framing;
mod header;
mod json;
mod message;
mod router;
pub mod seeds;
mod template;
mod typed;
mod types;

pub use decode::check as decode;
pub use framing::{check_events as sse, check_lines as lines};
pub use header::check as header;
pub use message::check as message;
pub use router::check as router;
pub use template::check as template;
pub use typed::check as typed;
pub use types::check as types;

/// One law.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Law {
    /// The name of its fuzz target, and of the folders of its corpus and its regressions.
    pub name: &'static str,
    /// What it says, in one line.
    pub about: &'static str,
    /// Panics if the bytes break it.
    pub check: fn(&[u8]),
}

/// Every law.
pub const LAWS: &[Law] = &[
    Law {
        name: "decode",
        about: "any bytes as a message: serde_json and a naive reader agree, encoding gives it back",
        check: decode,
    },
    Law {
        name: "message",
        about: "the same for texts that are nearly messages",
        check: message,
    },
    Law {
        name: "lines",
        about: "a stream cut anywhere gives the lines that a naive reader finds",
        check: lines,
    },
    Law {
        name: "sse",
        about: "a stream cut anywhere gives the events that a naive reader finds",
        check: sse,
    },
    Law {
        name: "typed",
        about: "the typed reader and writer do what serde_json does, for every type",
        check: typed,
    },
    Law {
        name: "types",
        about: "any value of any type, written and read, is what it was",
        check: types,
    },
    Law {
        name: "header",
        about: "header values round-trip, and are compared with the body as a naive reader would",
        check: header,
    },
    Law {
        name: "template",
        about: "URI templates match what a naive matcher matches, in linear time",
        check: template,
    },
    Law {
        name: "router",
        about: "a server answers each request exactly once, and nothing else",
        check: router,
    },
];

/// The law of this name.
pub fn law(name: &str) -> Option<&'static Law> {
    LAWS.iter().find(|law| law.name == name)
}
