//! What stands between two quotes: finding its end, and resolving its escapes.

use crate::error::Syntax;

use super::window::{self, WIDTH};
use super::{NONE, behind};

/// A string, as far as its reader has to know it.
#[derive(Clone, Copy)]
pub(crate) struct StringToken {
    /// Its length with both quotes; [`NONE`] if there is none.
    pub(crate) length: usize,
    /// [`ESCAPED`], and bits of bytes beyond ASCII.
    pub(crate) flags: u32,
}

/// Set in the flags of a string that has escapes. All others tell that it has, or is followed by,
/// characters beyond ASCII.
pub(crate) const ESCAPED: u32 = 1 << 31;

/// The string that `text` starts with.
#[inline(always)]
pub(crate) fn string(text: &[u8]) -> StringToken {
    if let Some([_, window @ ..]) = text.first_chunk::<{ WIDTH + 1 }>() {
        let found = window::text(*window);
        let plain = (found.special | 1 << WIDTH).trailing_zeros() as usize;
        if window.get(plain) == Some(&b'"') {
            return StringToken {
                length: plain + 2,
                flags: found.beyond_ascii,
            };
        }
    }
    long_string(text)
}

/// How many windows are read one by one before a run of plain bytes counts as long.
const SHORT: usize = 4;

const BAD: StringToken = StringToken {
    length: NONE,
    flags: 0,
};

#[inline(never)]
fn long_string(text: &[u8]) -> StringToken {
    let mut rest = behind(text, 1);
    let mut flags = 0;
    let mut plain_windows = 0;
    loop {
        let (window, after) = match rest.split_first_chunk::<WIDTH>() {
            Some((window, after)) => (*window, after),
            None => (padded(rest), [].as_slice()),
        };
        let found = window::text(window);
        flags |= found.beyond_ascii;
        let mut special = found.special;
        if special == 0 {
            rest = after;
            plain_windows += 1;
            if plain_windows == SHORT {
                let (length, ascii) = window::plain(rest);
                flags |= u32::from(!ascii);
                rest = behind(rest, length);
            }
            continue;
        }
        plain_windows = 0;
        let mut next = WIDTH;
        while special != 0 {
            let place = special.trailing_zeros() as usize;
            match rest.get(place) {
                Some(b'"') => {
                    let length = text.len() - rest.len() + place + 1;
                    return StringToken { length, flags };
                }
                Some(b'\\') => {}
                // A control character, or the end of the text.
                _ => return BAD,
            }
            flags |= ESCAPED;
            let length = escape_length(behind(rest, place));
            if length == NONE {
                return BAD;
            }
            next = next.max(place + length);
            special &= !0 << (place + length);
        }
        rest = match rest.get(next..) {
            Some(rest) => rest,
            None => return BAD,
        };
    }
}

/// The rest of a text that is shorter than a window, and behind it what ends every string.
#[cold]
fn padded(rest: &[u8]) -> window::Bytes {
    let mut window = [0; WIDTH];
    if let Some(place) = window.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    window
}

/// How many bytes at the start of a window stand for themselves in a string: up to the first quote,
/// backslash or control character.
#[inline(always)]
pub(crate) fn plain_run(window: &window::Bytes) -> usize {
    (window::text(*window).special | 1 << WIDTH).trailing_zeros() as usize
}

/// The same for the last bytes of a text, from `at` on, which are fewer than a window has.
#[inline(always)]
pub(crate) fn plain_end(text: &[u8], at: usize) -> usize {
    let rest = behind(text, at);
    let special = match text.last_chunk() {
        // They are in the last window, behind some that were looked at before.
        Some(window) => {
            let before = WIDTH.saturating_sub(rest.len());
            (window::text(*window).special | 1 << WIDTH) >> before
        }
        None => window::text(padded(rest)).special,
    };
    special.trailing_zeros() as usize
}

/// The same for what has been plain for long: as many bytes as are found to be plain at once, perhaps
/// none.
#[inline(never)]
pub(crate) fn long_run(text: &[u8]) -> usize {
    window::plain(text).0
}

/// Whether a text is no longer than a window and all of it stands for itself in a string.
///
/// Its first and its last bytes are all of it, some of them twice, and fill a window.
#[inline(always)]
pub(crate) fn is_short_and_plain(text: &[u8]) -> bool {
    let (first, last) = if text.len() > WIDTH {
        return false;
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        let both = u64::from(first) | u64::from(last) << 32;
        (both, both)
    } else {
        return text
            .iter()
            .all(|byte| !matches!(byte, ..b' ' | b'"' | b'\\'));
    };
    let window = u128::from(first) | u128::from(last) << 64;
    window::text(window.to_le_bytes()).special == 0
}

