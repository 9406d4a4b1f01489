//! A bound on how long something may take, at no cost where it takes no time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

/// What the future comes to, or `None` if it takes longer.
///
/// To set a clock and to take it down again costs much beside a small request, and nearly all that is waited
/// for has come when it is looked at, or at the next look after that. So it is looked at `looks` times,
/// one right after the other, before a clock is set.
pub(crate) async fn within<F: Future>(
    limit: Duration,
    looks: usize,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = looks;
    let soon = poll_fn(|cx| {
        let outcome = future.as_mut().poll(cx);
        if outcome.is_pending() && left > 1 {
            left -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(outcome)
    });
    match soon.await {
        Poll::Ready(output) => Some(output),
        // Beside the future, which is kept in each exchange, and needs this in few.
        Poll::Pending => Box::pin(timeout(limit, future)).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// Is there at the look after so many.
    async fn after(looks: usize) {
        for _ in 0..looks {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn it_is_waited_for_before_and_after_a_clock_is_set() {
        for looks in 1..5 {
            let outcome = within(Duration::from_secs(60), looks, after(3)).await;
            assert_eq!(outcome, Some(()), "{looks} looks");
        }
    }

    #[tokio::test]
    async fn what_never_comes_is_given_up() {
        for looks in 1..5 {
            let outcome = within(Duration::from_millis(1), looks, pending::<()>()).await;
            assert_eq!(outcome, None, "{looks} looks");
        }
    }
}
