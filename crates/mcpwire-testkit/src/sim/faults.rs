//! What goes wrong, and how often.

use std::ops::RangeInclusive;
use std::time::Duration;

/// What goes wrong in a [`Network`](super::Network), and how often. When and where follows from the
/// seed.
///
/// All times are simulated. The default has some of everything; [`Faults::none`] is where to start from
/// for one kind at a time.
///
/// ```
/// use std::time::Duration;
///
/// use mcpwire_testkit::sim::Faults;
///
/// let ms = Duration::from_millis;
/// let faults = Faults::none().latency(ms(1)..=ms(50)).crashes(ms(2_000), ms(100)..=ms(500));
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    pub(super) latency: RangeInclusive<Duration>,
    pub(super) crashes: Option<Spells>,
    pub(super) max_down: usize,
    pub(super) holds: Option<Spells>,
    pub(super) losses: Option<Spells>,
    pub(super) cuts: u32,
    pub(super) duplicates: u32,
    pub(super) slow_readers: u32,
}

/// Something that begins again and again, and lasts for a while each time.
#[derive(Clone, Debug)]
pub(super) struct Spells {
    /// The mean time between two beginnings.
    pub(super) every: Duration,
    pub(super) lasting: RangeInclusive<Duration>,
}

impl Default for Faults {
    /// Latency from 1 to 20 ms; about every 3 seconds a crash, every 2 a link that is held and every
    /// 4 one that loses everything, for half a second or so; one answer in 20 is cut, one request in
    /// 20 sent twice; one connection in 10 is read slowly.
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self::none()
            .latency(ms(1)..=ms(20))
            .crashes(ms(3_000), ms(100)..=ms(1_500))
            .holds(ms(2_000), ms(50)..=ms(500))
            .losses(ms(4_000), ms(50)..=ms(1_000))
            .cuts(0.05)
            .duplicates(0.05)
            .slow_readers(0.1)
    }
}

impl Faults {
    /// A network in which nothing goes wrong, with a latency of 1 ms.
    pub fn none() -> Self {
        Self {
            latency: Duration::from_millis(1)..=Duration::from_millis(1),
            crashes: None,
            max_down: 1,
            holds: None,
            losses: None,
            cuts: 0,
            duplicates: 0,
            slow_readers: 0,
        }
    }

    /// How long a piece of data takes from one host to another. TCP keeps the order of what goes over
    /// one connection.
    pub fn latency(mut self, range: RangeInclusive<Duration>) -> Self {
        self.latency = range;
        self
    }

    /// Replicas crash, about this often: whatever they hold is gone, their connections end. After a
    /// time in this range they start again, as fresh instances.
    pub fn crashes(mut self, every: Duration, down: RangeInclusive<Duration>) -> Self {
        self.crashes = Some(Spells {
            every,
            lasting: down,
        });
        self
    }

    /// The most replicas that are down at a time, 1 by default.
    pub fn max_down(mut self, replicas: usize) -> Self {
        self.max_down = replicas;
        self
    }

    /// A link holds back all that is sent over it, about this often, and delivers it after a time in
    /// this range. Links are those between the balancer and each replica, and each client.
    pub fn holds(mut self, every: Duration, lasting: RangeInclusive<Duration>) -> Self {
        self.holds = Some(Spells { every, lasting });
        self
    }

    /// A link loses all that is sent over it, about this often, for a time in this range. Nothing is
    /// sent again: a connection that has lost something stays silent for good, as one does whose
    /// other end has lost its power, and only a timeout finds out.
    pub fn losses(mut self, every: Duration, lasting: RangeInclusive<Duration>) -> Self {
        self.losses = Some(Spells { every, lasting });
        self
    }

    /// The share of answers, from 0 to 1, that the balancer cuts within their first 2 KiB, with the
    /// connection. Shorter answers get by.
    pub fn cuts(mut self, share: f64) -> Self {
        self.cuts = in_a_million(share);
        self
    }

    /// The share of requests, from 0 to 1, that the balancer sends to two replicas. The answer that
    /// begins first is the client's; the other exchange is broken off.
    pub fn duplicates(mut self, share: f64) -> Self {
        self.duplicates = in_a_million(share);
        self
    }

    /// The share of the clients' connections, from 0 to 1, that take in 128 bytes every 5 ms.
    pub fn slow_readers(mut self, share: f64) -> Self {
        self.slow_readers = in_a_million(share);
        self
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a million"
)]
fn in_a_million(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 1e6) as u32
}