/// The length of the escape at the start of `bytes`.
#[inline(always)]
fn escape_length(bytes: &[u8]) -> usize {
    match bytes {
        [
            _,
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            ..,
        ] => 2,
        [_, b'u', a, b, c, d, ..] if is_plain_unit(*a, *b, *c, *d) => 6,
        _ => escape(bytes).map_or(NONE, |(_, length)| length),
    }
}

/// Whether four bytes are the hexadecimal digits of what is a character without a partner.
#[inline(always)]
fn is_plain_unit(a: u8, b: u8, c: u8, d: u8) -> bool {
    let [a, b, c, d] = [a, b, c, d].map(hex_digit);
    a | b | c | d < 16 && (a != 0xd || b < 8)
}

/// Reads the escape at the start of `bytes`: the character it stands for, and its length in bytes.
///
/// A surrogate that has no partner stands for no character and is refused, as it cannot be told
/// apart from another one once it has been read into a string.
pub(crate) fn escape(bytes: &[u8]) -> Result<(char, usize), Syntax> {
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
    if first < 0xDC00 && matches!(follower, [] | [b'\\']) {
        return Err(Syntax::UnexpectedEnd);
    }
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
    if let Some([_, _, digits @ ..]) = bytes.first_chunk::<6>() {
        let [a, b, c, d] = digits.map(hex_digit);
        if a | b | c | d < 16 {
            return Ok(u32::from(a) << 12 | u32::from(b) << 8 | u32::from(c) << 4 | u32::from(d));
        }
    }
    let digits = behind(bytes, 2);
    if digits
        .iter()
        .take_while(|digit| digit.is_ascii_hexdigit())
        .count()
        == digits.len()
    {
        Err(Syntax::UnexpectedEnd)
    } else {
        Err(Syntax::Escape)
    }
}

/// The value of each hexadecimal digit; of everything else more than a digit has.
static HEX: [u8; 256] = hex();

const NO_DIGIT: u8 = 0xff;

#[inline(always)]
fn hex_digit(byte: u8) -> u8 {
    HEX.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT)
}

#[expect(clippy::indexing_slicing, reason = "done by the compiler, which tells")]
const fn hex() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 10 {
        values[(b'0' + digit) as usize] = digit;
        digit += 1;
    }
    while digit < 16 {
        values[(b'a' - 10 + digit) as usize] = digit;
        values[(b'A' - 10 + digit) as usize] = digit;
        digit += 1;
    }
    values
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
    use super::super::window::BLOCK;
    use super::*;

    fn token(text: &[u8]) -> Option<(usize, bool)> {
        let token = string(text);
        (token.length != NONE).then_some((token.length, token.flags & ESCAPED != 0))
    }

    /// Everything that matters at every place around the borders of windows and blocks, near the end
    /// of the text and far from it.
    #[test]
    fn strings_end_at_their_quote() {
        for tail in ["", ",", &"x".repeat(200)] {
            for place in 0..2 * BLOCK + 3 * WIDTH {
                let plain = "x".repeat(place);
                for (middle, escaped) in [
                    ("", false),
                    ("é", false),
                    ("\\n", true),
                    ("\\\"", true),
                    ("\\\\", true),
                    ("\\\\\\\"\\\\", true),
                    ("\\u00e9", true),
                    ("\\ud83d\\ude00", true),
                ] {
                    let whole = format!("\"{plain}{middle}{plain}\"");
                    let text = format!("{whole}{tail}");
                    let found = token(text.as_bytes());
                    assert_eq!(found, Some((whole.len(), escaped)), "{middle} at {place}");
                    let ascii = string(text.as_bytes()).flags & !ESCAPED == 0;
                    assert_eq!(ascii, middle != "é", "{middle} at {place}");
                }
                for bad in [
                    "\n", "\u{1}n", "\u{1f}\"", "\\x", "\\u12g4", "\\ud83d", "\\udc00",
                ] {
                    let text = format!("\"{plain}{bad}{plain}\"{tail}");
                    assert_eq!(token(text.as_bytes()), None, "{bad:?} at {place}");
                }
                let text = format!("\"{plain}");
                assert_eq!(token(text.as_bytes()), None, "no end after {place}");
                assert_eq!(token(format!("{text}\\").as_bytes()), None);
            }
        }
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
            (r"\uD83D", Err(Syntax::UnexpectedEnd)),
            (r"\uD83D\", Err(Syntax::UnexpectedEnd)),
            (r"\uD83D\u", Err(Syntax::UnexpectedEnd)),
            (r"\uD83D\uDE", Err(Syntax::UnexpectedEnd)),
            (r"\uD83Dx", Err(Syntax::LoneSurrogate)),
            (r"\uDE00", Err(Syntax::LoneSurrogate)),
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
