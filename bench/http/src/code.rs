//! How much code a request runs through, out of a profile by callgrind: instructions, and lines of the
//! processor's cache (64 bytes), counted once however often they run.
//!
//! Between two requests the kernel sends and receives, which takes the place of most of this in the first
//! caches. So each line is fetched anew for each request, and costs more than what is done in it.

use std::collections::{BTreeMap, BTreeSet};

/// What counts as a part; the first one whose name a function's name has.
const PARTS: [&str; 12] = [
    "mcpwire_http",
    "mcpwire_dispatch",
    "mcpwire_codec",
    "mcpwire_types",
    "mcpwire_service",
    "jsonschema",
    "serde_json",
    "http::header",
    "hyper",
    "httparse",
    "tokio",
    "bytes",
];

#[derive(Default)]
struct Part {
    instructions: u64,
    lines: BTreeSet<u64>,
}

/// Prints the parts of a profile that was made with `--dump-instr=yes --compress-strings=no
/// --compress-pos=no`, over so many requests. What ran less than every other time is left out.
pub(crate) fn run(profile: &str, requests: &str) -> Result<(), String> {
    let requests: u64 = requests
        .parse()
        .ok()
        .filter(|requests| *requests > 0)
        .ok_or_else(|| format!("no number of requests: {requests:?}"))?;
    let profile =
        std::fs::read_to_string(profile).map_err(|error| format!("{profile}: {error}"))?;
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    let mut pages = BTreeSet::new();
    let mut part = "others";
    let mut callee = false;
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            part = part_of(function);
        } else if line.starts_with("calls=") {
            // What the next line counts is in the function that is called, too.
            callee = true;
        } else if let Some((address, count)) = cost(line) {
            if !std::mem::take(&mut callee) && count * 2 >= requests {
                let part = parts.entry(part).or_default();
                part.instructions += count;
                part.lines.insert(address >> 6);
                pages.insert(address >> 12);
            }
        }
    }
    println!("| part | instructions | lines |\n|---|---|---|");
    for (name, part) in &parts {
        let instructions = part.instructions / requests;
        println!("| {name} | {instructions} | {} |", part.lines.len());
    }
    let instructions: u64 = parts.values().map(|part| part.instructions).sum();
    let lines: BTreeSet<u64> = parts
        .values()
        .flat_map(|part| &part.lines)
        .copied()
        .collect();
    println!(
        "| all, on {} pages | {} | {} |",
        pages.len(),
        instructions / requests,
        lines.len()
    );
    Ok(())
}

fn part_of(function: &str) -> &'static str {
    let found = PARTS.into_iter().find(|part| function.contains(part));
    found.unwrap_or("others")
}

/// The address and the count of a line such as `0x1a2b3c 0 57`.
fn cost(line: &str) -> Option<(u64, u64)> {
    let mut words = line.strip_prefix("0x")?.split(' ');
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let count = words.nth(1)?.parse().ok()?;
    Some((address, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_told_from_other_lines() {
        assert_eq!(cost("0x1f40 12 57"), Some((0x1f40, 57)));
        for other in [
            "fn=main",
            "calls=2 0x1f40 12",
            "0x1f40 12",
            "",
            "summary: 1",
        ] {
            assert_eq!(cost(other), None, "{other}");
        }
        assert_eq!(part_of("mcpwire_http::server::Endpoint"), "mcpwire_http");
        assert_eq!(part_of("malloc"), "others");
    }
}
