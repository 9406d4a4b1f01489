//! `cargo xtask peers`: what others wrote and what is ours talk to each other, over stdio and over HTTP.
//!
//! [`mod@clients`] of others drive the fixture server, and a client of ours drives [`mod@servers`] of others.
//! What others wrote is made with their SDKs by the scripts in `xtask/peers`. A client, whosever it is,
//! prints `ok NAME` or `FAIL NAME: why` per check. Here everything is installed, started and counted.

mod checks;
mod clients;
mod servers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::cache::{self, Package};
use crate::outcome::{Options, Stop, Tally};
use crate::process;
use checks::Checks;

/// The SDK for Python is one package with both sides in it.
const PYTHON: Package = Package {
    name: "mcp",
    version: "2.3.0",
};
/// Longer than the clients' own limits, so that they get to say what took too long.
const LIMIT: Duration = Duration::from_secs(180);

const SIDES: [&str; 2] = ["clients", "servers"];
const LANGUAGES: [&str; 2] = ["typescript", "python"];
pub(crate) const TRANSPORTS: [&str; 2] = ["stdio", "http"];

const USAGE: &str = "\
usage: cargo xtask peers [--only NAME,..] [--verbose]

Clients made with the TypeScript and Python SDKs against the fixture server, and our client against
servers made with these SDKs.

  --only NAME,..   clients, servers, typescript, python, stdio, http: just what has one of these names
                   in each respect; clients and servers are those of others
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
    let choice = Choice::new(&only)?;
    let mut tally = Tally::default();
    for side in choice.sides {
        println!("{}", about(side));
        for language in &choice.languages {
            tally += match side {
                "clients" => clients(root, language, &choice.transports, verbose)?,
                _ => servers(root, language, &choice.transports, verbose)?,
            };
        }
    }
    if tally.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

fn about(side: &str) -> &'static str {
    match side {
        "clients" => "clients of others against the fixture server",
        _ => "our client against servers of others",
    }
}

/// Runs the client of one language over the transports and prints what came of it; counts checks.
pub(crate) fn clients(
    root: &Path,
    language: &str,
    transports: &[&str],
    verbose: bool,
) -> Result<Tally, Stop> {
    let peer = clients::Peer::install(root, language)?;
    let mut tally = Tally::default();
    for transport in transports {
        let run = format!("{:<36} {transport:<8}", peer.name());
        tally += timed(&run, verbose, || peer.drive(transport))?;
    }
    Ok(tally)
}

/// Runs our client against the server of one language over the transports and prints what came of it;
/// counts checks.
pub(crate) fn servers(
    root: &Path,
    language: &str,
    transports: &[&str],
    verbose: bool,
) -> Result<Tally, Stop> {
    let peer = servers::Peer::install(root, language)?;
    let mut tally = Tally::default();
    for transport in transports {
        for way in peer.ways(transport) {
            let run = format!("{:<36} {:<8}", peer.name(), way.join(" "));
            tally += timed(&run, verbose, || peer.face(way))?;
        }
    }
    Ok(tally)
}

fn timed(
    run: &str,
    verbose: bool,
    drive: impl FnOnce() -> Result<Checks, Stop>,
) -> Result<Tally, Stop> {
    let started = Instant::now();
    let checks = drive()?;
    let seconds = started.elapsed().as_secs_f32();
    print!("{}", checks.render(run, seconds, verbose));
    Ok(checks.tally())
}

/// Installs what servers of others are made with: the folder with the packages for TypeScript, and the
/// interpreter that has those for Python.
pub(crate) fn server_packages() -> (Result<PathBuf, Stop>, Result<PathBuf, Stop>) {
    (cache::npm(&servers::TYPESCRIPT), cache::pip(PYTHON))
}

/// Runs a client to its end and reads what it said.
fn run(client: &mut Command, log: &Path) -> Result<Checks, Stop> {
    let success = process::run_logged(client, log, LIMIT)?;
    let text = std::fs::read_to_string(log).map_err(|e| format!("{}: {e}", log.display()))?;
    Ok(Checks::read(&text, success))
}

/// What `--only` leaves to run.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    sides: Vec<&'static str>,
    languages: Vec<&'static str>,
    transports: Vec<&'static str>,
}

impl Choice {
    /// In each respect what is named, and everything where nothing is.
    fn new(only: &[String]) -> Result<Self, Stop> {
        let known = [SIDES, LANGUAGES, TRANSPORTS].concat();
        if let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(Stop::Usage(format!("no peer {unknown:?}\n\n{USAGE}")));
        }
        let chosen = |all: &[&'static str]| {
            let is_named = |name: &&'static str| only.iter().any(|own| own == name);
            let named: Vec<_> = all.iter().copied().filter(is_named).collect();
            if named.is_empty() {
                all.to_vec()
            } else {
                named
            }
        };
        Ok(Self {
            sides: chosen(&SIDES),
            languages: chosen(&LANGUAGES),
            transports: chosen(&TRANSPORTS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_respect_that_is_not_named_is_not_narrowed() {
        let choice = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
            Choice::new(&only)
        };
        let all = choice(&[]).unwrap();
        assert_eq!(all.sides, SIDES);
        assert_eq!(all.languages, LANGUAGES);
        assert_eq!(all.transports, TRANSPORTS);
        let some = choice(&["http", "servers"]).unwrap();
        assert_eq!(some.sides, ["servers"]);
        assert_eq!(some.languages, LANGUAGES);
        assert_eq!(some.transports, ["http"]);
        assert!(matches!(choice(&["server"]), Err(Stop::Usage(_))));
    }
}
