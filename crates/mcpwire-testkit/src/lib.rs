//! Tests for Model Context Protocol servers and clients.

#[cfg(feature = "sim")]
pub mod sim;
