//! Line ends within a message.
//!
//! JSON has them between tokens only: those within a string are escaped. So a space in place of each
//! changes nothing of what a message says, and a framing that is made of lines can carry it.

use bytes::Bytes;

use crate::encode::Encoded;

/// The message on a single line. Copies only the chunks that have line ends.
pub(crate) fn flatten(message: Encoded) -> Encoded {
    Encoded {
        head: flatten_chunk(message.head),
        body: flatten_chunk(message.body),
        tail: flatten_chunk(message.tail),
    }
}

fn flatten_chunk(chunk: Bytes) -> Bytes {
    if memchr::memchr2(b'\n', b'\r', &chunk).is_none() {
        return chunk;
    }
    chunk
        .iter()
        .map(|&byte| {
            if matches!(byte, b'\n' | b'\r') {
                b' '
            } else {
                byte
            }
        })
        .collect()
}

/// A short chunk with something in front or behind.
pub(crate) fn join(front: &[u8], back: &[u8]) -> Bytes {
    [front, back].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_lines_are_not_copied() {
        let message = Encoded {
            body: Bytes::from_static(b"{\"a\": 1}"),
            ..Encoded::default()
        };
        let flat = flatten(message.clone());
        assert_eq!(flat.body.as_ptr(), message.body.as_ptr());
    }

    #[test]
    fn line_ends_become_spaces() {
        let message = Encoded {
            head: Bytes::from_static(b"{\r\n"),
            body: Bytes::from_static(b"\n\n"),
            tail: Bytes::from_static(b"\r}"),
        };
        let expected: [&[u8]; 3] = [b"{  ", b"  ", b" }"];
        assert_eq!(flatten(message).chunks(), expected);
    }
}
