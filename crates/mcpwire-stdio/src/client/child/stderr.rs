//! What a process writes to `stderr`: always read, so that it never blocks (STDIO-09), and the end of
//! it kept, for whoever asks why the process has ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::Life;
use super::command::Sink;

/// As much is read at once.
const READ: usize = 8 * 1024;

/// The last bytes of something that has no end.
#[derive(Debug)]
pub(super) struct Tail {
    kept: Mutex<Vec<u8>>,
    limit: usize,
}

impl Tail {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: Mutex::default(),
            limit,
        }
    }

    pub(super) fn clear(&self) {
        self.kept().clear();
    }

    /// Up to twice the limit is held, so that few bytes are moved.
    fn push(&self, bytes: &[u8]) {
        let mut kept = self.kept();
        kept.extend_from_slice(bytes);
        if kept.len() > self.limit.saturating_mul(2) {
            let surplus = kept.len() - self.limit;
            kept.drain(..surplus);
        }
    }

    pub(super) fn text(&self) -> String {
        let kept = self.kept();
        let surplus = kept.len().saturating_sub(self.limit);
        String::from_utf8_lossy(kept.get(surplus..).unwrap_or_default()).into_owned()
    }

    /// Nothing panics while it holds the lock.
    fn kept(&self) -> MutexGuard<'_, Vec<u8>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads until the end.
pub(super) async fn drain(mut stderr: impl AsyncRead + Unpin, life: Arc<Life>, sink: Option<Sink>) {
    let mut buffer = vec![0; READ];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        let piece = buffer.get(..length).unwrap_or_default();
        life.tail.push(piece);
        if let Some(sink) = &sink {
            sink(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_the_end_of_everything() {
        let tail = Tail::new(4);
        for piece in ["", "a", "bc", "defghijklm", "n", "ü"] {
            tail.push(piece.as_bytes());
        }
        assert_eq!(tail.text(), "mnü");
        tail.push("xyz".as_bytes());
        assert_eq!(tail.text(), "\u{fffd}xyz");
        tail.clear();
        assert_eq!(tail.text(), "");
    }
}
