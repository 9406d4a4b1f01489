//! Looking for bytes many at a time, in ways that any processor has.

/// A set of bytes that end a run of others.
pub(super) trait Set {
    /// Whether `byte` is one of them.
    fn has(byte: u8) -> bool;

    /// Sets the highest bit of the first byte in `word` that is one of them, and perhaps bits above
    /// it; none if there is none.
    fn mark(word: u64) -> u64;
}

/// What ends a run of a string that is read: a quote or a backslash.
pub(super) struct Ending;

/// What cannot stand in a string as it is: these, and control characters (RFC 8259, 7).
pub(super) struct Special;

impl Set for Ending {
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a branch would keep a chunk from being looked at as one"
    )]
    #[inline]
    fn has(byte: u8) -> bool {
        (byte == b'"') | (byte == b'\\')
    }

    #[inline]
    fn mark(word: u64) -> u64 {
        mark_equal(word, b'"') | mark_equal(word, b'\\')
    }
}

impl Set for Special {
    #[inline]
    fn has(byte: u8) -> bool {
        (byte < b' ') | Ending::has(byte)
    }

    #[inline]
    fn mark(word: u64) -> u64 {
        let control = word.wrapping_sub(ONES * u64::from(b' ')) & !word & HIGHS;
        control | Ending::mark(word)
    }
}

/// Where the first byte of the set is in a word.
#[inline]
pub(super) fn in_word<S: Set>(word: [u8; 8]) -> Option<usize> {
    let marks = S::mark(u64::from_le_bytes(word));
    (marks != 0).then_some(marks.trailing_zeros() as usize / 8)
}

/// Bytes looked at together: two registers of the vector unit that every x86-64 has.
pub(super) const CHUNK: usize = 32;

/// Where the first byte of the set is in a chunk.
///
/// The least of the places, without an early way out: that becomes a few dozen vector instructions,
/// and no branch that could be predicted wrongly.
#[inline]
pub(super) fn in_chunk<S: Set>(chunk: &[u8; CHUNK]) -> Option<usize> {
    const NOWHERE: u8 = 0x80;
    const PLACES: [u8; CHUNK] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31,
    ];

    let first = chunk
        .iter()
        .zip(PLACES)
        .map(|(byte, place)| place | if S::has(*byte) { 0 } else { NOWHERE })
        .fold(u8::MAX, u8::min);
    (first < NOWHERE).then_some(usize::from(first))
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

#[inline]
fn mark_equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte in every place, among neighbours that a carry could reach.
    #[test]
    fn the_first_is_found_wherever_it_is() {
        fn check<S: Set>() {
            for byte in 0..=255 {
                for around in [b'x', 0x21, 0x7f, 0x80, 0xa2, 0xff] {
                    for place in 0..CHUNK {
                        let mut chunk = [around; CHUNK];
                        chunk[place] = byte;
                        let expected = chunk.iter().position(|byte| S::has(*byte));
                        assert_eq!(in_chunk::<S>(&chunk), expected);
                        let (words, _) = chunk.as_chunks::<8>();
                        let expected = words[0].iter().position(|byte| S::has(*byte));
                        assert_eq!(in_word::<S>(words[0]), expected);
                    }
                }
            }
        }
        check::<Ending>();
        check::<Special>();
    }
}
