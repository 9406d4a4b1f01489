//! Running targets for a while.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::stats::Report;
use super::{Places, build};
use crate::outcome::Stop;
use crate::process;

/// An input for which a law takes longer is a finding.
const SECONDS_PER_INPUT: u32 = 20;

/// A target that takes more is a finding.
const MEGABYTES: u32 = 2048;

/// Longer inputs are not tried: what they could reach, shorter ones do.
pub(super) const LONGEST_INPUT: u32 = 8192;

/// How much longer than it was asked to a target may take to start and to end.
const GRACE: Duration = Duration::from_secs(120);

/// Which targets run, and for how long.
#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) targets: Vec<String>,
    pub(super) each: Duration,
    pub(super) jobs: usize,
    pub(super) sanitizer: String,
}

impl Campaign {
    /// Runs all targets, as many at once as there are jobs.
    pub(super) fn run(&self, places: &Places) -> Result<Vec<Report>, Stop> {
        let executables = build::build(places, &self.sanitizer)?;
        let seeds = places.seeds()?;
        let waiting = Mutex::new(self.targets.iter().collect::<VecDeque<_>>());
        let reports = Mutex::new(Vec::new());
        let seconds = self.each.as_secs();
        println!("running {} for {seconds} s each", self.targets.join(", "));
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(self.targets.len()) {
                scope.spawn(|| {
                    while let Some(target) = next(&waiting) {
                        let report = self.run_one(places, &executables, &seeds, target);
                        lock(&reports).push(report);
                    }
                });
            }
        });
        let reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut reports = reports.into_iter().collect::<Result<Vec<_>, String>>()?;
        reports.sort_by(|a, b| a.target.cmp(&b.target));
        Ok(reports)
    }

    fn run_one(
        &self,
        places: &Places,
        executables: &Path,
        seeds: &Path,
        target: &str,
    ) -> Result<Report, String> {
        let found = places.folder("found", target)?;
        let artifacts = places.folder("artifacts", target)?;
        let before = files(&artifacts)?;
        let log = places.work.join(format!("{target}.log"));
        let mut run = Command::new(executables.join(target));
        // What is new goes into the first folder.
        run.arg(&found)
            .args(places.committed("corpus", target))
            .args(places.committed("regressions", target))
            .arg(seeds.join(target))
            .arg(format!("-dict={}", places.dictionary().display()))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(format!("-max_total_time={}", self.each.as_secs()))
            .arg(format!("-timeout={SECONDS_PER_INPUT}"))
            .arg(format!("-rss_limit_mb={MEGABYTES}"))
            .arg(format!("-max_len={LONGEST_INPUT}"))
            .arg("-print_final_stats=1");
        // More processes than targets: each target gets several, which share what they find.
        let processes = self.jobs / self.targets.len().max(1);
        if processes > 1 {
            run.arg(format!("-fork={processes}"));
        }
        let begin = Instant::now();
        let ended_well = process::run_logged(&mut run, &log, self.each + GRACE)?;
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let mut findings = files(&artifacts)?;
        findings.retain(|file| !before.contains(file));
        if !ended_well && findings.is_empty() {
            let why = process::tail(&text, 20);
            return Err(format!("{target} did not run:\n{why}"));
        }
        Ok(Report::read(target, begin.elapsed(), &text, findings))
    }
}

fn next<'t>(waiting: &Mutex<VecDeque<&'t String>>) -> Option<&'t String> {
    lock(waiting).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let broken = |error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(broken)?;
    let paths = entries.map(|entry| Ok(entry.map_err(broken)?.path()));
    paths.collect()
}

/// Says what to do about findings, if there are any.
pub(super) fn verdict(places: &Places, reports: &[Report]) -> Result<(), Stop> {
    let mut is_clean = true;
    for report in reports {
        for finding in &report.findings {
            is_clean = false;
            let name = finding.strip_prefix(&places.root).unwrap_or(finding);
            println!(
                "\nfound by {target}: {file}\n\
                 \x20 look at it:  cargo run -p mcpwire-laws -- check {target} {file}\n\
                 \x20 once mended: keep it in fuzz/regressions/{target}/",
                target = report.target,
                file = name.display()
            );
        }
    }
    if is_clean { Ok(()) } else { Err(Stop::Failed) }
}
