//! `cargo xtask balancer`: replicas behind nginx, while they are killed, paused and replaced.
//!
//! What happens and what has to hold is in `crates/mcpwire-chaos`; here it is built and run.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::outcome::{Stop, Tally};
use crate::process;

const PACKAGE: &str = "mcpwire-chaos";
/// How the program ends when this machine lacks something.
const MISSING: i32 = 3;
/// How it ends when it was called wrongly.
const USAGE: i32 = 2;
/// What the step of `cargo xtask test` runs: all scenarios, for less than a minute.
const STEP: [&str; 2] = ["--seconds", "3"];

/// The command with its arguments, which are those of the program.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if matches!(args.as_slice(), ["--help" | "-h"]) {
        println!("cargo xtask balancer builds this and runs it:\n");
        return run(root, &args).map(drop);
    }
    if run(root, &args)?.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

/// The run that is a step of the tests.
pub(crate) fn step(root: &Path) -> Result<Tally, Stop> {
    run(root, &STEP)
}

/// Runs the program, shows what it says, and counts what held.
fn run(root: &Path, args: &[&str]) -> Result<Tally, Stop> {
    let replica = process::build(root, &["-p", PACKAGE, "--bin", "mcpwire-replica"])?;
    let chaos = process::build(root, &["-p", PACKAGE, "--bin", PACKAGE])?;
    let broken = |error: std::io::Error| Stop::Broken(format!("{PACKAGE}: {error}"));
    let mut child = Command::new(chaos)
        .arg("--replica")
        .arg(replica)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let mut last = String::new();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        last = line.map_err(broken)?;
        println!("{last}");
    }
    let status = child.wait().map_err(broken)?;
    match status.code() {
        Some(MISSING) => Err(Stop::Missing(last)),
        Some(USAGE) => Err(Stop::Usage("see above".to_owned())),
        // That there is such a line is what a run to the end looks like.
        Some(0 | 1) => Ok(tally(&last).unwrap_or_default()),
        _ => Err(Stop::Broken(format!("{PACKAGE} ended with {status}"))),
    }
}

/// Reads `N passed, N failed`.
fn tally(line: &str) -> Option<Tally> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some(Tally {
        passed: passed.parse().ok()?,
        failed: failed.strip_suffix(" failed")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_read_as_it_is_written() {
        let read = Tally {
            passed: 12,
            failed: 3,
        };
        assert_eq!(tally(&read.to_string()), Some(read));
        assert_eq!(tally("12 passed"), None);
    }
}
