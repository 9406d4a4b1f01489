//! Sixteen bytes looked at together: which of them end a run of plain text, of digits, of whitespace.
//!
//! The answers are bit sets, the lowest bit for the first byte.

use super::behind;
#[cfg(not(target_arch = "x86_64"))]
use portable::{AtMost, Vector};
#[cfg(target_arch = "x86_64")]
use sse2::{AtMost, Vector};

/// How many bytes a window has.
pub(crate) const WIDTH: usize = 16;

/// The bytes of a window.
pub(super) type Bytes = [u8; WIDTH];

/// Makes a quote a space, and a space a quote, and leaves control characters among themselves: what
/// was a quote or a control character is then a space or smaller.
const SWAP: u8 = b'"' ^ b' ';

/// The bytes that do not stand for themselves in a string: quote, backslash, control characters.
#[inline(always)]
fn special(bytes: Vector) -> Vector {
    bytes.xor(SWAP).at_most(b' ').or(bytes.equal(b'\\'))
}

/// What a string has to know of a window.
#[derive(Clone, Copy)]
pub(super) struct Text {
    /// The bytes that do not stand for themselves.
    pub(super) special: u32,
    /// The bytes beyond ASCII.
    pub(super) beyond_ascii: u32,
}

#[inline(always)]
pub(super) fn text(bytes: Bytes) -> Text {
    let bytes = Vector::new(bytes);
    Text {
        special: special(bytes).bits(),
        beyond_ascii: bytes.bits(),
    }
}

/// How many bytes a block has, which is what longer strings are read by.
pub(super) const BLOCK: usize = 4 * WIDTH;

/// After so many plain blocks it is the content of a file or the like that is read.
const VAST: usize = 4;

/// How many bytes of it are looked at together: few enough to be in the nearest cache when they are
/// looked at again.
const STRETCH: usize = 8 * 1024;

/// How many bytes at the start of `text` are plain, and whether all of those are ASCII. It may be less
/// than a block short of what there is; where a control character ends the text, a stretch.
#[inline(always)]
pub(super) fn plain(text: &[u8]) -> (usize, bool) {
    let (blocks, ascii) = plain_blocks(text);
    if blocks < VAST {
        return (blocks * BLOCK, ascii);
    }
    let (length, ascii_too) = vast(behind(text, VAST * BLOCK));
    (VAST * BLOCK + length, ascii && ascii_too)
}

/// How many whole blocks at the start of `text` are plain, up to [`VAST`], and whether all of them are
/// ASCII.
#[inline(always)]
fn plain_blocks(text: &[u8]) -> (usize, bool) {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let mut all = Vector::new([0; WIDTH]);
    let mut count = 0;
    for block in blocks.iter().take(VAST) {
        let (windows, _) = block.as_chunks::<WIDTH>();
        let mut ending = AtMost::<b' '>::none();
        let mut backslash = Vector::new([0; WIDTH]);
        let mut any = all;
        for window in windows {
            let window = Vector::new(*window);
            ending = ending.with(window.xor(SWAP));
            backslash = backslash.or(window.equal(b'\\'));
            any = any.or(window);
        }
        if ending.mask().or(backslash).bits() != 0 {
            break;
        }
        all = any;
        count += 1;
    }
    (count, all.bits() == 0)
}

/// The same for text that may go on for long. Quotes and backslashes are searched for with wider
/// instructions where the processor has them; what then has to be known is the smallest byte, and
/// whether one is beyond ASCII, and both take one instruction for each window.
#[inline(never)]
fn vast(text: &[u8]) -> (usize, bool) {
    let mut all = Vector::new([0; WIDTH]);
    let mut length = 0;
    for stretch in text.chunks(STRETCH) {
        let end = memchr::memchr2(b'"', b'\\', stretch).unwrap_or(stretch.len());
        let (windows, _) = stretch.get(..end).unwrap_or(stretch).as_chunks::<WIDTH>();
        let mut controls = AtMost::<0x1f>::none();
        let mut any = all;
        for window in windows {
            let window = Vector::new(*window);
            controls = controls.with(window);
            any = any.or(window);
        }
        if controls.mask().bits() != 0 {
            break;
        }
        all = any;
        length += windows.len() * WIDTH;
        if windows.len() * WIDTH < STRETCH {
            break;
        }
    }
    (length, all.bits() == 0)
}

#[inline(always)]
pub(super) fn digits(bytes: Bytes) -> u32 {
    Vector::new(bytes).minus(b'0').at_most(9).bits()
}

