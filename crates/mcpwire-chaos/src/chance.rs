//! Chance that is the same for the same seed.

/// Numbers for one use.
#[derive(Clone, Debug)]
pub struct Chance(fastrand::Rng);

impl Chance {
    /// The sequence that belongs to a seed and a name for what it is used for.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        for byte in purpose.bytes() {
            chance.seed(chance.clone().u64(..) ^ u64::from(byte));
        }
        Self(chance)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.u64(least..=most.max(least))
    }
}
