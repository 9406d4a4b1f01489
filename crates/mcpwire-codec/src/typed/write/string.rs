//! Strings, with their escapes.
//!
//! Most need none, and most of those that do need few. A short one is looked at first, and then copied. Of
//! others a window is copied whether it does or not, and what was copied from the first byte on that has to
//! be escaped is taken back: cheaper than finding out first how much there is to copy. Only what goes on for
//! long without an escape is looked at first again.

use alloc::vec::Vec;

use crate::json::{self, WIDTH};

/// Writes a string with its quotes.
#[inline(never)]
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    // Room for all of it, for what is copied and taken back, and for a few escapes: a long text finds its
    // place at once.
    out.reserve(text.len() + text.len() / 32 + WIDTH + 2);
    out.push(b'"');
    if json::is_short_and_plain(text) {
        out.extend_from_slice(text);
    } else {
        content(out, text);
    }
    out.push(b'"');
}

/// How many windows in a row are copied one by one before a run counts as long.
const SHORT: usize = 4;

/// Writes what stands between the quotes.
pub(super) fn content(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    let mut windows = 0;
    while let Some((window, behind)) = rest.split_first_chunk::<WIDTH>() {
        let plain = json::plain_run(window);
        let end = out.len() + plain;
        out.extend_from_slice(window);
        if plain < WIDTH {
            out.truncate(end);
            rest = escape_at(out, rest, plain);
            windows = 0;
            continue;
        }
        rest = behind;
        windows += 1;
        if windows % SHORT == 0 {
            let (run, behind) = rest.split_at(json::long_run(rest));
            out.extend_from_slice(run);
            rest = behind;
        }
    }
    while !rest.is_empty() {
        let plain = json::plain_end(text, text.len() - rest.len());
        out.extend_from_slice(rest.get(..plain).unwrap_or_default());
        rest = escape_at(out, rest, plain);
    }
}

/// Writes the byte at `at`, if there is one, which has to be escaped, and answers with what is behind it.
#[inline]
fn escape_at<'a>(out: &mut Vec<u8>, rest: &'a [u8], at: usize) -> &'a [u8] {
    match rest.get(at..).and_then(<[u8]>::split_first) {
        Some((byte, behind)) => {
            escape(out, *byte);
            behind
        }
        None => &[],
    }
}

/// Writes a byte that cannot stand in a string as it is.
#[inline]
fn escape(out: &mut Vec<u8>, byte: u8) {
    let Some(sequence) = SEQUENCES.get(usize::from(byte)) else {
        return;
    };
    let [.., length] = *sequence;
    let end = out.len() + usize::from(length);
    // All eight bytes at once, and what is not meant taken back: no branch on how long it is.
    out.extend_from_slice(sequence);
    out.truncate(end);
}

/// For each byte that cannot stand in a string what stands for it, and in the last place how long
/// that is.
static SEQUENCES: [[u8; 8]; 0x5d] = sequences();

#[expect(clippy::indexing_slicing, reason = "done by the compiler, which tells")]
const fn sequences() -> [[u8; 8]; 0x5d] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut table = [[0; 8]; 0x5d];
    let mut byte = 0;
    while byte < 0x20 {
        let (high, low) = (DIGITS[byte >> 4], DIGITS[byte & 0xf]);
        table[byte] = [b'\\', b'u', b'0', b'0', high, low, 0, 6];
        byte += 1;
    }
    let letters = *b"\x08b\tt\nn\x0cf\rr\"\"\\\\";
    let mut at = 0;
    while at < letters.len() {
        table[letters[at] as usize] = [b'\\', letters[at + 1], 0, 0, 0, 0, 0, 2];
        at += 2;
    }
    table
}
