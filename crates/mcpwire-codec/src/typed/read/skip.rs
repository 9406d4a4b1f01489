//! Values that nobody looks at.

use super::Reader;
use super::error::Failed;
use super::string::next_ending;

impl Reader<'_> {
    /// Steps over the value at hand, however deep it is, looking at brackets and quotes alone.
    pub(super) fn skip(&mut self) -> Result<(), Failed> {
        match self.peek() {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_word(),
        }
    }

    /// A string, from its opening quote.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), Failed> {
        match end_of_string(self.bytes(), self.at + 1) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => Err(self.fail()),
        }
    }

    fn skip_nested(&mut self) -> Result<(), Failed> {
        match end_of_nested(self.bytes(), self.at) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => Err(self.fail()),
        }
    }

    /// A number or a literal.
    fn skip_word(&mut self) -> Result<(), Failed> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| matches!(byte, 0..=b' ' | b',' | b':' | b']' | b'}'))
            .unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fail());
        }
        self.at += length;
        Ok(())
    }
}

/// Behind the quote that closes the string whose content begins at `at`.
#[inline]
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = next_ending(bytes, at)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Behind the bracket that closes the one at `at`.
fn end_of_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = end_of_string(bytes, at + 1)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
