//! `cargo xtask peers`: clients that others wrote drive the fixture server, over stdio and over HTTP.
//!
//! The client scripts are in `xtask/peers`; each prints `ok NAME` or `FAIL NAME: why` per check. Here
//! the clients are installed, started and counted.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cache::{self, Package};
use crate::outcome::{Options, Stop, Tally};
use crate::process::{self, Server};

const TYPESCRIPT: Package = Package {
    name: "@modelcontextprotocol/client",
    version: "2.4.0",
};
const PYTHON: Package = Package {
    name: "mcp",
    version: "2.3.0",
};
/// Longer than the scripts' own limit, so that they get to say what took too long.
const LIMIT: Duration = Duration::from_secs(180);
/// So small that every list of the fixture takes several pages.
const PAGE_SIZE: &str = "4";

const USAGE: &str = "\
usage: cargo xtask peers [--only NAME,..] [--verbose]

  --only NAME,..   typescript, python, stdio, http: just what has one of these names in each respect
  --verbose        print every check, not only the failed ones
";

/// The command with its arguments.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let mut options = Options::new(args);
    if options.flag("--help") || options.flag("-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let verbose = options.flag("--verbose");
    let only = options.list("--only")?.unwrap_or_default();
    options.end(USAGE)?;
    let chosen = |all: &[&'static str]| -> Vec<&'static str> {
        let named: Vec<_> = all
            .iter()
            .copied()
            .filter(|name| only.iter().any(|o| o == name))
            .collect();
        if named.is_empty() {
            all.to_vec()
        } else {
            named
        }
    };
    let mut tally = Tally::default();
    for language in chosen(&["typescript", "python"]) {
        tally += run(root, language, &chosen(&["stdio", "http"]), verbose)?;
    }
    if tally.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

/// Runs the client of one language over the transports and prints what came of it; counts checks.
pub(crate) fn run(
    root: &Path,
    language: &str,
    transports: &[&str],
    verbose: bool,
) -> Result<Tally, Stop> {
    let peer = Peer::install(root, language)?;
    let fixture = process::build(
        root,
        &["-p", "mcpwire-conformance", "--bin", "mcpwire-conformance"],
    )?;
    let work = process::work_folder(root, "peers")?;
    let name = format!("{} {}", peer.package.name, peer.package.version);
    let mut tally = Tally::default();
    for transport in transports {
        let started = Instant::now();
        let checks = peer.drive(transport, &fixture, &work)?;
        tally += checks.tally();
        let seconds = started.elapsed().as_secs_f32();
        print!(
            "{}",
            checks.render(&format!("{name:<36} {transport:<6}"), seconds, verbose)
        );
    }
    Ok(tally)
}

/// An installed client and how its script is started.
struct Peer {
    package: Package,
    program: PathBuf,
    script: PathBuf,
    /// The script looks for its package here.
    folder: PathBuf,
}

impl Peer {
    fn install(root: &Path, language: &str) -> Result<Self, Stop> {
        let scripts = root.join("xtask/peers");
        match language {
            "typescript" => Ok(Self {
                package: TYPESCRIPT,
                program: "node".into(),
                script: scripts.join("typescript.mjs"),
                folder: cache::npm(TYPESCRIPT)?,
            }),
            "python" => Ok(Self {
                package: PYTHON,
                program: cache::pip(PYTHON)?,
                script: scripts.join("python.py"),
                folder: root.to_path_buf(),
            }),
            other => Err(Stop::Usage(format!("no peer in {other:?}"))),
        }
    }

    fn drive(&self, transport: &str, fixture: &Path, work: &Path) -> Result<Checks, Stop> {
        let name = format!(
            "{}-{transport}",
            self.script.file_stem().unwrap_or_default().display()
        );
        let mut client = Command::new(&self.program);
        client
            .current_dir(&self.folder)
            .arg(&self.script)
            .arg(transport);
        // A client is told nothing by the environment about the fixture, and leaves no caches here.
        client
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null());
        let server = if transport == "stdio" {
            client
                .arg(fixture)
                .args(["--stdio", "--page-size", PAGE_SIZE]);
            None
        } else {
            let mut command = Command::new(fixture);
            command.args([
                "--http",
                "127.0.0.1:0",
                "--until-stdin-closes",
                "--page-size",
                PAGE_SIZE,
            ]);
            let server = Server::start(&mut command, &work.join(format!("{name}-fixture.log")))?;
            client.arg(server.url());
            Some(server)
        };
        let log = work.join(format!("{name}.log"));
        let success = process::run_logged(&mut client, &log, LIMIT)?;
        drop(server);
        let text = std::fs::read_to_string(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        Ok(Checks::read(&text, success))
    }
}

/// What one run of a script said.
#[derive(Debug, Default)]
struct Checks {
    passed: Vec<String>,
    failed: Vec<String>,
}

impl Checks {
    /// A script that ends badly without saying why, or says nothing, counts as one failure more.
    fn read(log: &str, success: bool) -> Self {
        let mut checks = Self::default();
        for line in log.lines() {
            if let Some(name) = line.strip_prefix("ok ") {
                checks.passed.push(name.to_owned());
            } else if let Some(what) = line.strip_prefix("FAIL ") {
                checks.failed.push(what.to_owned());
            }
        }
        if checks.failed.is_empty() && (!success || checks.passed.is_empty()) {
            checks
                .failed
                .push(format!("run: ended early\n{}", process::tail(log, 15)));
        }
        checks
    }

    fn tally(&self) -> Tally {
        Tally {
            passed: self.passed.len(),
            failed: self.failed.len(),
        }
    }

    fn render(&self, run: &str, seconds: f32, verbose: bool) -> String {
        let mut text = String::new();
        let label = if self.tally().is_clean() {
            "ok  "
        } else {
            "FAIL"
        };
        let _ = writeln!(text, "  {label}  {run} {}, {seconds:.1} s", self.tally());
        if verbose {
            for name in &self.passed {
                let _ = writeln!(text, "        ok      {name}");
            }
        }
        for what in &self.failed {
            let _ = writeln!(text, "        failed  {what}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted() {
        let checks = Checks::read("ok a\nnoise\nFAIL b: why\nok c\n", false);
        assert_eq!(
            checks.tally(),
            Tally {
                passed: 2,
                failed: 1
            }
        );
    }

    #[test]
    fn silence_and_an_early_end_are_failures() {
        assert_eq!(
            Checks::read("", true).tally(),
            Tally {
                passed: 0,
                failed: 1
            }
        );
        assert_eq!(
            Checks::read("ok a\nTraceback\n", false).tally(),
            Tally {
                passed: 1,
                failed: 1
            }
        );
        assert_eq!(
            Checks::read("ok a\n", true).tally(),
            Tally {
                passed: 1,
                failed: 0
            }
        );
    }
}
