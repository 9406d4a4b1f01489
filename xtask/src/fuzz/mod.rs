//! `cargo xtask fuzz`: campaigns against the laws of `crates/mcpwire-laws`, and what is kept of them.
//!
//! The targets are libFuzzer's, built by cargo-fuzz with a nightly compiler. They are built without a
//! sanitizer unless one is asked for: nothing here is unsafe code, and they run twice as fast.

mod build;
mod campaign;
mod coverage;
mod minimise;
mod stats;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::outcome::{Options, Stop, Tally};
use crate::process;

pub use build::is_at_hand;
use build::targets;

const USAGE: &str = "\
usage: cargo xtask fuzz [TARGET..] [--seconds N] [--jobs N] [--sanitizer NAME]
       cargo xtask fuzz list
       cargo xtask fuzz coverage [TARGET..]
       cargo xtask fuzz minimise [TARGET..]

Without TARGET it is about all of them, one after the other.

  --seconds N        how long each target runs; 60 if nothing is said
  --jobs N           how many processes run at once; one for each processor if nothing is said
  --sanitizer NAME   address, for instance; none if nothing is said
  list               the targets, and what law each of them tests
  coverage           what the corpora reach, by source file; writes fuzz/coverage/TARGET.txt
  minimise           replaces the corpora by the fewest inputs that reach as much, those of campaigns
                     included

Needs a nightly toolchain and cargo-fuzz; coverage needs cargo-tarpaulin in their place. Inputs that are
found stay in target/xtask/fuzz/found, and what breaks a law is written to target/xtask/fuzz/artifacts.
";

/// How long a target runs.
const SECONDS: u64 = 60;

/// What cargo-fuzz calls building without one.
const NO_SANITIZER: &str = "none";

/// Where everything is.
pub struct Places {
    root: PathBuf,
    work: PathBuf,
}

impl Places {
    pub fn new(root: &Path) -> Result<Self, Stop> {
        Ok(Self {
            root: root.to_path_buf(),
            work: process::work_folder(root, "fuzz")?,
        })
    }

    /// A folder of generated files, for one target.
    fn folder(&self, kind: &str, target: &str) -> Result<PathBuf, String> {
        let folder = self.work.join(kind).join(target);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// The committed folder of a target, `corpus` or `regressions`, if there is one.
    fn committed(&self, kind: &str, target: &str) -> Option<PathBuf> {
        let folder = self.root.join("fuzz").join(kind).join(target);
        folder.is_dir().then_some(folder)
    }

    fn dictionary(&self) -> PathBuf {
        self.root.join("fuzz/dictionaries/mcp.dict")
    }

    /// Writes the seeds, and tells where those of a target are.
    fn seeds(&self) -> Result<PathBuf, String> {
        let seeds = self.work.join("seeds");
        let mut laws = process::cargo(&self.root);
        laws.args(["run", "--quiet", "-p", "mcpwire-laws", "--", "seeds"]);
        process::output_of(laws.arg(&seeds))?;
        Ok(seeds)
    }
}

/// Runs what `args` name.
pub fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let until_options = args.iter().take_while(|arg| !arg.starts_with("--")).count();
    let (words, options) = args.split_at(until_options);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut options = Options::new(options);
    let seconds = number(&mut options, "--seconds")?.unwrap_or(SECONDS);
    let jobs = number(&mut options, "--jobs")?;
    let jobs = jobs.and_then(|jobs| usize::try_from(jobs).ok());
    let sanitizer = options.list("--sanitizer")?.map(|list| list.join(","));
    options.end(USAGE)?;

    let places = Places::new(root)?;
    match words.split_first() {
        Some((&"list", [])) => list(root),
        Some((&"coverage", targets)) => coverage::report(&places, &chosen(root, targets)?),
        Some((&"minimise", targets)) => minimise::minimise(&places, &chosen(root, targets)?),
        _ => {
            let campaign = campaign::Campaign {
                targets: chosen(root, &words)?,
                each: Duration::from_secs(seconds),
                jobs: jobs.unwrap_or_else(processors).max(1),
                sanitizer: sanitizer.unwrap_or_else(|| NO_SANITIZER.to_owned()),
            };
            let reports = campaign.run(&places)?;
            print!("{}", stats::table(&reports));
            campaign::verdict(&places, &reports)
        }
    }
}

/// Runs every target for so many seconds.
pub fn run(root: &Path, seconds: u64) -> Result<Tally, Stop> {
    let campaign = campaign::Campaign {
        targets: targets(root)?,
        each: Duration::from_secs(seconds),
        jobs: processors(),
        sanitizer: NO_SANITIZER.to_owned(),
    };
    let places = Places::new(root)?;
    let reports = campaign.run(&places)?;
    print!("{}", stats::table(&reports));
    let mut tally = Tally::default();
    for report in &reports {
        tally += Tally::one(report.findings.is_empty());
    }
    // What was found is printed; that something was is in the tally.
    let _ = campaign::verdict(&places, &reports);
    Ok(tally)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The targets of these names; all, without a name.
fn chosen(root: &Path, names: &[&str]) -> Result<Vec<String>, Stop> {
    let all = targets(root)?;
    for name in names {
        if !all.iter().any(|target| target == name) {
            let all = all.join(", ");
            return Err(Stop::Usage(format!("no target {name:?}; there are {all}")));
        }
    }
    let is_chosen = |target: &String| names.is_empty() || names.contains(&target.as_str());
    Ok(all.into_iter().filter(is_chosen).collect())
}

fn list(root: &Path) -> Result<(), Stop> {
    let mut laws = process::cargo(root);
    laws.args(["run", "--quiet", "-p", "mcpwire-laws", "--", "list"]);
    print!("{}", process::output_of(&mut laws)?);
    Ok(())
}

fn number(options: &mut Options<'_>, name: &str) -> Result<Option<u64>, Stop> {
    let Some(values) = options.list(name)? else {
        return Ok(None);
    };
    let number = values.join(",");
    let parsed = number.parse().map(Some);
    parsed.map_err(|_| Stop::Usage(format!("{name} takes a number, and not {number:?}")))
}
