//! Any bytes as one message: the codec and an oracle made of `serde_json` have to agree on whether
//! they are JSON, whether they are a message, and what stands where in it; and what is accepted has to
//! survive being written and framed again.
//!
//! The law is that of the property tests, which also replay the corpus on a stable compiler. Names of
//! the protocol help the fuzzer on its way:
//!
//! ```text
//! cargo +nightly fuzz run decode -- -dict=fuzz/dictionaries/mcp.dict -max_total_time=60
//! ```

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/mcpwire-codec/tests/oracle/mod.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| oracle::check(bytes));
