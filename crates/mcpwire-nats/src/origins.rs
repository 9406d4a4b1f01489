//! The other replicas, as far as their messages have numbers.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::message::{Body, Message, Origin};

/// Up to which number each origin was heard: what tells a repeated message from a lost one.
#[derive(Debug)]
pub(crate) struct Origins {
    heard: HashMap<Origin, Heard>,
    capacity: usize,
    forget_after: Duration,
    /// Until then an origin that is not known may simply not have spoken yet.
    settled_at: Instant,
}

#[derive(Debug)]
struct Heard {
    seq: u64,
    at: Instant,
    /// A connection was lost since: what was missed meanwhile is known and told.
    stale: bool,
}

/// What a message of another replica is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A change that was not heard yet.
    Fresh,
    /// Nothing that was not heard before.
    Old,
    /// Something before it was never heard.
    Gap,
}

impl Origins {
    pub(crate) fn new(capacity: usize, forget_after: Duration) -> Self {
        Self {
            heard: HashMap::new(),
            capacity: capacity.max(1),
            forget_after,
            settled_at: Instant::now(),
        }
    }

    /// A connection begins: what was lost before it is told once and for all, and no gap any more.
    pub(crate) fn begin(&mut self, settled_at: Instant) {
        self.settled_at = settled_at;
        for heard in self.heard.values_mut() {
            heard.stale = true;
        }
    }

    pub(crate) fn hear(&mut self, message: &Message, now: Instant) -> Verdict {
        let before = match message.body {
            Body::News(_) => message.seq.saturating_sub(1),
            Body::Alive { .. } => message.seq,
        };
        let Some(heard) = self.heard.get_mut(&message.origin) else {
            // Who begins to speak when all others have spoken is new, or was forgotten.
            let lost = before > 0 && now > self.settled_at;
            self.insert(message, now);
            return verdict(lost, message);
        };
        heard.at = now;
        if message.seq <= heard.seq {
            return Verdict::Old;
        }
        let lost = before > heard.seq && !heard.stale;
        heard.seq = message.seq;
        heard.stale = false;
        verdict(lost, message)
    }

    fn insert(&mut self, message: &Message, now: Instant) {
        if self.heard.len() >= self.capacity {
            self.make_room();
        }
        let heard = Heard {
            seq: message.seq,
            at: now,
            stale: false,
        };
        self.heard.insert(message.origin, heard);
    }

    fn make_room(&mut self) {
        let oldest = self.heard.iter().min_by_key(|(_, heard)| heard.at);
        if let Some(origin) = oldest.map(|(origin, _)| *origin) {
            self.heard.remove(&origin);
        }
    }

    /// Forgets who was not heard for long.
    pub(crate) fn sweep(&mut self, now: Instant) {
        self.heard
            .retain(|_, heard| now.duration_since(heard.at) < self.forget_after);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.heard.len()
    }
}

fn verdict(lost: bool, message: &Message) -> Verdict {
    match message.body {
        _ if lost => Verdict::Gap,
        Body::News(_) => Verdict::Fresh,
        Body::Alive { .. } => Verdict::Old,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::News;

    fn news(origin: u128, seq: u64) -> Message {
        Message {
            origin: Origin(origin),
            seq,
            body: Body::News(News::Tools),
        }
    }

    fn alive(origin: u128, seq: u64) -> Message {
        Message {
            body: Body::Alive { beat: 1 },
            ..news(origin, seq)
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn each_number_is_fresh_once_and_a_hole_is_a_gap() {
        let now = Instant::now();
        let mut origins = Origins::new(8, MINUTE);
        origins.begin(now);
        let mut hear = |message| origins.hear(&message, now);
        assert_eq!(hear(news(1, 1)), Verdict::Fresh);
        assert_eq!(hear(news(1, 1)), Verdict::Old);
        assert_eq!(hear(news(1, 2)), Verdict::Fresh);
        assert_eq!(hear(alive(1, 2)), Verdict::Old);
        assert_eq!(hear(news(1, 4)), Verdict::Gap);
        assert_eq!(hear(alive(1, 6)), Verdict::Gap);
        assert_eq!(hear(alive(1, 6)), Verdict::Old);
        assert_eq!(hear(news(1, 7)), Verdict::Fresh);
    }

    #[test]
    fn a_hole_over_a_lost_connection_is_no_second_gap() {
        let now = Instant::now();
        let mut origins = Origins::new(8, MINUTE);
        origins.begin(now);
        assert_eq!(origins.hear(&news(1, 1), now), Verdict::Fresh);
        origins.begin(now);
        assert_eq!(origins.hear(&news(1, 9), now), Verdict::Fresh);
        assert_eq!(origins.hear(&news(1, 11), now), Verdict::Gap);
    }

    #[test]
    fn who_is_unknown_late_may_have_been_missed() {
        let now = Instant::now();
        let late = now + MINUTE;
        let mut origins = Origins::new(8, MINUTE);
        origins.begin(now);
        assert_eq!(origins.hear(&alive(1, 5), now), Verdict::Old);
        assert_eq!(origins.hear(&alive(2, 0), late), Verdict::Old);
        assert_eq!(origins.hear(&news(3, 1), late), Verdict::Fresh);
        assert_eq!(origins.hear(&alive(4, 5), late), Verdict::Gap);
        assert_eq!(origins.hear(&news(5, 2), late), Verdict::Gap);
    }

    #[test]
    fn the_table_is_bounded_and_forgets() {
        let now = Instant::now();
        let mut origins = Origins::new(2, MINUTE);
        for origin in 1..=5 {
            let at = now + Duration::from_secs(u64::try_from(origin).unwrap_or(0));
            origins.hear(&news(origin, 1), at);
        }
        assert_eq!(origins.len(), 2);
        origins.sweep(now + MINUTE + Duration::from_secs(4));
        assert_eq!(origins.len(), 1);
        origins.sweep(now + MINUTE + MINUTE);
        assert_eq!(origins.len(), 0);
    }
}
