//! Looks for an input that breaks the law `router`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcpwire_laws::router(bytes));