#[inline(always)]
pub(super) fn whitespace(bytes: Bytes) -> u32 {
    let bytes = Vector::new(bytes);
    let blank = bytes.equal(b' ').or(bytes.equal(b'\t'));
    let line_end = bytes.equal(b'\n').or(bytes.equal(b'\r'));
    blank.or(line_end).bits()
}

/// Every x86-64 processor has these instructions.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use safe_arch::{
        cmp_eq_mask_i8_m128i, m128i, min_u8_m128i, move_mask_i8_m128i, set_splat_i8_m128i,
        sub_i8_m128i,
    };

    use super::Bytes;

    /// Of a mask, every byte is all ones or all zeros.
    #[derive(Clone, Copy)]
    pub(super) struct Vector(m128i);

    impl Vector {
        #[inline(always)]
        pub(super) fn new(bytes: Bytes) -> Self {
            Self(m128i::from(bytes))
        }

        #[inline(always)]
        fn splat(byte: u8) -> m128i {
            set_splat_i8_m128i(byte.cast_signed())
        }

        #[inline(always)]
        pub(super) fn equal(self, byte: u8) -> Self {
            Self(cmp_eq_mask_i8_m128i(self.0, Self::splat(byte)))
        }

        #[inline(always)]
        pub(super) fn at_most(self, bound: u8) -> Self {
            let least = min_u8_m128i(self.0, Self::splat(bound));
            Self(cmp_eq_mask_i8_m128i(least, self.0))
        }

        #[inline(always)]
        pub(super) fn minus(self, byte: u8) -> Self {
            Self(sub_i8_m128i(self.0, Self::splat(byte)))
        }

        #[inline(always)]
        pub(super) fn xor(self, byte: u8) -> Self {
            Self(self.0 ^ Self::splat(byte))
        }

        #[inline(always)]
        pub(super) fn or(self, other: Self) -> Self {
            Self(self.0 | other.0)
        }

        /// The highest bit of each byte.
        #[inline(always)]
        pub(super) fn bits(self) -> u32 {
            move_mask_i8_m128i(self.0).cast_unsigned()
        }
    }

    /// Whether any of several vectors has a byte that is at most `BOUND`, told by the smallest of them.
    #[derive(Clone, Copy)]
    pub(super) struct AtMost<const BOUND: u8>(m128i);

    impl<const BOUND: u8> AtMost<BOUND> {
        #[inline(always)]
        pub(super) fn none() -> Self {
            Self(Vector::splat(u8::MAX))
        }

        #[inline(always)]
        pub(super) fn with(self, vector: Vector) -> Self {
            Self(min_u8_m128i(self.0, vector.0))
        }

        /// Which of them have one.
        #[inline(always)]
        pub(super) fn mask(self) -> Vector {
            Vector(self.0).at_most(BOUND)
        }
    }
}

