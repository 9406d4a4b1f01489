//! The changes that were told and did not come back from NATS yet.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::message::News;

/// NATS passes on what it gets at most once, and to the sender too. So what has come back was passed on,
/// and what has not is sent again, under its old number, when there is a new connection.
#[derive(Debug, Default)]
pub(crate) struct Window {
    sent: VecDeque<Sent>,
    last: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) seq: u64,
    pub(crate) news: News,
    pub(crate) at: Instant,
}

impl Window {
    /// The number of the next change.
    pub(crate) fn add(&mut self, news: News, at: Instant) -> Sent {
        self.last += 1;
        let sent = Sent {
            seq: self.last,
            news,
            at,
        };
        self.sent.push_back(sent.clone());
        sent
    }

    /// Everything up to `seq` has come back; how many these were.
    pub(crate) fn confirm(&mut self, seq: u64) -> u64 {
        let mut confirmed = 0;
        while self.sent.front().is_some_and(|sent| sent.seq <= seq) {
            self.sent.pop_front();
            confirmed += 1;
        }
        confirmed
    }

    /// What has to be sent again, as if it were sent now.
    pub(crate) fn again(&mut self, now: Instant) -> Vec<Sent> {
        for sent in &mut self.sent {
            sent.at = now;
        }
        self.sent.iter().cloned().collect()
    }

    /// The last number before those that have not come back.
    pub(crate) fn before(&self) -> u64 {
        let first = self.sent.front();
        first.map_or(self.last, |sent| sent.seq.saturating_sub(1))
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.sent.front().map(|sent| sent.at)
    }

    pub(crate) fn len(&self) -> usize {
        self.sent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_is_not_sent_again() {
        let now = Instant::now();
        let mut window = Window::default();
        for news in [News::Tools, News::Prompts, News::Resources] {
            window.add(news, now);
        }
        assert_eq!(window.confirm(1), 1);
        assert_eq!(window.confirm(1), 0);
        assert_eq!((window.before(), window.last(), window.len()), (1, 3, 2));
        let again: Vec<_> = window.again(now).iter().map(|sent| sent.seq).collect();
        assert_eq!(again, [2, 3]);
        assert_eq!(window.confirm(u64::MAX), 2);
        assert_eq!((window.before(), window.oldest()), (3, None));
    }
}
