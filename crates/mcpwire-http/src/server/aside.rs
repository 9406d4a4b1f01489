//! Something that a task waits for beside what it is woken for all the time.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A future that is polled after it was woken itself, and not whenever its task is.
pub(crate) struct Aside<'a, F> {
    future: Pin<&'a mut F>,
    bell: Arc<Bell>,
    waker: Waker,
    /// The task that [`Bell::task`] has, to know it without a lock.
    task: Waker,
}

struct Bell {
    rung: AtomicBool,
    task: Mutex<Waker>,
}

impl<'a, F: Future> Aside<'a, F> {
    pub(crate) fn new(future: Pin<&'a mut F>) -> Self {
        let bell = Arc::new(Bell {
            rung: AtomicBool::new(true),
            task: Mutex::new(Waker::noop().clone()),
        });
        Self {
            future,
            waker: Waker::from(Arc::clone(&bell)),
            bell,
            task: Waker::noop().clone(),
        }
    }

    /// Looks at the future if it has something to tell. Not to be called after its end.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<F::Output> {
        if !self.task.will_wake(cx.waker()) {
            self.task.clone_from(cx.waker());
            self.bell.watch(cx.waker());
        }
        // A bell that is rung after this wakes the task, which then looks again.
        if !self.bell.rung.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        self.bell.rung.swap(false, Ordering::AcqRel);
        let mut own = Context::from_waker(&self.waker);
        self.future.as_mut().poll(&mut own)
    }
}

impl Bell {
    fn watch(&self, task: &Waker) {
        let mut known = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone_from(task);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let task = task.clone();
        task.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::atomic::AtomicUsize;

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
