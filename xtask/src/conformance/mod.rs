//! `cargo xtask conformance`: the official suite against the fixture server and the fixture client.
//!
//! The suite is a pinned npm package. It is run as it is published and writes what each check found to
//! files: [`suite`] runs it, [`plan`] says what has to pass, [`report`] reads the files.

mod plan;
mod report;
mod suite;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::{Options, Stop, Tally};
use crate::process::{self, Server};
use plan::{Leg, Plan};
use report::Report;
use suite::{REVISION, SUITE, Subject, Suite};

const USAGE: &str = "\
usage: cargo xtask conformance server|client [--only SCENARIO,..] [--verbose]

Runs requirement set 2026-07-28 of the official suite against the fixture server or the fixture client.
Every scored scenario has to pass without a warning, and some that the suite does not score; a client
has to end with exit code 0, too. Not built yet and only named: the tasks extension of servers, and
authorization of clients.

  --only SCENARIO,..   just these, one after another
  --verbose            say of each skipped check why it was skipped
";

/// The command with its arguments.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let mut options = Options::new(args);
    if options.flag("--help") || options.flag("-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let run = match (options.flag("server"), options.flag("client")) {
        (true, false) => server,
        (false, true) => client,
        _ => return Err(Stop::Usage(USAGE.to_owned())),
    };
    let verbose = options.flag("--verbose");
    let only = options.list("--only")?;
    options.end(USAGE)?;
    let tally = run(root, only.as_deref(), verbose)?;
    if tally.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

/// Runs the suite against the server and prints one line per scenario; counts scenarios.
pub(crate) fn server(root: &Path, only: Option<&[String]>, verbose: bool) -> Result<Tally, Stop> {
    let suite = Suite::install()?;
    let work = work_folder(root)?;
    let fixture = build(root, "mcpwire-conformance")?;
    let mut command = Command::new(fixture);
    command.args(["--http", "127.0.0.1:0", "--until-stdin-closes"]);
    let server = Server::start(&mut command, &work.join("fixture.log"))?;
    print_heading(server.url());

    let raw = empty(work.join("server"))?;
    let plan = Plan::new(&suite.requirements()?, Leg::Server, only)?;
    let subject = Subject::Server { url: server.url() };
    suite.run(&subject, only, &raw)?;
    drop(server);
    let report = Report::read(&plan, &raw, None)?;
    print!("{}", report.render(verbose));
    Ok(report.tally())
}

/// Runs the suite against the client and prints one line per scenario; counts scenarios.
pub(crate) fn client(root: &Path, only: Option<&[String]>, verbose: bool) -> Result<Tally, Stop> {
    let suite = Suite::install()?;
    let work = work_folder(root)?;
    let fixture = build(root, "mcpwire-conformance-client")?;
    print_heading("the fixture client");

    let (raw, exits) = (empty(work.join("client"))?, empty(work.join("exits"))?);
    let plan = Plan::new(&suite.requirements()?, Leg::Client, only)?;
    let subject = Subject::Client {
        program: &fixture,
        exits: &exits,
    };
    suite.run(&subject, only, &raw)?;
    let report = Report::read(&plan, &raw, Some(&exits))?;
    print!("{}", report.render(verbose));
    Ok(report.tally())
}

fn build(root: &Path, name: &str) -> Result<PathBuf, String> {
    process::build(root, &["-p", "mcpwire-conformance", "--bin", name])
}

/// Absolute, since the suite does not run where this program does.
fn work_folder(root: &Path) -> Result<PathBuf, String> {
    let folder = process::work_folder(root, "conformance")?;
    std::path::absolute(&folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Makes the folder, without what an earlier run left there.
fn empty(folder: PathBuf) -> Result<PathBuf, String> {
    let explain = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(explain)?;
    }
    std::fs::create_dir_all(&folder).map_err(explain)?;
    Ok(folder)
}

fn print_heading(subject: &str) {
    println!(
        "{} {}, requirements {REVISION}, against {subject}",
        SUITE.name, SUITE.version
    );
}
