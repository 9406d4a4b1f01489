//! Looks for an input that breaks the law `lines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcpwire_laws::lines(bytes));
