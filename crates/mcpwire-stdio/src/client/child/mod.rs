//! A child process as a `Service`.
//!
//! One task, the supervisor, owns the process, its connection and everything around it. The process
//! leads a process group of its own, and whatever stays in that group ends with it.

mod command;
mod group;
mod guard;
mod restarts;
mod stderr;
mod supervisor;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};

use mcpwire_service::{Reply, Request, Service};

pub use command::Command;

use super::error::Error;
use super::handle::{Client, ResponseFuture};
use super::stats::Stats;
use stderr::Tail;

/// A server that runs as a child process (STDIO-01). [`Command::start`] makes it.
///
/// The process is started when a request needs it, and again after it has ended (STDIO-21): what was
/// in flight fails at once with [`Loss::Exited`](super::Loss::Exited), and the next call goes to a
/// new process, after a pause that grows and has a random part, until
/// [`Limits::restarts`](super::Limits::restarts) are used up (STDIO-27). No request is sent twice by
/// itself. Listen streams of the old process have to be opened again (STDIO-22).
///
/// Clones share the process. When the last handle and the last reply are dropped, or upon
/// [`Child::close`], it is ended: its `stdin` is closed, and after
/// [`Limits::exit_grace`](super::Limits::exit_grace) its process group gets `SIGTERM`, and after
/// [`Limits::term_grace`](super::Limits::term_grace) `SIGKILL` (STDIO-17, STDIO-18). Where the
/// runtime ends first, the group is killed at once; so wait for [`Child::close`] at the end of `main`.
#[derive(Clone)]
pub struct Child {
    client: Client,
    life: Arc<Life>,
}

impl Child {
    /// Ends the process, and waits until it is gone. What is in flight fails with
    /// [`Loss::Closed`](super::Loss::Closed), and so does every later call.
    pub async fn close(&self) {
        self.client.close().await;
    }

    /// The process ID of the process that runs now, if one does.
    pub fn id(&self) -> Option<u32> {
        match self.life.id.load(Ordering::Relaxed) {
            0 => None,
            id => Some(id),
        }
    }

    /// How many processes were started so far.
    pub fn starts(&self) -> u64 {
        self.life.starts.load(Ordering::Relaxed)
    }

    /// The end of what the last process has written to `stderr`, see
    /// [`Limits::stderr_tail`](super::Limits::stderr_tail); lossy UTF-8. It is no sign of failure
    /// (STDIO-08).
    pub fn stderr_tail(&self) -> String {
        self.life.tail.text()
    }

    /// What was dropped so far that the processes sent, in numbers.
    pub fn stats(&self) -> Stats {
        self.client.stats()
    }
}

impl Service<Request> for Child {
    type Response = Reply;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.client.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        self.client.call(request)
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .field("starts", &self.starts())
            .finish_non_exhaustive()
    }
}

/// What handles can see of the processes.
#[derive(Debug)]
struct Life {
    /// 0 stands for none.
    id: AtomicU32,
    starts: AtomicU64,
    tail: Tail,
}

impl Life {
    fn new(stderr_tail: usize) -> Self {
        Self {
            id: AtomicU32::new(0),
            starts: AtomicU64::new(0),
            tail: Tail::new(stderr_tail),
        }
    }
}
