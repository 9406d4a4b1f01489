//! What the operator gets to read, as events of `tracing` where that feature is on.

#![cfg_attr(
    not(feature = "tracing"),
    allow(unused_variables, reason = "there is nothing to write them to")
)]

use crate::error::Reason;

/// The state became down, or the reason is the first one.
pub(crate) fn down(subject: &str, reason: &Reason) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        subject,
        %reason,
        "changes do not reach other replicas; local delivery goes on"
    );
}

/// One more attempt failed.
pub(crate) fn still_down(subject: &str, reason: &Reason, attempt: u32) {
    #[cfg(feature = "tracing")]
    tracing::debug!(subject, %reason, attempt, "NATS is still down");
}

pub(crate) fn up(subject: &str) {
    #[cfg(feature = "tracing")]
    tracing::info!(subject, "changes reach other replicas");
}

pub(crate) fn lost(subject: &str, what: &'static str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(subject, what, "changes were lost; listeners re-read");
}

pub(crate) fn lame_duck(subject: &str) {
    #[cfg(feature = "tracing")]
    tracing::info!(subject, "the NATS server is about to close its connections");
}

pub(crate) fn junk(subject: &str, bytes: usize) {
    #[cfg(feature = "tracing")]
    tracing::debug!(subject, bytes, "what arrived is no message of a bus");
}

pub(crate) fn unsent(subject: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(subject, "the bus ended before all changes were sent");
}
