//! Which arrays and objects are open, one bit each.

use alloc::vec::Vec;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// How many containers a word has room for, besides the bit that marks its end.
const ROOM: usize = u64::BITS as usize - 1;

pub(super) struct Nesting {
    limit: usize,
    /// The lowest bit is the innermost container, 1 for an object. A 1 stands above the outermost.
    kinds: u64,
    /// What `kinds` is smaller than, as long as another container is within the limit and has room.
    bound: u64,
    /// Full words of what is further out. Empty, and without an allocation, for ordinary depths.
    outer: Vec<u64>,
    exceeded_at: Option<usize>,
}

impl Nesting {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            kinds: 1,
            bound: 1 << limit.min(ROOM),
            outer: Vec::new(),
            exceeded_at: None,
        }
    }

    /// Offset of the first bracket beyond the limit. Nesting goes on behind it; it costs one bit for
    /// each level.
    pub(super) fn exceeded_at(&self) -> Option<usize> {
        self.exceeded_at
    }

    /// Whether the innermost container is an object.
    #[inline(always)]
    pub(super) fn in_object(&self) -> bool {
        self.kinds & 1 == 1
    }

    #[inline(always)]
    pub(super) fn open(&mut self, container: Container, offset: usize) {
        if self.kinds >= self.bound {
            self.beyond(offset);
        }
        self.kinds = self.kinds << 1 | u64::from(container == Container::Object);
    }

    #[cold]
    #[inline(never)]
    fn beyond(&mut self, offset: usize) {
        let in_word = self.kinds.ilog2() as usize;
        if self.outer.len() * ROOM + in_word >= self.limit {
            self.exceeded_at.get_or_insert(offset);
        }
        if in_word == ROOM {
            self.outer.push(self.kinds);
            self.kinds = 1;
            self.set_bound();
        }
    }

    fn set_bound(&mut self) {
        let left = self.limit.saturating_sub(self.outer.len() * ROOM);
        self.bound = 1 << left.min(ROOM);
    }

    /// Closes the innermost container, and tells whether it was the outermost as well.
    #[inline(always)]
    pub(super) fn close(&mut self) -> bool {
        self.kinds >>= 1;
        self.kinds == 1 && self.refill()
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> bool {
        if let Some(outer) = self.outer.pop() {
            self.kinds = outer;
            self.set_bound();
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(level: usize) -> Container {
        if level.is_multiple_of(3) {
            Container::Object
        } else {
            Container::Array
        }
    }

    #[test]
    fn every_level_is_remembered_across_words() {
        for levels in [1, 2, ROOM - 1, ROOM, ROOM + 1, 2 * ROOM, 200] {
            let mut nesting = Nesting::new(usize::MAX);
            for level in 0..levels {
                nesting.open(kind(level), level);
            }
            for level in (0..levels).rev() {
                let object = kind(level) == Container::Object;
                assert_eq!(nesting.in_object(), object, "level {level} of {levels}");
                assert_eq!(nesting.close(), level == 0, "level {level} of {levels}");
            }
            assert_eq!(nesting.exceeded_at(), None);
        }
    }

    #[test]
    fn the_first_bracket_beyond_the_limit_is_told() {
        for limit in [0, 1, 5, ROOM - 1, ROOM, ROOM + 1, 150] {
            let mut nesting = Nesting::new(limit);
            for level in 0..limit {
                nesting.open(kind(level), level * 10);
            }
            assert_eq!(nesting.exceeded_at(), None, "limit {limit}");
            nesting.open(Container::Array, limit * 10);
            nesting.open(Container::Array, limit * 10 + 1);
            assert_eq!(nesting.exceeded_at(), Some(limit * 10));
        }
    }

    #[test]
    fn the_limit_holds_after_closing_too() {
        let mut nesting = Nesting::new(ROOM + 2);
        for _ in 0..3 {
            for level in 0..ROOM + 2 {
                nesting.open(Container::Object, level);
            }
            assert_eq!(nesting.exceeded_at(), None);
            for _ in 0..=ROOM {
                assert!(!nesting.close());
            }
            assert!(nesting.close());
        }
        for level in 0..ROOM + 3 {
            nesting.open(Container::Object, level);
        }
        assert_eq!(nesting.exceeded_at(), Some(ROOM + 2));
    }

    #[test]
    fn ordinary_depths_do_not_allocate() {
        let mut nesting = Nesting::new(128);
        for level in 0..ROOM {
            nesting.open(Container::Object, level);
        }
        assert_eq!(nesting.outer.capacity(), 0);
    }
}
