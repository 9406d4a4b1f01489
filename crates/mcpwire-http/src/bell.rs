//! What wakes a task, while it listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// Wakes a task once, and then not before it listens again. At first nobody does.
pub(crate) struct Bell {
    clapper: Arc<Clapper>,
    waker: Waker,
    /// The task that is woken, to know it without a lock.
    task: Waker,
}

struct Clapper {
    /// It has been rung, or nobody listens, which is the same.
    rung: AtomicBool,
    task: Mutex<Waker>,
}

impl Bell {
    pub(crate) fn new() -> Self {
        let clapper = Arc::new(Clapper {
            rung: AtomicBool::new(true),
            task: Mutex::new(Waker::noop().clone()),
        });
        Self {
            waker: Waker::from(Arc::clone(&clapper)),
            clapper,
            task: Waker::noop().clone(),
        }
    }

    /// Rings it.
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// From here on it is this task that is woken.
    pub(crate) fn wakes(&mut self, task: &Waker) {
        if !self.task.will_wake(task) {
            self.task.clone_from(task);
            self.clapper.task().clone_from(task);
        }
    }

    /// Whether it has been rung since somebody listened.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn has_rung(&self) -> bool {
        self.clapper.rung.load(Ordering::Relaxed)
    }

    /// Wakes the task from here on. What rang before has to be looked at after this: neither side could be
    /// sure to see the other if this were but a store.
    pub(crate) fn listen(&self) {
        self.clapper.rung.swap(false, Ordering::AcqRel);
    }

    /// Wakes nobody from here on.
    #[cfg(any(test, feature = "client"))]
    pub(crate) fn ignore(&self) {
        self.clapper.rung.store(true, Ordering::Relaxed);
    }
}

impl Clapper {
    fn task(&self) -> MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Clapper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            let task = self.task().clone();
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

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
    fn a_task_is_woken_once_while_it_listens() {
        let (first, second) = (Arc::new(Task::default()), Arc::new(Task::default()));
        let woken = || [&first, &second].map(|task| task.0.load(Ordering::Relaxed));
        let mut bell = Bell::new();
        bell.wakes(&Waker::from(Arc::clone(&first)));
        bell.waker().wake_by_ref();
        assert_eq!(woken(), [0, 0]);
        bell.listen();
        assert!(!bell.has_rung());
        bell.waker().wake_by_ref();
        bell.waker().wake_by_ref();
        assert!(bell.has_rung());
        assert_eq!(woken(), [1, 0]);
        bell.wakes(&Waker::from(Arc::clone(&second)));
        bell.listen();
        bell.waker().wake_by_ref();
        assert_eq!(woken(), [1, 1]);
        bell.listen();
        bell.ignore();
        bell.waker().wake_by_ref();
        assert_eq!(woken(), [1, 1]);
    }
}
