//! The tables of the codec.

use std::fmt::Write as _;
use std::path::Path;

use super::estimates::{median, time};

pub(super) const TABLES: [&str; 3] = ["decode", "encode", "typed"];

/// The messages, in the order and under the names of `bench/messages/src/lib.rs`.
pub(super) const MESSAGES: [&str; 6] = [
    "350 B call",
    "2 KB dense call",
    "64 KB text",
    "1 MB base64",
    "256 KB tools/list",
    "80 B cancelled",
];

const READERS: [&str; 7] = [
    "mcpwire",
    "serde_json",
    "sonic-rs",
    "simd-json",
    "jiter",
    "rmcp",
    "simdutf8",
];

/// Reading: the time of each reader, and how many times longer than ours it takes.
pub(super) fn decode(criterion: &Path) -> Result<String, String> {
    let mut table = String::from("reading");
    for reader in READERS {
        // Writing to a string cannot fail.
        let _ = write!(table, " | {reader}");
    }
    let _ = write!(table, "\n---{}", "|---".repeat(READERS.len()));
    for message in MESSAGES {
        let ours = median(criterion, message, "mcpwire")?;
        let _ = write!(table, "\n{message}");
        for reader in READERS {
            let theirs = median(criterion, message, reader)?;
            let _ = write!(table, " | {}", time(theirs));
            if reader != "mcpwire" {
                let _ = write!(table, " ({:.2}×)", theirs / ours);
            }
        }
    }
    Ok(table)
}

/// Writing a typed result, and splicing ready JSON of three lengths.
pub(super) fn encode(criterion: &Path) -> Result<String, String> {
    let mut table = String::from("writing | mcpwire | serde_json\n---|---|---\n");
    compare(criterion, "encode 64 KB text", &mut table)?;
    table.push_str("\n\nsplicing an envelope around | time\n---|---");
    for length in ["100 B", "10 KB", "1 MB"] {
        let time = time(median(criterion, "splice", length)?);
        let _ = write!(table, "\n{length} | {time}");
    }
    Ok(table)
}

/// Reading parts as types.
pub(super) fn typed(criterion: &Path) -> Result<String, String> {
    let mut table = String::from("reading a part | mcpwire | serde_json\n---|---|---");
    for group in [
        "typed params of a call",
        "typed dense arguments",
        "typed tools of a list",
    ] {
        table.push('\n');
        compare(criterion, group, &mut table)?;
    }
    Ok(table)
}

fn compare(criterion: &Path, group: &str, table: &mut String) -> Result<(), String> {
    let ours = median(criterion, group, "mcpwire")?;
    let theirs = median(criterion, group, "serde_json")?;
    let ratio = theirs / ours;
    let (ours, theirs) = (time(ours), time(theirs));
    let _ = write!(table, "{group} | {ours} | {theirs} ({ratio:.2}×)");
    Ok(())
}
