//! The grammar of JSON (RFC 8259), read in one pass and without recursion.
//!
//! Owns: tokens, nesting, and the walk over a value that nobody asked about. It knows nothing of the
//! protocol; [`crate::envelope`] hangs on to it wherever the name of a member matters.
//!
//! The bytes are known to be UTF-8 before a [`Reader`] sees them. Its verdict on them is that of a
//! parser that reads every string as a string: a lone surrogate is refused even where a skipping
//! parser would step over it. Numbers are held to the grammar and not to a magnitude, because what
//! they are read into is the business of whoever reads them.

mod nesting;
mod string;

pub(crate) use string::{Piece, Unescape, unescape_into};

use crate::error::Syntax;
use nesting::{Container, Nesting};

/// A range of the message. `u32` keeps a message's table of them small; the limit on the length of a
/// message sees to it that everything fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let fit = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            start: fit(start),
            end: fit(end),
        }
    }

    /// No value is empty, so the default span stands for a member that is not there.
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

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

/// The name of a member as it is spelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    /// Offset of the opening quote.
    pub(crate) offset: usize,
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Name<'a> {
    /// The name with its escapes resolved, so that `"meth\u006fd"` is `method`. A name too long for
    /// the scratch space is longer than any name the protocol reserves; it comes back empty.
    pub(crate) fn resolve<'b>(&self, scratch: &'b mut [u8; 64]) -> &'b [u8]
    where
        'a: 'b,
    {
        if self.escaped {
            unescape_into(self.raw, scratch).unwrap_or_default()
        } else {
            self.raw
        }
    }
}

pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nesting: Nesting,
}

