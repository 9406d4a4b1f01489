//! Types, written as JSON.

mod compound;
mod key;
mod number;
mod ser;
mod string;
mod verbatim;

use alloc::vec::Vec;

use serde_core::Serialize;

use ser::Writer;

pub(crate) use number::signed as push_integer;
pub(crate) use string::string as push_string;

/// Writes `value` as compact JSON: the bytes and the errors of `serde_json::to_vec`.
///
/// Text is what makes results long, and what this is fast at: strings are searched for what has to be
/// escaped, and copied, many bytes at a time.
///
/// ```
/// let result = mcpwire_types::CallToolResult::new([mcpwire_types::TextContent::new("16 °C\n\"sunny\"")]);
/// let json = mcpwire_codec::to_json(&result)?;
/// assert_eq!(json, serde_json::to_vec(&result)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(FIRST_CAPACITY);
    write_json(&mut out, value)?;
    Ok(out)
}

/// Writes `value` as [`to_json`] does, behind what is in `out`. After an error there may be part of a
/// value in it.
pub fn write_json<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    value: &T,
) -> Result<(), serde_json::Error> {
    value.serialize(Writer { out })
}

/// Enough for most messages that are not made of text.
const FIRST_CAPACITY: usize = 256;

#[cfg(test)]
mod tests;
