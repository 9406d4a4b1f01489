//! The grammar of JSON (RFC 8259), token by token.
//!
//! Each function is given the rest of the text, which starts with the token it reads, and tells how
//! long that token is; [`NONE`] if none starts there. What is wrong with it, and where, is found out
//! when somebody has to be told.
//!
//! The bytes need not be UTF-8 yet: what is beyond ASCII can stand in strings only, and is noted there.
//! The verdict is that of a parser that reads every string as a string: a lone surrogate is refused
//! even where a skipping parser would step over it. Numbers are held to the grammar and not to a
//! magnitude, because what they are read into is the business of whoever reads them.
#![allow(
    clippy::inline_always,
    reason = "what is called for each token has to keep its state in registers; measured"
)]

mod fault;
mod nesting;
mod number;
mod skip;
mod start;
mod string;
mod window;

pub(crate) use fault::{Expected, Stop, fault};
pub(crate) use number::{from_digit, number};
pub(crate) use skip::{Walk, skip};
pub(crate) use start::{Start, start};
pub(crate) use string::{
    ESCAPED, Piece, Unescape, is_short_and_plain, long_run, plain_end, plain_run, string,
    unescape_into,
};
pub(crate) use window::WIDTH;

use crate::error::Syntax;

/// The length of what is no token: nothing is that long, so that nothing is behind it.
pub(crate) const NONE: usize = usize::MAX;

/// A range of the message. `u32` keeps a message's table of them small; the limit on the length of a
/// message sees to it that everything fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// No value is empty, so this stands for a member that is not there.
    pub(crate) const NONE: Self = Self { start: 0, end: 0 };

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no message is longer than a u32 can tell, which is asked before it is read"
    )]
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn range(self) -> core::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    #[inline(always)]
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.range()).unwrap_or_default()
    }
}

/// Where the text stops being JSON, and what it violates there. It ends the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) syntax: Syntax,
}

/// The first byte; zero, which can stand nowhere in JSON, if there is none.
#[inline(always)]
pub(crate) fn first(text: &[u8]) -> u8 {
    text.first().copied().unwrap_or(0)
}

/// The text behind its first `length` bytes.
#[inline(always)]
pub(crate) fn behind(text: &[u8], length: usize) -> &[u8] {
    text.get(length..).unwrap_or_default()
}

/// The text behind the whitespace that it starts with.
#[inline(always)]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(0..=b' ') => trim_slow(text),
        _ => text,
    }
}

/// Like [`trim`], for text that most likely starts with whitespace.
#[inline(never)]
pub(crate) fn trim_slow(mut text: &[u8]) -> &[u8] {
    // One space between tokens is what many serializers write.
    if let [b' ', rest @ ..] = text {
        text = rest;
        if first(text) > b' ' {
            return text;
        }
    }
    while let Some(window) = text.first_chunk::<WIDTH>() {
        let run = window::whitespace(*window).trailing_ones() as usize;
        text = behind(text, run);
        if run < WIDTH {
            return text;
        }
    }
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    behind(text, text.iter().take_while(blank).count())
}

/// The length of the literal that `text` starts with.
#[inline(always)]
pub(crate) fn literal(text: &[u8], literal: &'static [u8]) -> usize {
    if text.starts_with(literal) {
        literal.len()
    } else {
        NONE
    }
}

#[cfg(test)]
mod tests;
