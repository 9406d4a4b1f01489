//! Packages of other languages, installed once by name and exact version into a cache folder.
//!
//! Nothing is installed into the workspace, and nothing in it says where a package is downloaded from:
//! that is the business of the machine's npm and pip.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::Stop;
use crate::process::output_of;

/// One package, to the letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

/// Oldest Node that knows `--import` hooks, which the suite's shim needs.
const NODE: (u32, u32) = (20, 6);
/// Oldest Python that the client runs on.
const PYTHON: (u32, u32) = (3, 10);

/// Where packages are kept: `MCPWIRE_CACHE`, or `mcpwire` in the user's cache folder.
pub(crate) fn folder() -> Result<PathBuf, Stop> {
    let var = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    var("MCPWIRE_CACHE")
        .or_else(|| var("XDG_CACHE_HOME").map(|cache| cache.join("mcpwire")))
        .or_else(|| var("HOME").map(|home| home.join(".cache/mcpwire")))
        .or_else(|| var("LOCALAPPDATA").map(|local| local.join("mcpwire")))
        .ok_or_else(|| Stop::Missing("no cache folder: set MCPWIRE_CACHE".to_owned()))
}

/// Installs npm packages side by side and gives the folder that holds `node_modules`.
pub(crate) fn npm(packages: &[Package]) -> Result<PathBuf, Stop> {
    let found = version_of(Command::new("node").arg("--version"));
    require("Node", found, NODE)?;
    installed(packages, |folder| {
        require(
            "npm",
            version_of(Command::new("npm").arg("--version")),
            (1, 0),
        )?;
        std::fs::write(folder.join("package.json"), "{\"private\":true}\n")
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ]);
        npm.arg("--loglevel=error");
        npm.args(
            packages
                .iter()
                .map(|one| format!("{}@{}", one.name, one.version)),
        );
        output_of(npm.current_dir(folder))
            .map(drop)
            .map_err(Stop::Missing)
    })
}

/// Installs a Python package into a virtual environment and gives that environment's interpreter.
pub(crate) fn pip(package: Package) -> Result<PathBuf, Stop> {
    let (python, found) = ["python3", "python"]
        .iter()
        .map(|name| (*name, version_of(Command::new(name).arg("--version"))))
        .find(|(_, found)| found.is_some())
        .unwrap_or(("python3", None));
    require("Python", found, PYTHON)?;
    let folder = installed(&[package], |folder| {
        output_of(Command::new(python).args(["-m", "venv"]).arg(folder)).map_err(|why| {
            Stop::Missing(format!(
                "{why}\nthe Python module venv is needed (Debian: python3-venv)"
            ))
        })?;
        let mut pip = Command::new(interpreter(folder));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        pip.arg(format!("{}=={}", package.name, package.version));
        output_of(&mut pip).map(drop).map_err(Stop::Missing)
    })?;
    Ok(interpreter(&folder))
}

fn interpreter(environment: &Path) -> PathBuf {
    let unix = environment.join("bin/python");
    if unix.exists() {
        unix
    } else {
        environment.join("Scripts/python.exe")
    }
}

/// Runs `install` in a folder of its own that takes its final name only when that went well, so that a
/// folder which is there is complete, also with two runs at once.
fn installed(
    packages: &[Package],
    install: impl FnOnce(&Path) -> Result<(), Stop>,
) -> Result<PathBuf, Stop> {
    let cache = folder()?;
    let name = folder_name(packages);
    let done = cache.join(&name);
    if done.exists() {
        return Ok(done);
    }
    let all: Vec<String> = packages
        .iter()
        .map(|one| format!("{} {}", one.name, one.version))
        .collect();
    eprintln!("installing {} into {}", all.join(", "), cache.display());
    let scratch = cache.join(format!("{name}.new-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    if let Err(stop) = install(&scratch) {
        let _ = std::fs::remove_dir_all(&scratch);
        return Err(stop);
    }
    if let Err(error) = std::fs::rename(&scratch, &done) {
        let _ = std::fs::remove_dir_all(&scratch);
        if !done.exists() {
            return Err(Stop::Broken(format!("{}: {error}", done.display())));
        }
    }
    Ok(done)
}

/// Names and exact versions, so that another version is another folder.
fn folder_name(packages: &[Package]) -> String {
    let each = packages
        .iter()
        .map(|one| format!("{}-{}", one.name.replace('/', "+"), one.version));
    each.collect::<Vec<_>>().join("+")
}

/// Major and minor version out of what a program prints, `None` if it is not there.
fn version_of(command: &mut Command) -> Option<(u32, u32)> {
    parse_version(&output_of(command).ok()?)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let number = text.trim().rsplit(' ').next()?.trim_start_matches('v');
    let mut parts = number.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn require(what: &str, found: Option<(u32, u32)>, least: (u32, u32)) -> Result<(), Stop> {
    let (major, minor) = least;
    match found {
        Some(found) if found >= least => Ok(()),
        Some((a, b)) => Err(Stop::Missing(format!(
            "{what} {major}.{minor} or later is needed, found {a}.{b}"
        ))),
        None => Err(Stop::Missing(format!(
            "{what} is not installed ({major}.{minor} or later)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_after_all_that_is_in_it() {
        let package = |name, version| Package { name, version };
        let (one, two) = (package("@a/one", "1.0.0"), package("two", "2.3.0"));
        assert_eq!(folder_name(&[two]), "two-2.3.0");
        assert_eq!(folder_name(&[one, two]), "@a+one-1.0.0+two-2.3.0");
    }

    #[test]
    fn versions_are_read_as_programs_print_them() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse_version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(parse_version("11.19.1"), Some((11, 19)));
        assert_eq!(parse_version("no number"), None);
    }

    #[test]
    fn what_is_too_old_or_absent_is_missing() {
        assert!(require("Node", Some((20, 6)), NODE).is_ok());
        assert!(matches!(
            require("Node", Some((18, 99)), NODE),
            Err(Stop::Missing(_))
        ));
        assert!(matches!(require("Node", None, NODE), Err(Stop::Missing(_))));
    }
}
