//! Choices that are bytes, so that whatever was chosen shrinks when the bytes do.

/// Bytes that choices are read off. Behind the end there are zeros, and zero is the plainest choice.
#[derive(Clone, Debug)]
pub(crate) struct Tape<'a>(std::slice::Iter<'a, u8>);

impl<'a> Tape<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    /// One of `options` possibilities, counted from zero; zero where there is none.
    pub(crate) fn choose(&mut self, options: usize) -> usize {
        let mut byte = || self.0.next().copied().map_or(0, usize::from);
        let drawn = byte();
        if options <= 256 {
            return drawn.checked_rem(options).unwrap_or(0);
        }
        (drawn * 256 + byte()) % options
    }

    /// One of these.
    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.choose(from.len()))
    }

    /// True once in `times`, and never on an empty tape.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        times > 0 && self.choose(times) == times - 1
    }

    /// What is left of it.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0.as_slice()
    }
}
