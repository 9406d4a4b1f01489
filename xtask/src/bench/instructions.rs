//! Instructions for reading, dispatching and writing a message, counted by callgrind and held against a
//! file that is committed: a regression shows on the busiest machine.
//!
//! Compiler and processor decide about such counts too. The file names those it was written with, and
//! elsewhere the counts are only shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::codec::MESSAGES;
use crate::outcome::Stop;
use crate::process;

const WORKS: [&str; 3] = ["decode", "dispatch", "encode"];

/// How much more than in the file is still no regression, in percent.
const TOLERANCE: u64 = 8;

const HEADER: &str = "\
# Instructions for one message, by callgrind. Written by `cargo xtask bench instructions --bless`, and held
# by `cargo xtask test --only instructions` on machines that are alike.
";

/// The file.
#[derive(Deserialize)]
struct Baseline {
    /// What decides beside our code.
    machine: String,
    counts: BTreeMap<String, u64>,
}

/// Whether there is what it takes.
pub(crate) fn is_at_hand() -> bool {
    let valgrind = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    valgrind.is_ok_and(|status| status.success())
}

/// Counts, prints, and compares. `bless` writes the file in place of comparing.
pub(crate) fn run(root: &Path, bless: bool) -> Result<(), Stop> {
    if !is_at_hand() {
        return Err(Stop::Missing("valgrind is not installed".to_owned()));
    }
    let program = build(root)?;
    let machine = machine(root)?;
    let file = root.join("bench/instructions.toml");
    let baseline = read(&file)?;
    let comparable = baseline.as_ref().filter(|known| known.machine == machine);
    let mut counts = BTreeMap::new();
    let mut worse = Vec::new();
    println!("message | work | instructions | before\n---|---|---|---");
    for message in MESSAGES {
        for work in WORKS {
            let count = count(&program, work, message)?;
            let name = format!("{message}, {work}");
            let before = comparable.and_then(|known| known.counts.get(&name).copied());
            println!("{message} | {work} | {count} | {}", shown(count, before));
            if before.is_some_and(|before| is_worse(count, before)) {
                worse.push(name.clone());
            }
            counts.insert(name, count);
        }
    }
    if bless {
        let text = written(&machine, &counts);
        return std::fs::write(&file, text)
            .map_err(|error| Stop::Broken(format!("{}: {error}", file.display())));
    }
    if comparable.is_none() {
        let other = baseline.map_or("nothing".to_owned(), |known| known.machine);
        println!("\nNot compared: the file is of {other}, and this is {machine}.");
        return Ok(());
    }
    if worse.is_empty() {
        return Ok(());
    }
    println!(
        "\nMore than {TOLERANCE} % above bench/instructions.toml: {}.\nWhere that is meant, \
         `cargo xtask bench instructions --bless` writes it anew.",
        worse.join("; ")
    );
    Err(Stop::Failed)
}

fn is_worse(count: u64, before: u64) -> bool {
    count * 100 > before * (100 + TOLERANCE)
}

fn shown(count: u64, before: Option<u64>) -> String {
    before.map_or("-".to_owned(), |before| {
        let sign = if count < before { '-' } else { '+' };
        let thousandths = count.abs_diff(before) * 1000 / before.max(1);
        let (whole, tenth) = (thousandths / 10, thousandths % 10);
        format!("{before} ({sign}{whole}.{tenth} %)")
    })
}

fn read(file: &Path) -> Result<Option<Baseline>, Stop> {
    let broken =
        |error: &dyn std::fmt::Display| Stop::Broken(format!("{}: {error}", file.display()));
    match std::fs::read_to_string(file) {
        Ok(text) => toml::from_str(&text)
            .map(Some)
            .map_err(|error| broken(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(&error)),
    }
}

fn written(machine: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut text = format!("{HEADER}machine = {machine:?}\n\n[counts]\n");
    for (name, count) in counts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:?} = {count}");
    }
    text
}

fn build(root: &Path) -> Result<PathBuf, Stop> {
    let folder = root.join("bench");
    let mut cargo = process::cargo(&folder);
    cargo.args(["build", "--release", "--locked", "--quiet"]);
    let status = cargo.args(["--package", "bench-instructions"]).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(Stop::Broken("bench-instructions does not build".to_owned()));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| folder.join("target"), Into::into);
    Ok(target.join("release/bench-instructions"))
}

/// The compiler, and what the processor offers to those who ask it.
fn machine(root: &Path) -> Result<String, Stop> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let text = process::output_of(Command::new(rustc).current_dir(root).arg("-vV"))?;
    let line = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or("unknown").trim()
    };
    let vectors = if has_avx2() { "with" } else { "without" };
    let (release, host) = (line("release:"), line("host:"));
    Ok(format!("rustc {release} for {host}, {vectors} AVX2"))
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

/// What one time costs: the difference between many times and one, since both begin the same way.
fn count(program: &Path, work: &str, message: &str) -> Result<u64, Stop> {
    // Long messages vary less, and take longer.
    let times = if message.contains('K') || message.contains('M') {
        3
    } else {
        100
    };
    let first = collected(program, work, message, 1)?;
    let all = collected(program, work, message, 1 + times)?;
    Ok(all.saturating_sub(first) / times)
}

fn collected(program: &Path, work: &str, message: &str, times: u64) -> Result<u64, Stop> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args([work, message]);
    let output = valgrind.arg(times.to_string()).output();
    let output = output.map_err(|error| Stop::Broken(format!("valgrind: {error}")))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let found = text
        .lines()
        .find_map(total)
        .filter(|_| output.status.success());
    found.ok_or_else(|| Stop::Broken(format!("valgrind counted nothing:\n{text}")))
}

/// `==123== Collected : 4567`
fn total(line: &str) -> Option<u64> {
    let (_, number) = line.split_once("Collected : ")?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_found() {
        assert_eq!(total("==123== Collected : 4567"), Some(4567));
        assert_eq!(total("==123== "), None);
    }

    #[test]
    fn a_little_more_is_no_regression() {
        assert!(!is_worse(1080, 1000));
        assert!(is_worse(1081, 1000));
        assert_eq!(shown(1100, Some(1000)), "1000 (+10.0 %)");
    }

    #[test]
    fn what_is_written_is_read() {
        let counts = BTreeMap::from([("350 B call, decode".to_owned(), 7)]);
        let read: Baseline = toml::from_str(&written("rustc 1 for x", &counts)).unwrap();
        assert_eq!(
            (read.machine.as_str(), read.counts),
            ("rustc 1 for x", counts)
        );
    }
}
