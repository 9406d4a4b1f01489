//! Looks for an input that breaks the law `decode`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcpwire_laws::decode(bytes));
