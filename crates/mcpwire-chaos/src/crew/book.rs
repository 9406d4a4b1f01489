//! What a crew writes down: how often what went well, each fault, and who heard of which change.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mcpwire::client::Error;
use tokio::time::Instant;

use super::Retry;

/// How far a later change may overtake an earlier one that was announced by another replica.
const OVERTAKING: u64 = 3;

/// A call that has no result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fault {
    /// Whose call.
    pub who: String,
    /// What was called.
    pub what: &'static str,
    /// Why there is no result.
    pub why: String,
    /// Whether it is plain that the server may not have answered: the way was broken.
    pub clean: bool,
    /// Whether it had been tried again.
    pub retry: Retry,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.who, self.what, self.why)
    }
}

/// One change, as whoever announced it knows of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Announced {
    /// When it was sent for the first time.
    pub begun: Instant,
    /// Whether there was an answer.
    pub done: bool,
    /// How many times it was sent.
    pub tries: u32,
}

/// What one listener has heard.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Heard {
    /// The number that it has read last.
    pub known: u64,
    /// How many times it was told that nothing was heard for a while: streams that ended in good order.
    pub closed: u64,
    /// The same, for streams that broke.
    pub lost: Vec<String>,
    /// Notifications that something was missed.
    pub missed: u64,
    /// Notifications of a change.
    pub notified: u64,
    /// Notifications of a change to the list of tools.
    pub tools: u64,
    /// How long notifications took since the change was sent.
    pub delays: Vec<Duration>,
    /// Changes heard of since the stream was opened.
    session: Vec<u64>,
}

/// Everything that a crew has written down.
#[derive(Debug, Default)]
pub struct Book {
    /// Requests that were sent again by the retry layer.
    pub sent_again: AtomicU64,
    /// Calls that were made again since their answer had broken off.
    pub made_again: AtomicU64,
    /// Whether every request reaches the servers twice.
    sent_twice: bool,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    well: BTreeMap<&'static str, u64>,
    slowest: Duration,
    wrong: Vec<String>,
    faults: Vec<Fault>,
    announced: BTreeMap<u64, Announced>,
    heard: BTreeMap<usize, Heard>,
}

