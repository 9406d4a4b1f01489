//! Every bound of this crate, with its default.

use std::time::Duration;

/// The bounds of a client: all finite unless told otherwise, all settable.
///
/// ```
/// use mcpwire_client::Limits;
/// let limits = Limits::default().max_rounds(3);
/// assert_eq!(limits.max_rounds, 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long the server may take to answer a request, 60 seconds by default; progress starts it
    /// anew (CANCEL-17). Time that handlers of input take does not count. Beyond it:
    /// [`Error::Timeout`](crate::Error::Timeout).
    pub timeout: Duration,
    /// How long a request may take in all, whatever progress there is; 10 minutes by default.
    pub max_timeout: Duration,
    /// How many times the server is given input for one call, 10 by default. Beyond it:
    /// [`Error::Rounds`](crate::Error::Rounds) (MRTR-16).
    pub max_rounds: usize,
    /// The most input requests in one answer, 32 by default. Beyond it:
    /// [`Error::Input`](crate::Error::Input).
    pub max_input_requests: usize,
    /// The most pages of one list, 1000 by default. Beyond it:
    /// [`Error::Pages`](crate::Error::Pages) (PAGE-12).
    pub max_pages: usize,
    /// How many definitions of tools are remembered, 10,000 by default. Beyond it the oldest are
    /// forgotten; their calls are as those of tools that were never listed.
    pub max_tools: usize,
    /// The longest schema that is looked into, in bytes; 512 KiB by default. Tools with a longer one
    /// are listed, with nothing remembered of them.
    pub max_schema_bytes: usize,
    /// The most answers that the cache holds, 256 by default. Beyond it those that end first go.
    pub max_cache_entries: usize,
    /// How many bytes they may have together, 16 MiB by default.
    pub max_cache_bytes: usize,
    /// For how long an answer is cached at most, whatever the server says; an hour by default.
    pub max_cache_age: Duration,
    /// How long to wait before a lost subscription is opened again, 500 ms by default; twice as long
    /// after each failure, and up to half of it more or less by chance.
    pub listen_backoff: Duration,
    /// The longest such wait, 30 seconds by default.
    pub max_listen_backoff: Duration,
    /// How many times in a row a subscription may be lost, or not be opened, before it is given up;
    /// 10 by default. One that has lasted for `max_listen_backoff` counts as opened.
    pub max_listen_attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            max_timeout: Duration::from_secs(600),
            max_rounds: 10,
            max_input_requests: 32,
            max_pages: 1000,
            max_tools: 10_000,
            max_schema_bytes: 512 * 1024,
            max_cache_entries: 256,
            max_cache_bytes: 16 * 1024 * 1024,
            max_cache_age: Duration::from_secs(3600),
            listen_backoff: Duration::from_millis(500),
            max_listen_backoff: Duration::from_secs(30),
            max_listen_attempts: 10,
        }
    }
}

/// Writes a setter for each bound.
macro_rules! setters {
    ($($name:ident: $kind:ty,)*) => {
        impl Limits {
            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](Self#structfield.", stringify!($name), ").")]
                pub fn $name(mut self, $name: $kind) -> Self {
                    self.$name = $name;
                    self
                }
            )*
        }
    };
}

setters! {
    timeout: Duration,
    max_timeout: Duration,
    max_rounds: usize,
    max_input_requests: usize,
    max_pages: usize,
    max_tools: usize,
    max_schema_bytes: usize,
    max_cache_entries: usize,
    max_cache_bytes: usize,
    max_cache_age: Duration,
    listen_backoff: Duration,
    max_listen_backoff: Duration,
    max_listen_attempts: u32,
}
