//! The targets as executables, and the tools that make them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Places;
use crate::outcome::Stop;
use crate::process;

/// Building takes a few minutes on two cores; far more means that something hangs.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// A cargo command with the nightly compiler, in the folder of the targets.
fn nightly(root: &Path, args: &[&str]) -> Command {
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(root)
        .args(["run", "nightly", "cargo"])
        .args(args);
    // Set for the toolchain that runs this program, not for that one.
    rustup
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTUP_TOOLCHAIN");
    rustup
}

/// Whether there is a nightly compiler with cargo-fuzz.
pub fn is_at_hand(root: &Path) -> bool {
    let output = nightly(root, &["fuzz", "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}

/// The names of all targets: those of the files, in order.
pub fn targets(root: &Path) -> Result<Vec<String>, Stop> {
    let folder = root.join("fuzz/fuzz_targets");
    let broken = |error| Stop::Broken(format!("{}: {error}", folder.display()));
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_stem().unwrap_or_default();
        targets.push(name.to_string_lossy().into_owned());
    }
    targets.sort();
    Ok(targets)
}

/// Builds all targets, and tells where the executables are.
pub(super) fn build(places: &Places, sanitizer: &str) -> Result<PathBuf, Stop> {
    if !is_at_hand(&places.root) {
        return Err(Stop::Missing(
            "needs a nightly compiler with cargo-fuzz: \
             rustup toolchain install nightly; cargo install cargo-fuzz"
                .to_owned(),
        ));
    }
    // Each sanitizer has a folder, so that none undoes what was built for another one.
    let target = places.root.join("fuzz/target").join(sanitizer);
    let log = places.work.join("build.log");
    let mut cargo = nightly(&places.root, &["fuzz", "build", "--sanitizer", sanitizer]);
    cargo.arg("--target-dir").arg(&target);
    println!("building the targets; the log is {}", log.display());
    if !process::run_logged(&mut cargo, &log, BUILD_LIMIT)? {
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        let why = process::tail(&log, 30);
        return Err(Stop::Broken(format!("the targets do not build:\n{why}")));
    }
    Ok(target.join(host()?).join("release"))
}

/// What this machine is to the compiler, such as `x86_64-unknown-linux-gnu`.
fn host() -> Result<String, String> {
    let version = process::output_of(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "rustc does not tell its host".to_owned())
}
