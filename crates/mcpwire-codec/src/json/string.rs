//! What stands between two quotes: finding its end, and resolving its escapes.

use crate::error::Syntax;

/// How many bytes of a long string are looked at together: enough for the compiler to use vector
/// registers.
const CHUNK: usize = 32;

/// How many bytes of a string are looked at a word at a time before it counts as long. Most strings
/// are names and end earlier.
const SHORT: usize = 32;

/// Whether a byte of a string stands for itself: no quote, no backslash, no control character.
fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

/// How many of the leading bytes stand for themselves.
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    while run < SHORT
        && let Some(word) = bytes.get(run..).and_then(<[u8]>::first_chunk)
    {
        let plain = plain_bytes(*word);
        run += plain;
        if plain < 8 {
            return run;
        }
    }
    while let Some(chunk) = bytes.get(run..).and_then(<[u8]>::first_chunk::<CHUNK>) {
        // No early exit within the chunk: that is what lets the loop become a few wide comparisons.
        if !chunk
            .iter()
            .fold(true, |plain, &byte| plain & is_plain(byte))
        {
            break;
        }
        run += CHUNK;
    }
    let rest = bytes.get(run..).unwrap_or_default();
    run + rest
        .iter()
        .position(|&byte| !is_plain(byte))
        .unwrap_or(rest.len())
}

/// How many leading bytes of a word stand for themselves, all eight looked at in one register.
///
/// `(x - LOW) & !x & HIGH` has the high bit of each byte of `x` that is zero. A borrow may set bits
/// above the lowest such byte and never below, and only the lowest is asked for. In the same way
/// subtracting `0x20` from every byte finds those that are smaller.
fn plain_bytes(word: [u8; 8]) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(word);
    let below = |x: u64, bound: u64| x.wrapping_sub(LOW * bound) & !x & HIGH;
    let quote = below(word ^ (LOW * u64::from(b'"')), 1);
    let backslash = below(word ^ (LOW * u64::from(b'\\')), 1);
    let special = quote | backslash | below(word, 0x20);
    (special.trailing_zeros() / 8) as usize
}

/// Reads the escape at the start of `bytes`: the character it stands for, and its length in bytes.
///
/// A surrogate that has no partner stands for no character and is refused, as it cannot be told
/// apart from another one once it has been read into a string.
pub(super) fn escape(bytes: &[u8]) -> Result<(char, usize), Syntax> {
    let short = match bytes.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes),
        None => return Err(Syntax::UnexpectedEnd),
        Some(_) => return Err(Syntax::Escape),
    };
    Ok((short, 2))
}

fn unicode_escape(bytes: &[u8]) -> Result<(char, usize), Syntax> {
    let first = code_unit(bytes)?;
    if let Some(plain) = char::from_u32(first) {
        return Ok((plain, 6));
    }
    let follower = bytes.get(6..).unwrap_or_default();
    if first >= 0xDC00 || !follower.starts_with(b"\\u") {
        return Err(Syntax::LoneSurrogate);
    }
    let second = code_unit(follower)?;
    if !(0xDC00..=0xDFFF).contains(&second) {
        return Err(Syntax::LoneSurrogate);
    }
    let scalar = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    char::from_u32(scalar)
        .map(|pair| (pair, 12))
        .ok_or(Syntax::LoneSurrogate)
}

/// The four hexadecimal digits of the `\u` escape at the start of `bytes`.
fn code_unit(bytes: &[u8]) -> Result<u32, Syntax> {
    (2..6).try_fold(0, |unit, place| {
        let byte = bytes.get(place).ok_or(Syntax::UnexpectedEnd)?;
        let digit = char::from(*byte).to_digit(16).ok_or(Syntax::Escape)?;
        Ok(unit << 4 | digit)
    })
}

/// The pieces of a string that has been read before, in order: runs of bytes that stand for
/// themselves, and the characters of its escapes.
pub(crate) struct Unescape<'a>(pub(crate) &'a [u8]);

pub(crate) enum Piece<'a> {
    Plain(&'a [u8]),
    Escaped(char),
}

impl<'a> Iterator for Unescape<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.0.first()? == &b'\\' {
            let (character, length) = escape(self.0).ok()?;
            self.0 = self.0.get(length..)?;
            return Some(Piece::Escaped(character));
        }
        let run = memchr::memchr(b'\\', self.0).unwrap_or(self.0.len());
        let (plain, rest) = self.0.split_at_checked(run)?;
        self.0 = rest;
        Some(Piece::Plain(plain))
    }
}

/// Resolves the escapes of a short string without allocating; `None` if it does not fit.
pub(crate) fn unescape_into<'b>(raw: &[u8], scratch: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut length = 0;
    for piece in Unescape(raw) {
        let mut utf8 = [0; 4];
        let bytes = match piece {
            Piece::Plain(bytes) => bytes,
            Piece::Escaped(character) => character.encode_utf8(&mut utf8).as_bytes(),
        };
        scratch
            .get_mut(length..length + bytes.len())?
            .copy_from_slice(bytes);
        length += bytes.len();
    }
    scratch.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_of_plain_bytes_ends_where_a_byte_wise_search_says() {
        // Every special byte at every place around the chunk's borders.
        for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
            for place in 0..3 * CHUNK {
                let mut bytes = vec![b'x'; 3 * CHUNK];
                bytes[place] = special;
                assert_eq!(plain_run(&bytes), place, "byte {special:#x}");
            }
        }
        for plain in [b' ', b'~', 0x7f, 0x80, 0xff] {
            assert_eq!(plain_run(&[plain; CHUNK + 3]), CHUNK + 3);
        }
        assert_eq!(plain_run(b""), 0);
    }

    #[test]
    fn escapes() {
        let cases = [
            (r"\n", Ok(('\n', 2))),
            (r"\/", Ok(('/', 2))),
            (r"\u0000", Ok(('\0', 6))),
            (r"\u00eF", Ok(('ï', 6))),
            (r"\uD83D\uDE00rest", Ok(('😀', 12))),
            (r"\uDBFF\uDFFF", Ok(('\u{10FFFF}', 12))),
            (r"\", Err(Syntax::UnexpectedEnd)),
            (r"\x41", Err(Syntax::Escape)),
            (r"\U0041", Err(Syntax::Escape)),
            (r"\u00g0", Err(Syntax::Escape)),
            (r"\u+041", Err(Syntax::Escape)),
            (r"\u00", Err(Syntax::UnexpectedEnd)),
            (r"\uD83D", Err(Syntax::LoneSurrogate)),
            (r"\uD83D\n", Err(Syntax::LoneSurrogate)),
            (r"\uD83D\u0041", Err(Syntax::LoneSurrogate)),
            (r"\uD83D\uD83D", Err(Syntax::LoneSurrogate)),
            (r"\uDE00\uD83D", Err(Syntax::LoneSurrogate)),
            (r"\uDE00\uDE00", Err(Syntax::LoneSurrogate)),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn short_strings_are_resolved_in_place() {
        let mut scratch = [0; 8];
        assert_eq!(
            unescape_into(br"m\u0065th", &mut scratch),
            Some(&b"meth"[..])
        );
        assert_eq!(
            unescape_into("ä\\u00e4".as_bytes(), &mut scratch),
            Some("ää".as_bytes())
        );
        assert_eq!(unescape_into(b"", &mut scratch), Some(&b""[..]));
        assert_eq!(unescape_into(br"12345678\n", &mut scratch), None);
    }
}
