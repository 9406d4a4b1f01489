//! A bound on how long something may take, at no cost where it takes no time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

/// What the future comes to, or `None` if it takes longer.
///
/// To set a clock and to take it down again costs much beside a small request, and nearly all that is waited
/// for has come when it is looked at, or at the next look after that. So it is looked at `looks` times,
/// one right after the other, before a clock is set.
#[expect(
    clippy::manual_async_fn,
    reason = "an async fn keeps room for each argument twice"
)]
pub(crate) fn within<F: Future>(
    limit: Duration,
    looks: usize,
    future: F,
) -> impl Future<Output = Option<F::Output>> {
    async move {
        let mut future = pin!(future);
        let mut left = looks;
        // Beside this future, which is kept in each exchange, and needs it in few.
        let mut clock = None;
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            if left > 1 {
                left -= 1;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let clock = clock.get_or_insert_with(|| Box::pin(sleep(limit)));
            clock.as_mut().poll(cx).map(|()| None)
        })
        .await
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
