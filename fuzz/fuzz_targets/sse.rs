//! Looks for an input that breaks the law `sse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcpwire_laws::sse(bytes));
