//! How long clients may keep an answer, and for whom (CACHE rows).

use std::time::Duration;

use mcpwire_types::method;

/// `ttlMs` and `cacheScope` of an answer (CACHE-02).
///
/// The default is stale at once and private, which is never wrong. A hint is no access control
/// (CACHE-25).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheHint {
    ttl: Duration,
    public: bool,
}

impl CacheHint {
    /// Anybody may keep it and hand it to anybody, shared gateways included: only for what is the
    /// same for every user (CACHE-22, CACHE-23).
    pub const fn public(ttl: Duration) -> Self {
        Self { ttl, public: true }
    }

    /// Only whoever asked may use it again (CACHE-21).
    pub const fn private(ttl: Duration) -> Self {
        Self { ttl, public: false }
    }

    /// `ttlMs`: whole milliseconds (CACHE-04, CACHE-05), at most 2^53-1 so that every reader gets
    /// the same number.
    pub(crate) fn ttl_ms(self) -> i64 {
        const MAX: i64 = (1 << 53) - 1;
        i64::try_from(self.ttl.as_millis()).map_or(MAX, |ms| ms.min(MAX))
    }

    /// `cacheScope`.
    pub(crate) fn scope(self) -> &'static str {
        if self.public { "public" } else { "private" }
    }
}

/// One hint for each method whose answers carry one (CACHE-01).
#[derive(Clone, Debug, Default)]
pub(crate) struct CacheHints {
    pub(crate) discover: CacheHint,
    pub(crate) tools: CacheHint,
    pub(crate) prompts: CacheHint,
    pub(crate) resources: CacheHint,
    pub(crate) templates: CacheHint,
    pub(crate) read: CacheHint,
}

impl CacheHints {
    /// The hint of a method, or nothing where answers carry none (CACHE-03).
    pub(crate) fn of(&mut self, name: &str) -> Option<&mut CacheHint> {
        Some(match name {
            method::SERVER_DISCOVER => &mut self.discover,
            method::TOOLS_LIST => &mut self.tools,
            method::PROMPTS_LIST => &mut self.prompts,
            method::RESOURCES_LIST => &mut self.resources,
            method::RESOURCES_TEMPLATES_LIST => &mut self.templates,
            method::RESOURCES_READ => &mut self.read,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_38_a_huge_ttl_stays_a_number_that_everybody_reads_alike() {
        assert_eq!(
            CacheHint::public(Duration::MAX).ttl_ms(),
            9_007_199_254_740_991
        );
        assert_eq!(
            CacheHint::private(Duration::from_millis(1500)).ttl_ms(),
            1500
        );
        assert_eq!(CacheHint::default().ttl_ms(), 0);
    }
}
