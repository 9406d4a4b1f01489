//! Clients that talk to the replicas through the balancer, and check every answer.

mod announce;
mod book;
mod client;
mod listener;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use book::{Announced, Book, Fault, Heard};
pub use client::{LISTENER_PATIENCE, Retry};

use crate::process::until;
use crate::{Chance, Failed};

/// How long listeners have at the end to learn of the newest change.
const SETTLE: Duration = Duration::from_secs(15);
/// How long a worker may take to answer for its last call.
const LAST_CALL: Duration = Duration::from_secs(45);

/// Who is in a crew.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The endpoint, as the balancer has it.
    pub url: String,
    /// What chance comes from.
    pub seed: u64,
    /// How many workers try again what failed.
    pub retrying: usize,
    /// How many workers take what comes.
    pub plain: usize,
    /// How many listen for changes, and try again when they read.
    pub listeners: usize,
    /// Whether listeners try again what failed, which is apart from opening a lost subscription
    /// again: that they always do.
    pub listeners_retry: bool,
    /// Whether something on the way sends requests twice, so that changes are announced twice.
    pub sent_twice: bool,
}

impl Plan {
    /// A crew of some of each.
    pub fn new(url: String, seed: u64) -> Self {
        Self {
            url,
            seed,
            retrying: 6,
            plain: 6,
            listeners: 8,
            listeners_retry: true,
            sent_twice: false,
        }
    }

    /// How many workers of both kinds there are.
    pub fn workers(mut self, retrying: usize, plain: usize) -> Self {
        (self.retrying, self.plain) = (retrying, plain);
        self
    }

    /// Expects that requests reach the servers twice.
    pub fn sent_twice(mut self) -> Self {
        self.sent_twice = true;
        self
    }

    /// Has listeners take what comes, too.
    pub fn without_retry(mut self) -> Self {
        self.plain += self.retrying;
        self.retrying = 0;
        self.listeners_retry = false;
        self
    }
}

/// A crew at work. Dropping it ends all of it at once.
#[derive(Debug)]
pub struct Crew {
    book: Arc<Book>,
    stop: watch::Sender<bool>,
    workers: JoinSet<()>,
    listeners: JoinSet<()>,
}

impl Crew {
    /// Begins.
    pub fn start(plan: &Plan) -> Result<Self, Failed> {
        let book = Arc::new(Book::new(plan.sent_twice));
        let (stop, stopped) = watch::channel(false);
        let (mut workers, mut listeners) = (JoinSet::new(), JoinSet::new());
        let kinds = [
            ("retrying", plan.retrying, Retry::All),
            ("plain", plan.plain, Retry::None),
        ];
        for (kind, count, retry) in kinds {
            for number in 1..=count {
                let name = format!("{kind} worker {number}");
                let chance = Chance::new(plan.seed, &name);
                let client = client::client(&plan.url, retry, &book)?;
                let worker = work::Worker::new(name, retry, client, chance, Arc::clone(&book));
                workers.spawn(worker.run(stopped.clone()));
            }
        }
        let announcer = client::client(&plan.url, Retry::None, &book)?;
        let chance = Chance::new(plan.seed, "announcer");
        workers.spawn(announce::run(
            announcer,
            chance,
            Arc::clone(&book),
            stopped.clone(),
        ));
        let retry = if plan.listeners_retry {
            Retry::All
        } else {
            Retry::None
        };
        for number in 0..plan.listeners {
            let client = client::client(&plan.url, retry, &book)?;
            book.heard(number, |_| {});
            listeners.spawn(listener::run(number, client, retry, Arc::clone(&book)));
        }
        Ok(Self {
            book,
            stop,
            workers,
            listeners,
        })
    }

    /// What it has written down so far.
    pub fn book(&self) -> &Arc<Book> {
        &self.book
    }

    /// Lets everybody finish, and listeners hear of the newest change. Gives what was written down.
    pub async fn finish(mut self) -> Arc<Book> {
        self.stop.send_replace(true);
        let all = async {
            while let Some(ended) = self.workers.join_next().await {
                if let Err(error) = ended {
                    self.book.wrong(format!("a worker: {error}"));
                }
            }
        };
        if tokio::time::timeout(LAST_CALL, all).await.is_err() {
            let left = self.workers.len();
            let why = format!("{left} workers still wait for an answer after {LAST_CALL:?}");
            self.book.wrong(why);
        }
        let newest = self.book.newest();
        let book = Arc::clone(&self.book);
        let settled = until(SETTLE, async || book.behind(newest).is_empty()).await;
        if !settled {
            for (listener, known) in book.behind(newest) {
                let why = format!("listener {listener} knows of change {known}, not of {newest}");
                book.wrong(why);
            }
        }
        self.listeners.shutdown().await;
        self.book
    }
}
