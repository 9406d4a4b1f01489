//! Something that a task waits for beside what it is woken for all the time.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::bell::Bell;

/// A future that is polled after it was woken itself, and not whenever its task is.
pub(crate) struct Aside<'a, F> {
    future: Pin<&'a mut F>,
    bell: Bell,
}

impl<'a, F: Future> Aside<'a, F> {
    pub(crate) fn new(future: Pin<&'a mut F>) -> Self {
        let bell = Bell::new();
        Self { future, bell }
    }

    /// Looks at the future if it has something to tell. Not to be called after its end.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<F::Output> {
        self.bell.wakes(cx.waker());
        if !self.bell.has_rung() {
            return Poll::Pending;
        }
        self.bell.listen();
        let mut own = Context::from_waker(self.bell.waker());
        self.future.as_mut().poll(&mut own)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use tokio::sync::Notify;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn it_is_looked_at_when_it_was_woken_and_the_task_with_it() {
        let (first, second) = (Notify::new(), Notify::new());
        let looks = Cell::new(0);
        let future = async {
            let mut waiting = pin!(async {
                first.notified().await;
                second.notified().await;
            });
            poll_fn(|cx| {
                looks.set(looks.get() + 1);
                waiting.as_mut().poll(cx)
            })
            .await;
        };
        let mut future = pin!(future);
        let (task, other) = (Arc::new(Task::default()), Arc::new(Task::default()));
        let (waker, another) = (Waker::from(task.clone()), Waker::from(other.clone()));
        let mut aside = Aside::new(future.as_mut());
        for _ in 0..5 {
            assert!(aside.poll(&Context::from_waker(&waker)).is_pending());
        }
        first.notify_one();
        assert_eq!(task.0.load(Ordering::Relaxed), 1);
        for _ in 0..5 {
            assert!(aside.poll(&Context::from_waker(&another)).is_pending());
        }
        second.notify_one();
        assert_eq!(task.0.load(Ordering::Relaxed), 1);
        assert_eq!(other.0.load(Ordering::Relaxed), 1);
        assert!(aside.poll(&Context::from_waker(&another)).is_ready());
        assert_eq!(looks.get(), 3);
    }
}