impl Book {
    /// A book in which doubled notifications are wrong, unless every request is sent twice.
    pub(crate) fn new(sent_twice: bool) -> Self {
        Self {
            sent_twice,
            ..Self::default()
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something went as it should.
    pub(crate) fn well(&self, what: &'static str, took: Duration) {
        let mut pages = self.pages();
        *pages.well.entry(what).or_default() += 1;
        pages.slowest = pages.slowest.max(took);
    }

    /// Something must not happen at all.
    pub(crate) fn wrong(&self, why: String) {
        self.pages().wrong.push(why);
    }

    /// A call has no result.
    pub(crate) fn fault(&self, who: &str, what: &'static str, retry: Retry, error: &Error) {
        let clean = matches!(error, Error::Transport(_) | Error::Interrupted { .. });
        self.pages().faults.push(Fault {
            who: who.to_owned(),
            what,
            why: error.to_string(),
            clean,
            retry,
        });
    }

    /// A change is sent, perhaps not for the first time.
    pub(crate) fn announce(&self, serial: u64) {
        let mut pages = self.pages();
        let announced = pages.announced.entry(serial).or_insert(Announced {
            begun: Instant::now(),
            done: false,
            tries: 0,
        });
        announced.tries += 1;
    }

    /// The change was answered for.
    pub(crate) fn announced(&self, serial: u64) {
        if let Some(announced) = self.pages().announced.get_mut(&serial) {
            announced.done = true;
        }
    }

    /// The newest change that was answered for, and the newest that was sent.
    pub(crate) fn range(&self) -> (u64, u64) {
        let pages = self.pages();
        let mut newest = pages.announced.iter().rev();
        let done = newest.find(|(_, announced)| announced.done);
        let done = done.map_or(0, |(serial, _)| *serial);
        let sent = pages.announced.keys().next_back();
        (done, sent.copied().unwrap_or_default())
    }

    /// The newest change that was answered for.
    pub fn newest(&self) -> u64 {
        self.range().0
    }

    /// Listeners that do not know of this change, with what they know of.
    pub fn behind(&self, newest: u64) -> Vec<(usize, u64)> {
        let pages = self.pages();
        let heard = pages
            .heard
            .iter()
            .map(|(listener, heard)| (*listener, heard.known));
        heard.filter(|(_, known)| *known < newest).collect()
    }

    /// Looks at, or changes, what a listener has heard.
    pub(crate) fn heard<T>(&self, listener: usize, look: impl FnOnce(&mut Heard) -> T) -> T {
        look(self.pages().heard.entry(listener).or_default())
    }

    /// A listener was notified of a change.
    pub(crate) fn notified(&self, listener: usize, serial: u64) {
        let mut pages = self.pages();
        let Pages {
            announced,
            heard,
            wrong,
            ..
        } = &mut *pages;
        let heard = heard.entry(listener).or_default();
        heard.notified += 1;
        let Some(announced) = announced.get(&serial) else {
            let why = format!("listener {listener} hears of change {serial}, which was never made");
            wrong.push(why);
            return;
        };
        heard.delays.push(announced.begun.elapsed());
        // One that was sent twice may be heard of twice.
        if heard.session.contains(&serial) && announced.tries < 2 && !self.sent_twice {
            let why = format!("listener {listener} hears of change {serial} twice on one stream");
            wrong.push(why);
        }
        heard.session.push(serial);
    }

    /// A listener is told that it has missed something, which explains every hole until then.
    pub(crate) fn missed(&self, listener: usize) {
        self.heard(listener, |heard| {
            heard.missed += 1;
            heard.session.clear();
        });
    }

    /// The stream of a listener is over, or replaced: looks for holes in what was heard on it.
    pub(crate) fn session_over(&self, listener: usize) {
        let mut pages = self.pages();
        let heard = pages.heard.entry(listener).or_default();
        let mut session = std::mem::take(&mut heard.session);
        session.sort_unstable();
        let last = session.last().copied().unwrap_or_default();
        let first = session.first().copied().unwrap_or_default();
        let holes = (first..last.saturating_sub(OVERTAKING))
            .filter(|serial| session.binary_search(serial).is_err())
            .map(|serial| {
                format!(
                    "listener {listener} hears of changes {first} to {last} on one stream, but not \
                     of {serial}"
                )
            });
        pages.wrong.extend(holes);
    }

    /// How often what went well.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.pages().well.clone()
    }

    /// The longest that anything took which went well.
    pub fn slowest(&self) -> Duration {
        self.pages().slowest
    }

    /// What must not happen at all.
    pub fn wrongs(&self) -> Vec<String> {
        self.pages().wrong.clone()
    }

    /// Calls without a result.
    pub fn faults(&self) -> Vec<Fault> {
        self.pages().faults.clone()
    }

    /// What the listeners have heard.
    pub fn listeners(&self) -> Vec<Heard> {
        self.pages().heard.values().cloned().collect()
    }

    /// How many requests were sent again, and how many calls made again.
    pub fn again(&self) -> (u64, u64) {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (load(&self.sent_again), load(&self.made_again))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(serials: std::ops::RangeInclusive<u64>) -> Book {
        let book = Book::default();
        serials.for_each(|serial| {
            book.announce(serial);
            book.announced(serial);
        });
        book
    }

    #[test]
    fn a_change_heard_twice_is_wrong_unless_it_was_sent_twice() {
        let book = made(1..=2);
        book.announce(2);
        for serial in [1, 2, 2] {
            book.notified(0, serial);
        }
        assert_eq!(book.wrongs(), Vec::<String>::new());
        book.notified(0, 1);
        assert_eq!(book.wrongs().len(), 1);
    }

    #[test]
    fn a_hole_is_wrong_on_one_stream_and_not_between_two() {
        let book = made(1..=20);
        for serial in [1, 2, 4, 9, 10] {
            book.notified(0, serial);
            if serial == 4 {
                book.session_over(0);
            }
        }
        assert_eq!(book.wrongs(), Vec::<String>::new());
        book.notified(0, 20);
        book.session_over(0);
        assert_eq!(book.wrongs().len(), 6, "11 to 16");
        book.notified(1, 1);
        book.missed(1);
        book.notified(1, 20);
        book.session_over(1);
        assert_eq!(book.wrongs().len(), 6, "explained");
    }
}
