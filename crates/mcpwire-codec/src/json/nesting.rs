//! Which arrays and objects are open: one bit each, the innermost 64 in a register.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

pub(super) struct Nesting {
    depth: usize,
    limit: usize,
    exceeded_at: Option<usize>,
    /// The lowest bit is the innermost container; 1 is an object.
    inner: u64,
    /// Full words of what is further out. Empty, and without an allocation, up to 64 levels.
    outer: Vec<u64>,
}

impl Nesting {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            depth: 0,
            limit,
            exceeded_at: None,
            inner: 0,
            outer: Vec::new(),
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn exceeded_at(&self) -> Option<usize> {
        self.exceeded_at
    }

    /// The container that closes next. Meaningless at depth 0, where nobody asks.
    pub(super) fn innermost(&self) -> Container {
        if self.inner & 1 == 1 {
            Container::Object
        } else {
            Container::Array
        }
    }

    pub(super) fn open(&mut self, container: Container, offset: usize) {
        if self.depth >= self.limit {
            self.exceeded_at = self.exceeded_at.or(Some(offset));
        }
        if self.depth != 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(container == Container::Object);
        self.depth += 1;
    }

    pub(super) fn close(&mut self) {
        self.inner >>= 1;
        self.depth -= 1;
        if self.depth != 0 && self.depth.is_multiple_of(64) {
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_remembered_across_words() {
        let kind = |level: usize| {
            if level.is_multiple_of(3) {
                Container::Object
            } else {
                Container::Array
            }
        };
        let mut nesting = Nesting::new(150);
        for level in 0..200 {
            nesting.open(kind(level), level * 10);
        }
        for level in (0..200).rev() {
            assert_eq!(nesting.depth(), level + 1);
            assert_eq!(nesting.innermost(), kind(level), "level {level}");
            nesting.close();
        }
        assert_eq!(nesting.depth(), 0);
        assert_eq!(nesting.exceeded_at(), Some(1500));
    }

    #[test]
    fn ordinary_depths_do_not_allocate() {
        let mut nesting = Nesting::new(128);
        for level in 0..64 {
            nesting.open(Container::Object, level);
        }
        assert_eq!(nesting.outer.capacity(), 0);
    }
}
