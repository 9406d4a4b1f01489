//! Looks for an input that breaks the law `header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcpwire_laws::header(bytes));