type Read<T = ()> = Result<T, SyntaxError>;

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], max_depth: usize) -> Self {
        Self {
            bytes,
            at: 0,
            nesting: Nesting::new(max_depth),
        }
    }

    /// The offset of the next unread byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next unread byte.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Offset of the first bracket beyond the depth limit. Reading goes on behind it, because the
    /// member that says whom to tell may stand there; it costs one bit per level.
    pub(crate) fn too_deep_at(&self) -> Option<usize> {
        self.nesting.exceeded_at()
    }

    /// Steps over the start of the text, up to the first byte of its value.
    pub(crate) fn begin(&mut self) -> Read {
        if self.bytes.starts_with(b"\xEF\xBB\xBF") {
            return Err(self.error(Syntax::ByteOrderMark));
        }
        self.whitespace();
        if self.peek().is_none() {
            Err(self.error(Syntax::Empty))
        } else {
            Ok(())
        }
    }

    /// Refuses anything but whitespace behind the value.
    pub(crate) fn end(&mut self) -> Read {
        self.whitespace();
        if self.peek().is_some() {
            Err(self.error(Syntax::TrailingBytes))
        } else {
            Ok(())
        }
    }

    /// Reads the object that starts here, and hands each member to `each`: with its name, and with
    /// the reader at the first byte of its value, which `each` has to read.
    pub(crate) fn members(&mut self, mut each: impl FnMut(&mut Self, Name<'a>) -> Read) -> Read {
        self.open(Container::Object);
        if self.peek() == Some(b'}') {
            self.close();
            return Ok(());
        }
        loop {
            let name = self.name()?;
            each(self, name)?;
            self.whitespace();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.whitespace();
                }
                Some(b'}') => {
                    self.close();
                    return Ok(());
                }
                _ => return Err(self.error(Syntax::ExpectedCommaOrBrace)),
            }
        }
    }

    /// Reads the value that starts here, whatever it is and however deep it goes.
    pub(crate) fn value(&mut self) -> Read<Span> {
        let start = self.at;
        let floor = self.nesting.depth();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.open(Container::Object);
                    if self.peek() != Some(b'}') {
                        self.name()?;
                        continue;
                    }
                    self.close();
                }
                Some(b'[') => {
                    self.open(Container::Array);
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.close();
                }
                _ => self.scalar()?,
            }
            if !self.next_sibling(floor)? {
                return Ok(Span::new(start, self.at));
            }
        }
    }

    /// Behind a value: closes what ends here, down to `floor`, and goes to the next value, if any.
    fn next_sibling(&mut self, floor: usize) -> Read<bool> {
        while self.nesting.depth() > floor {
            self.whitespace();
            match (self.nesting.innermost(), self.peek()) {
                (Container::Object, Some(b',')) => {
                    self.at += 1;
                    self.whitespace();
                    self.name()?;
                    return Ok(true);
                }
                (Container::Array, Some(b',')) => {
                    self.at += 1;
                    self.whitespace();
                    return Ok(true);
                }
                (Container::Object, Some(b'}')) | (Container::Array, Some(b']')) => self.close(),
                (Container::Object, _) => return Err(self.error(Syntax::ExpectedCommaOrBrace)),
                (Container::Array, _) => return Err(self.error(Syntax::ExpectedCommaOrBracket)),
            }
        }
        Ok(false)
    }

    fn open(&mut self, container: Container) {
        self.nesting.open(container, self.at);
        self.at += 1;
        self.whitespace();
    }

    fn close(&mut self) {
        self.nesting.close();
        self.at += 1;
    }

    /// Reads the name of a member and its colon, up to the first byte of the value.
    fn name(&mut self) -> Read<Name<'a>> {
        let offset = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error(Syntax::ExpectedName));
        }
        let escaped = self.string()?;
        let raw = self.bytes.get(offset + 1..self.at - 1).unwrap_or_default();
        self.whitespace();
        if self.peek() != Some(b':') {
            return Err(self.error(Syntax::ExpectedColon));
        }
        self.at += 1;
        self.whitespace();
        Ok(Name {
            offset,
            raw,
            escaped,
        })
    }

    fn scalar(&mut self) -> Read {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(self.error(Syntax::ExpectedValue)),
        }
    }

    /// Reads the string that starts here, and tells whether it has escapes.
    fn string(&mut self) -> Read<bool> {
        let start = self.at + 1;
        let mut escaped = false;
        let mut rest = self.bytes.get(start..).unwrap_or_default();
        loop {
            rest = rest.get(string::plain_run(rest)..).unwrap_or_default();
            let here = self.bytes.len() - rest.len();
            match rest.first() {
                Some(b'"') => {
                    self.at = here + 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    match string::escape(rest) {
                        Ok((_, length)) => rest = rest.get(length..).unwrap_or_default(),
                        Err(syntax) => return Err(self.error_at(here, syntax)),
                    }
                }
                _ => return Err(self.error_at(here, Syntax::ControlCharacter)),
            }
        }
    }

    fn number(&mut self) -> Read {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        // `01` and `-01`: without this the message would speak of a missing comma.
        if matches!(self.peek(), Some(b'0'..=b'9')) {
            Err(self.error(Syntax::Number))
        } else {
            Ok(())
        }
    }

    /// One digit or more.
    fn digits(&mut self) -> Read {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.error(Syntax::Number))
        } else {
            Ok(())
        }
    }

    fn literal(&mut self, literal: &'static [u8]) -> Read {
        for &byte in literal {
            if self.peek() != Some(byte) {
                return Err(self.error(Syntax::Literal));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, syntax: Syntax) -> SyntaxError {
        self.error_at(self.at, syntax)
    }

    /// Where the text has ended, that is what is wrong with it, whatever was expected there.
    fn error_at(&self, offset: usize, syntax: Syntax) -> SyntaxError {
        let end = self.bytes.len();
        match syntax {
            Syntax::Empty => SyntaxError { offset, syntax },
            _ if offset < end && syntax != Syntax::UnexpectedEnd => SyntaxError { offset, syntax },
            _ => SyntaxError {
                offset: end,
                syntax: Syntax::UnexpectedEnd,
            },
        }
    }
}

#[cfg(test)]
mod tests;