/// The same for any processor: eight bytes in a word of 64 bits, and no carry from one to the next.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::Bytes;

    /// Of a mask, the highest bit of every byte counts.
    #[derive(Clone, Copy)]
    pub(super) struct Vector([u64; 2]);

    const fn splat(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }

    const HIGHEST: u64 = splat(0x80);

    impl Vector {
        #[inline(always)]
        pub(super) fn new(bytes: Bytes) -> Self {
            let both = u128::from_le_bytes(bytes);
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
            Self([both as u64, (both >> 64) as u64])
        }

        #[inline(always)]
        fn each(self, change: impl Fn(u64) -> u64) -> Self {
            Self(self.0.map(change))
        }

        #[inline(always)]
        pub(super) fn equal(self, byte: u8) -> Self {
            self.xor(byte).at_most(0)
        }

        /// `bound` is ASCII.
        #[inline(always)]
        pub(super) fn at_most(self, bound: u8) -> Self {
            // The lower seven bits get to the highest one where they are more.
            let rest = splat(0x7f - bound);
            self.each(|word| !(((word & !HIGHEST) + rest) | word) & HIGHEST)
        }

        /// `byte` is ASCII.
        #[inline(always)]
        pub(super) fn minus(self, byte: u8) -> Self {
            // Each byte lends itself its highest bit, and is given it back.
            self.each(|word| ((word | HIGHEST) - splat(byte)) ^ (!word & HIGHEST))
        }

        #[inline(always)]
        pub(super) fn xor(self, byte: u8) -> Self {
            self.each(|word| word ^ splat(byte))
        }

        #[inline(always)]
        pub(super) fn or(self, other: Self) -> Self {
            let ([a, b], [c, d]) = (self.0, other.0);
            Self([a | c, b | d])
        }

        /// The highest bit of each byte.
        #[inline(always)]
        pub(super) fn bits(self) -> u32 {
            /// Moves the highest bit of each byte into the highest byte, in order.
            const GATHER: u64 = 0x0002_0408_1020_4081;
            let [low, high] = self.0.map(|word| {
                let [.., byte] = (word & HIGHEST).wrapping_mul(GATHER).to_le_bytes();
                u32::from(byte)
            });
            high << 8 | low
        }
    }

    /// Whether any of several vectors has a byte that is at most `BOUND`.
    #[derive(Clone, Copy)]
    pub(super) struct AtMost<const BOUND: u8>(Vector);

    impl<const BOUND: u8> AtMost<BOUND> {
        #[inline(always)]
        pub(super) fn none() -> Self {
            Self(Vector([0; 2]))
        }

        #[inline(always)]
        pub(super) fn with(self, vector: Vector) -> Self {
            Self(self.0.or(vector.at_most(BOUND)))
        }

        /// Which of them have one.
        #[inline(always)]
        pub(super) fn mask(self) -> Vector {
            self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of the bytes for which `is` holds.
    fn expected(bytes: Bytes, is: impl Fn(u8) -> bool) -> u32 {
        let bits = bytes.iter().enumerate();
        bits.fold(0, |bits, (place, byte)| {
            bits | u32::from(is(*byte)) << place
        })
    }

    /// Every byte at every place, among others of every kind.
    fn windows() -> impl Iterator<Item = Bytes> {
        (0..=u8::MAX).flat_map(|byte| {
            (0..WIDTH).map(move |place| {
                let mut bytes = *b"a\" \\\x1f0\n{9\xffz/:\x80\x7f!";
                bytes[place] = byte;
                bytes
            })
        })
    }

    #[test]
    fn bytes_are_told_apart() {
        for bytes in windows() {
            let found = text(bytes);
            let special = |byte| byte < 0x20 || byte == b'"' || byte == b'\\';
            assert_eq!(found.special, expected(bytes, special), "{bytes:?}");
            let beyond_ascii = expected(bytes, |byte| !byte.is_ascii());
            assert_eq!(found.beyond_ascii, beyond_ascii, "{bytes:?}");
            let digits_expected = expected(bytes, |byte| byte.is_ascii_digit());
            assert_eq!(digits(bytes), digits_expected, "{bytes:?}");
            let blank = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            assert_eq!(whitespace(bytes), expected(bytes, blank), "{bytes:?}");
        }
    }

    #[test]
    fn plain_text_ends_before_the_first_special_byte() {
        let lengths = [
            0,
            1,
            15,
            16,
            BLOCK,
            VAST * BLOCK - 1,
            VAST * BLOCK,
            2 * STRETCH,
        ];
        for byte in 0..=u8::MAX {
            for place in lengths
                .into_iter()
                .flat_map(|length| [length, length + 300])
            {
                let mut text = vec![b'x'; 3 * STRETCH + 5];
                text[place] = byte;
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                let (length, ascii) = plain(&text);
                assert!(length <= text.len() && length % WIDTH == 0);
                if special {
                    assert!(length <= place, "{byte} at {place}");
                    // A control character may cost the stretch that it is in.
                    let least = if byte < 0x20 { STRETCH } else { BLOCK };
                    assert!(place - length < least + BLOCK, "{byte} at {place}");
                    assert!(ascii);
                } else {
                    assert_eq!((length, ascii), (3 * STRETCH, byte.is_ascii()));
                }
            }
        }
    }

    /// What other processors run does the same.
    #[test]
    fn the_portable_vector_is_the_same() {
        for bytes in windows() {
            let (ours, portable) = (Vector::new(bytes), portable::Vector::new(bytes));
            assert_eq!(ours.bits(), portable.bits());
            for byte in [0, b' ', b'"', 9, b'\\', 0x1f, 0x7f] {
                assert_eq!(ours.equal(byte).bits(), portable.equal(byte).bits());
                assert_eq!(ours.at_most(byte).bits(), portable.at_most(byte).bits());
                assert_eq!(ours.minus(byte).bits(), portable.minus(byte).bits());
                assert_eq!(ours.xor(byte).bits(), portable.xor(byte).bits());
                let (a, b) = (ours.minus(byte), portable.minus(byte));
                assert_eq!(a.at_most(9).bits(), b.at_most(9).bits());
                assert_eq!(ours.or(a).bits(), portable.or(b).bits());
                let (none, portable_none) = (AtMost::<9>::none(), portable::AtMost::<9>::none());
                let ours = none.with(ours).with(a).mask().bits();
                let portable = portable_none.with(portable).with(b).mask().bits();
                assert_eq!(ours, portable);
            }
        }
    }
}
