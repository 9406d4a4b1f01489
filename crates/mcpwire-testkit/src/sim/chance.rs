//! Numbers that look random and follow from a seed.

use std::ops::RangeInclusive;
use std::time::Duration;

/// SplitMix64. It is written out here because a seed has to mean the same run after an update of
/// whatever library, and nothing depends on the quality of the numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Numbers of their own for one of many uses, whatever was drawn for the others.
    pub(super) fn of(seed: u64, role: &str, number: u64) -> Self {
        let mut chance = Self::new(seed);
        for byte in role.bytes() {
            chance = Self(chance.next() ^ u64::from(byte));
        }
        Self(chance.next() ^ number)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound; 0 if there is none.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    pub(super) fn index(&mut self, len: usize) -> usize {
        let bound = u64::try_from(len).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }

    pub(super) fn within(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let nanos = |duration: &Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let (least, most) = (nanos(range.start()), nanos(range.end()));
        let span = most.saturating_sub(least).saturating_add(1);
        Duration::from_nanos(least.saturating_add(self.below(span)))
    }

    /// Whether something happens that happens so many times in a million.
    pub(super) fn hits(&mut self, in_a_million: u32) -> bool {
        self.below(1_000_000) < u64::from(in_a_million)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_numbers_have_chances_of_their_own() {
        let first = |role, number| Chance::of(7, role, number).next();
        assert_eq!(first("a", 1), first("a", 1));
        assert_ne!(first("a", 1), first("a", 2));
        assert_ne!(first("a", 1), first("b", 1));
    }

    #[test]
    fn bounds_hold() {
        let mut chance = Chance::new(1);
        let range = Duration::from_millis(1)..=Duration::from_millis(3);
        for _ in 0..1000 {
            assert!(chance.below(3) < 3);
            assert!(range.contains(&chance.within(&range)));
        }
        assert!(!chance.hits(0));
        assert!(chance.hits(1_000_000));
        assert_eq!(chance.index(0), 0);
    }
}
