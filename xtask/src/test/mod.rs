//! `cargo xtask test`: everything that has to hold, in one command.
//!
//! A step that fails stops no other. What this machine cannot do is left out and named; with `CI=true`
//! that counts as a failure, except where it is a matter of files that not everybody has. The last line
//! is `N passed, N failed`.

mod steps;
mod summary;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::outcome::{Options, Stop, Tally};
use crate::process;
use steps::STEPS;

/// No step takes this long on two cores, cold.
const STEP_LIMIT: Duration = Duration::from_secs(25 * 60);
/// How much of a failed step's log is shown.
const SHOWN_LINES: usize = 80;

const USAGE: &str = "\
usage: cargo xtask test [--quick] [--only STEP,..]

  --quick          leave out fuzzing, the conformance suite, the peers and the balancer
  --only STEP,..   just these steps

Installs into $MCPWIRE_CACHE, or mcpwire in the user's cache folder: the conformance suite and an SDK
from npm, an SDK from PyPI. Steps:
";

/// What came of a step that did not break.
enum Outcome {
    Ran(Tally),
    /// Needs something that nobody has to have.
    NotAtHand(String),
}

/// One thing that has to hold.
struct Step {
    name: &'static str,
    about: &'static str,
    /// Left out by `--quick`.
    slow: bool,
    run: fn(&Bench) -> Result<Outcome, Stop>,
}

/// What steps need to run.
struct Bench {
    root: PathBuf,
    logs: PathBuf,
}

impl Bench {
    /// Runs a command into the log of this name; where it fails, shows the end of the log.
    fn passes(&self, name: &str, command: &mut Command) -> Result<bool, Stop> {
        let log = self.log(name);
        let ended = process::run_logged(command, &log, STEP_LIMIT);
        if let Ok(true) = ended {
            return Ok(true);
        }
        println!("---- {name}: the last lines of {}", log.display());
        println!(
            "{}",
            process::tail(
                &std::fs::read_to_string(&log).unwrap_or_default(),
                SHOWN_LINES
            )
        );
        println!("----");
        Ok(ended?)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    fn cargo(&self) -> Command {
        let mut cargo = process::cargo(&self.root);
        cargo.env("CARGO_TERM_COLOR", "never");
        cargo
    }
}

/// The command with its arguments.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let mut options = Options::new(args);
    if options.flag("--help") || options.flag("-h") {
        print!("{}", usage());
        return Ok(());
    }
    let quick = options.flag("--quick");
    let only = options.list("--only")?;
    options.end(&usage())?;
    if let Some(unknown) = only
        .iter()
        .flatten()
        .find(|name| STEPS.iter().all(|s| s.name != **name))
    {
        return Err(Stop::Usage(format!("no step {unknown:?}\n\n{}", usage())));
    }
    let chosen = |step: &&Step| match &only {
        Some(names) => names.iter().any(|name| name == step.name),
        None => !(quick && step.slow),
    };
    let bench = Bench {
        root: root.to_path_buf(),
        logs: process::work_folder(root, "test")?,
    };
    run(&bench, STEPS.iter().filter(chosen))
}

fn usage() -> String {
    let rows = STEPS
        .iter()
        .map(|step| format!("  {:<18} {}\n", step.name, step.about));
    rows.fold(USAGE.to_owned(), |text, row| text + &row)
}

fn run<'a>(bench: &Bench, steps: impl Iterator<Item = &'a Step>) -> Result<(), Stop> {
    let strict = std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1");
    let mut total = Tally::default();
    let (mut failed, mut left_out) = (Vec::new(), Vec::new());
    for step in steps {
        let started = Instant::now();
        println!("{:<18} {}", step.name, step.about);
        let (tally, word) = match (step.run)(bench) {
            // A step that found nothing to check has not held anything.
            Ok(Outcome::Ran(tally)) if tally == Tally::default() => (Tally::one(false), "FAILED"),
            Ok(Outcome::Ran(tally)) => (tally, if tally.is_clean() { "ok" } else { "FAILED" }),
            Ok(Outcome::NotAtHand(why)) => {
                left_out.push(format!("{}: {why}", step.name));
                (Tally::default(), "left out")
            }
            Err(Stop::Missing(why)) if !strict => {
                left_out.push(format!("{}: {why}", step.name));
                (Tally::default(), "left out")
            }
            Err(stop) => {
                println!("{stop}");
                (Tally::one(false), "FAILED")
            }
        };
        if word == "FAILED" {
            failed.push(format!("{}: {tally}", step.name));
        }
        total += tally;
        println!(
            "{:<18} {word}: {tally}, {:.1} s\n",
            step.name,
            started.elapsed().as_secs_f32()
        );
    }
    for what in &left_out {
        println!("left out  {what}");
    }
    for what in &failed {
        println!("failed    {what}");
    }
    println!("{total}");
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}
