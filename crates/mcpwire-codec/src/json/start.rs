//! What a value is, told by its first byte.

/// What starts with a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// No value starts like this.
    Nothing,
    Whitespace,
    String,
    /// A digit other than zero.
    Digit,
    /// A sign or a zero.
    OtherNumber,
    Object,
    Array,
    True,
    False,
    Null,
}

/// What `text` starts with.
#[inline(always)]
pub(crate) fn start(text: &[u8]) -> Start {
    match text.first() {
        Some(byte) => STARTS
            .get(usize::from(*byte))
            .copied()
            .unwrap_or(Start::Nothing),
        None => Start::Nothing,
    }
}

/// One look-up, however many kinds of values there are.
static STARTS: [Start; 256] = starts();

#[expect(clippy::indexing_slicing, reason = "done by the compiler, which tells")]
const fn starts() -> [Start; 256] {
    let mut starts = [Start::Nothing; 256];
    let mut byte = 0_u8;
    loop {
        starts[byte as usize] = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => Start::Whitespace,
            b'"' => Start::String,
            b'1'..=b'9' => Start::Digit,
            b'-' | b'0' => Start::OtherNumber,
            b'{' => Start::Object,
            b'[' => Start::Array,
            b't' => Start::True,
            b'f' => Start::False,
            b'n' => Start::Null,
            _ => Start::Nothing,
        };
        if byte == u8::MAX {
            return starts;
        }
        byte += 1;
    }
}
