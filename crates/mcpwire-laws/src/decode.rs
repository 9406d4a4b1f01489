//! Any bytes as a message.

/// Shared with the property tests of the codec.
#[path = "../../mcpwire-codec/tests/oracle/mod.rs"]
mod oracle;

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    oracle::check(bytes);
}
