//! Numbers.

use alloc::vec::Vec;
use core::fmt::Write as _;

use serde_core::Serialize;

/// Writes an integer.
#[inline]
pub(super) fn unsigned(out: &mut Vec<u8>, mut n: u64) {
    // Two digits at a time, from the last to the first.
    let mut buffer = [0_u8; 20];
    let mut unused = buffer.len();
    for pair in buffer.rchunks_exact_mut(2) {
        let two = (n % 100) as u8;
        pair.copy_from_slice(&[b'0' + two / 10, b'0' + two % 10]);
        n /= 100;
        unused -= if two < 10 && n == 0 { 1 } else { 2 };
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(buffer.get(unused..).unwrap_or_default());
}

/// Writes an integer.
#[inline]
pub(crate) fn signed(out: &mut Vec<u8>, n: i64) {
    if n < 0 {
        out.push(b'-');
    }
    unsigned(out, n.unsigned_abs());
}

/// Writes an integer too long for the others.
#[cold]
pub(super) fn long(out: &mut Vec<u8>, n: impl core::fmt::Display) {
    struct Text<'o>(&'o mut Vec<u8>);

    impl core::fmt::Write for Text<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }

    // Neither an integer nor a vector has an error to tell.
    let _ = write!(Text(out), "{n}");
}

/// Writes a float of 32 or 64 bits, or `null` for what JSON has no word for: both by `serde_json`.
#[cfg(feature = "std")]
pub(super) fn float(out: &mut Vec<u8>, n: &impl Serialize) -> Result<(), serde_json::Error> {
    serde_json::to_writer(out, n)
}

/// The same by way of a vector of its own: without the standard library there is no `to_writer`.
#[cfg(not(feature = "std"))]
pub(super) fn float(out: &mut Vec<u8>, n: &impl Serialize) -> Result<(), serde_json::Error> {
    out.extend_from_slice(&serde_json::to_vec(n)?);
    Ok(())
}
