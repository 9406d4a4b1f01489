//! Strings, with their escapes.
//!
//! Most of a text needs none. It is copied a chunk at a time whether it does or not, and what was
//! copied from the first byte on that has to be escaped is taken back: cheaper than finding out first
//! how much there is to copy.

use alloc::vec::Vec;

use crate::typed::bytes::{CHUNK, Set, Special, in_chunk, in_word};

/// Writes a string with its quotes.
#[inline]
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    // Room for all of it and a few escapes, so that a long text finds its place at once.
    out.reserve(text.len() + text.len() / CHUNK + 2);
    out.push(b'"');
    content(out, text.as_bytes());
    out.push(b'"');
}

/// Writes what stands between the quotes.
#[inline]
pub(super) fn content(out: &mut Vec<u8>, text: &[u8]) {
    let rest = if text.len() < CHUNK {
        text
    } else {
        chunks(out, text)
    };
    for byte in words(out, rest) {
        if Special::has(*byte) {
            escape(out, *byte);
        } else {
            out.push(*byte);
        }
    }
}

/// Writes chunk after chunk, and answers with what is shorter than one.
fn chunks<'a>(out: &mut Vec<u8>, mut rest: &'a [u8]) -> &'a [u8] {
    while let Some((chunk, behind)) = rest.split_first_chunk::<CHUNK>() {
        out.extend_from_slice(chunk);
        rest = match in_chunk::<Special>(chunk) {
            None => behind,
            Some(at) => correct(out, rest, CHUNK, at),
        };
    }
    rest
}

/// Writes word after word, and answers with what is shorter than one.
#[inline]
fn words<'a>(out: &mut Vec<u8>, mut rest: &'a [u8]) -> &'a [u8] {
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        out.extend_from_slice(word);
        rest = match in_word::<Special>(*word) {
            None => behind,
            Some(at) => correct(out, rest, word.len(), at),
        };
    }
    rest
}

/// Of `copied` bytes of `rest`, the one at `at` has to be escaped: takes back what was written from
/// there on, escapes it, and answers with what is behind it.
#[inline]
fn correct<'a>(out: &mut Vec<u8>, rest: &'a [u8], copied: usize, at: usize) -> &'a [u8] {
    out.truncate(out.len() + at - copied);
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
