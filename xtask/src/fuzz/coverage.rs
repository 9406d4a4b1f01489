//! What the corpora reach, by source file.
//!
//! Measured by cargo-tarpaulin, on whatever compiler builds the workspace, while the corpus of a target is
//! replayed as the tests do it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::Places;
use crate::outcome::Stop;
use crate::process;

/// Building everything with counters in it takes a few minutes on two cores.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A report as cargo-tarpaulin writes it.
#[derive(Deserialize)]
struct Report {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    /// The parts of an absolute path.
    path: Vec<String>,
    covered: u64,
    coverable: u64,
}

/// Prints a line for each target, and writes what it reached of each file.
pub(super) fn report(places: &Places, targets: &[String]) -> Result<(), Stop> {
    let tool = process::cargo(&places.root)
        .args(["tarpaulin", "--version"])
        .output();
    if !tool.is_ok_and(|output| output.status.success()) {
        return Err(Stop::Missing(
            "needs cargo-tarpaulin: cargo install cargo-tarpaulin".to_owned(),
        ));
    }
    let folder = places.root.join("fuzz/coverage");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!("target | lines reached | lines | report\n---|---|---|---");
    for target in targets {
        let files = measure(places, target)?;
        let report = folder.join(format!("{target}.txt"));
        std::fs::write(&report, table(&places.root, &files))
            .map_err(|error| format!("{}: {error}", report.display()))?;
        let covered: u64 = files.iter().map(|file| file.covered).sum();
        let coverable: u64 = files.iter().map(|file| file.coverable).sum();
        println!("{target} | {covered} | {coverable} | fuzz/coverage/{target}.txt");
    }
    Ok(())
}

/// The files of the crates that the replay of a target's corpus reaches anything of.
fn measure(places: &Places, target: &str) -> Result<Vec<File>, Stop> {
    let results = places.folder("coverage", target)?;
    let log = places.work.join(format!("{target}-coverage.log"));
    let mut tarpaulin: Command = process::cargo(&places.root);
    tarpaulin
        .args(["tarpaulin", "--engine", "llvm", "--skip-clean"])
        .args(["--out", "json", "--output-dir"])
        .arg(&results)
        .arg("--target-dir")
        .arg(places.work.join("tarpaulin"))
        .args(["--packages", "mcpwire-laws", "--test", "replay"])
        .args(["--include-files", "crates/*/src/*"])
        .args(["--timeout", "600", "--", "the_corpus_obeys_the_laws"])
        .env("MCPWIRE_LAW", target);
    if !process::run_logged(&mut tarpaulin, &log, LIMIT)? {
        let why = process::tail(&std::fs::read_to_string(&log).unwrap_or_default(), 20);
        return Err(Stop::Broken(format!("{target} cannot be measured:\n{why}")));
    }
    let path = results.join("tarpaulin-report.json");
    let broken = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| broken(&error))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| broken(&error))?;
    let mut files = report.files;
    files.retain(|file| file.covered > 0);
    Ok(files)
}

/// A row for each file, the least reached first.
fn table(root: &Path, files: &[File]) -> String {
    let mut rows: Vec<(String, &File)> = files
        .iter()
        .map(|file| {
            let path: PathBuf = file.path.iter().collect();
            let path = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            (path, file)
        })
        .collect();
    rows.sort_by(|(a, left), (b, right)| {
        let (left, right) = (
            left.covered * right.coverable,
            right.covered * left.coverable,
        );
        left.cmp(&right).then_with(|| a.cmp(b))
    });
    let mut table = String::from("reached  lines  file\n");
    for (path, file) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{:7}  {:5}  {path}", file.covered, file.coverable);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_reached_file_comes_first() {
        let json = r#"{"files":[
            {"path":["/","home","a.rs"],"content":"","covered":3,"coverable":4,"traces":[]},
            {"path":["/","home","b","c.rs"],"content":"","covered":1,"coverable":2,"traces":[]}
        ],"coverage":66.6,"covered":4,"coverable":6}"#;
        let report: Report = serde_json::from_str(json).unwrap();
        let expected = "reached  lines  file\n      1      2  b/c.rs\n      3      4  a.rs\n";
        assert_eq!(table(Path::new("/home"), &report.files), expected);
    }
}
