//! How many subscriptions may be open, for all callers and for one, and what became of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mcpwire_service::Principal;
use mcpwire_types::Error;

use crate::limits::Limits;

/// What became of the `subscriptions/listen` requests of a [`Router`](crate::Router) since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenStats {
    /// Streams that are open at this moment.
    pub open: u64,
    /// Streams that were opened.
    pub opened: u64,
    /// Requests that were refused at [`Limits::max_subscriptions`].
    pub refused: u64,
    /// Requests that were refused at [`Limits::max_subscriptions_per_principal`].
    pub refused_per_principal: u64,
    /// Streams that ended at [`Limits::max_subscription_age`].
    pub aged: u64,
    /// Streams that ended because the transport was about to close.
    pub drained: u64,
}

/// Counts subscriptions; shared by all of a router's.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    open: Mutex<Open>,
    opened: AtomicU64,
    refused: AtomicU64,
    refused_per_principal: AtomicU64,
    pub(super) aged: AtomicU64,
    pub(super) drained: AtomicU64,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    /// Only those that have some.
    by_principal: HashMap<Principal, usize>,
}

impl Budget {
    /// A place for one more subscription, for as long as what is returned lives.
    pub(super) fn admit(
        self: &Arc<Self>,
        principal: Option<&Principal>,
        limits: &Limits,
    ) -> Result<Admitted, Error<'static>> {
        let mut open = self.lock();
        if open.all >= limits.max_subscriptions {
            count(&self.refused);
            return Err(full(
                limits.max_subscriptions,
                "in all",
                "max_subscriptions",
            ));
        }
        if let Some(principal) = principal {
            let limit = limits.max_subscriptions_per_principal;
            let held = open
                .by_principal
                .get(principal)
                .copied()
                .unwrap_or_default();
            if held >= limit {
                count(&self.refused_per_principal);
                return Err(full(limit, "of yours", "max_subscriptions_per_principal"));
            }
            open.by_principal.insert(principal.clone(), held + 1);
        }
        open.all += 1;
        count(&self.opened);
        Ok(Admitted {
            budget: Arc::clone(self),
            principal: principal.cloned(),
        })
    }

    pub(crate) fn stats(&self) -> ListenStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ListenStats {
            open: self.lock().all as u64,
            opened: read(&self.opened),
            refused: read(&self.refused),
            refused_per_principal: read(&self.refused_per_principal),
            aged: read(&self.aged),
            drained: read(&self.drained),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The server is at its bound, which is no mistake of the client.
fn full(limit: usize, whose: &str, name: &str) -> Error<'static> {
    Error::internal(format!(
        "{limit} subscriptions {whose} are open, which is the limit ({name}): end one of them or try again later"
    ))
}

/// One open subscription.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) budget: Arc<Budget>,
    principal: Option<Principal>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.budget.lock();
        open.all = open.all.saturating_sub(1);
        let Some(principal) = &self.principal else {
            return;
        };
        match open.by_principal.get_mut(principal) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(open.by_principal.remove(principal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let budget = Arc::new(Budget::default());
        let limits = Limits::default()
            .max_subscriptions(3)
            .max_subscriptions_per_principal(2);
        let (ada, eve) = (Principal::new("ada"), Principal::new("eve"));
        let one = budget.admit(Some(&ada), &limits).unwrap();
        let two = budget.admit(Some(&ada), &limits).unwrap();
        let error = budget.admit(Some(&ada), &limits).unwrap_err();
        assert!(
            error.message.contains("max_subscriptions_per_principal"),
            "{}",
            error.message
        );
        let three = budget.admit(Some(&eve), &limits).unwrap();
        for principal in [Some(&ada), Some(&eve), None] {
            let error = budget.admit(principal, &limits).unwrap_err();
            assert!(
                error.message.contains("(max_subscriptions)"),
                "{}",
                error.message
            );
        }
        drop(one);
        drop(budget.admit(Some(&ada), &limits).unwrap());
        let stats = budget.stats();
        assert_eq!((stats.open, stats.opened), (2, 4));
        assert_eq!((stats.refused, stats.refused_per_principal), (3, 1));
        drop((two, three));
        assert_eq!(budget.stats().open, 0);
        assert!(budget.lock().by_principal.is_empty());
    }

    #[test]
    fn callers_without_a_name_share_the_whole() {
        let budget = Arc::new(Budget::default());
        let limits = Limits::default()
            .max_subscriptions(3)
            .max_subscriptions_per_principal(1);
        let places = [(); 3].map(|()| budget.admit(None, &limits));
        assert!(places.iter().all(Result::is_ok));
        assert!(budget.admit(None, &limits).is_err());
    }
}
