//! How often and how soon a process is started again (STDIO-27). No clock of its own: it is told
//! what time it is.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::super::error::{Error, Loss};
use super::super::limits::Limits;

#[derive(Debug)]
pub(super) struct Restarts {
    /// The starts within the window, the oldest first: one more than the budget at most.
    starts: VecDeque<Instant>,
    budget: usize,
    window: Duration,
    backoff: Duration,
    max_backoff: Duration,
    /// How the last process ended.
    last: Option<Loss>,
}

impl Restarts {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            starts: VecDeque::new(),
            budget: limits.restarts,
            window: limits.restart_window,
            backoff: limits.backoff,
            max_backoff: limits.max_backoff,
            last: None,
        }
    }

    /// How long to wait before the next start.
    pub(super) fn pause(&mut self, now: Instant) -> Result<Duration, Error> {
        self.forget(now);
        let Some(earlier) = self.starts.len().checked_sub(1) else {
            return Ok(Duration::ZERO);
        };
        if earlier >= self.budget {
            let oldest = self.starts.front().copied().unwrap_or(now);
            let age = now.saturating_duration_since(oldest);
            return Err(Error::GivenUp {
                restarts: self.budget,
                window: self.window,
                retry_after: self.window.saturating_sub(age),
                last: self.last.clone(),
            });
        }
        let doublings = u32::try_from(earlier).unwrap_or(u32::MAX).min(31);
        let pause = self.backoff.saturating_mul(1 << doublings);
        Ok(jittered(pause.min(self.max_backoff)))
    }

    /// A process was started, or could not be.
    pub(super) fn started(&mut self, now: Instant) {
        self.forget(now);
        self.starts.push_back(now);
    }

    /// A process has ended.
    pub(super) fn ended(&mut self, loss: Loss) {
        self.last = Some(loss);
    }

    fn forget(&mut self, now: Instant) {
        while let Some(oldest) = self.starts.front()
            && now.saturating_duration_since(*oldest) >= self.window
        {
            self.starts.pop_front();
        }
    }
}

/// Between half and all of it, so that many that failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause / 1000 * fastrand::u32(500..=1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restarts() -> Restarts {
        let limits = Limits::default()
            .restarts(3)
            .restart_window(Duration::from_secs(60))
            .backoff(Duration::from_millis(100))
            .max_backoff(Duration::from_millis(300));
        Restarts::new(&limits)
    }

    #[test]
    fn stdio_27_pauses_grow_until_the_budget_is_used_up() {
        let mut restarts = restarts();
        let mut now = Instant::now();
        assert_eq!(restarts.pause(now).unwrap(), Duration::ZERO);
        restarts.started(now);
        for most in [100, 200, 300] {
            let most = Duration::from_millis(most);
            let pause = restarts.pause(now).unwrap();
            assert!(pause >= most / 2 && pause <= most, "{pause:?}");
            now += Duration::from_secs(1);
            restarts.started(now);
        }
        let error = restarts.pause(now).unwrap_err();
        assert!(
            matches!(error, Error::GivenUp { restarts: 3, retry_after, .. } if retry_after == Duration::from_secs(57)),
            "{error:?}"
        );
        // The first start is forgotten, and one more is possible.
        now += Duration::from_secs(57);
        restarts.pause(now).unwrap();
        restarts.started(now);
        restarts.pause(now).unwrap_err();
        now += Duration::from_secs(60);
        assert_eq!(restarts.pause(now).unwrap(), Duration::ZERO);
    }
}
