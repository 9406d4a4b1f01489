//! What a target tells about its run, and the table of it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// How a target ran.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) target: String,
    time: Duration,
    executions: u64,
    /// How many places in the code were reached.
    coverage: u64,
    /// How many different ways of reaching them.
    features: u64,
    /// How many inputs are worth keeping.
    inputs: u64,
    pub(super) findings: Vec<PathBuf>,
}

impl Report {
    /// Reads what libFuzzer prints: `#4096 NEW cov: 812 ft: 2204 corp: 98/2310b …`, and in the end
    /// `stat::number_of_executed_units: 5000`.
    pub(super) fn read(target: &str, time: Duration, log: &str, findings: Vec<PathBuf>) -> Self {
        let mut report = Self {
            target: target.to_owned(),
            time,
            findings,
            ..Self::default()
        };
        for line in log.lines() {
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                let place = match word {
                    "cov:" => &mut report.coverage,
                    "ft:" => &mut report.features,
                    "corp:" => &mut report.inputs,
                    "stat::number_of_executed_units:" => &mut report.executions,
                    _ => {
                        if let Some(count) = word.strip_prefix('#') {
                            let count = number(count);
                            report.executions = report.executions.max(count);
                        }
                        continue;
                    }
                };
                *place = words.next().map_or(0, number);
            }
        }
        report
    }
}

/// The number that a word starts with.
fn number(word: &str) -> u64 {
    let end = word.find(|c: char| !c.is_ascii_digit());
    word.get(..end.unwrap_or(word.len()))
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// All reports as a table.
pub(super) fn table(reports: &[Report]) -> String {
    let mut table = String::from(
        "\ntarget | seconds | executions | per second | coverage | features | inputs | findings\n\
         ---|---|---|---|---|---|---|---\n",
    );
    for report in reports {
        let Report {
            target,
            executions,
            coverage,
            features,
            inputs,
            ..
        } = report;
        let seconds = report.time.as_secs().max(1);
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{target} | {seconds} | {executions} | {} | {coverage} | {features} | {inputs} | {}",
            executions / seconds,
            report.findings.len()
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_a_row() {
        let log = "\
INFO: Seed: 1
#12\tINITED cov: 10 ft: 20 corp: 3/40b exec/s: 0 rss: 30Mb
#4096\tNEW    cov: 812 ft: 2204 corp: 98/2310b lim: 43 exec/s: 100 rss: 31Mb L: 7/9 MS: 1 CrossOver-
Done 5000 runs in 2 second(s)
stat::number_of_executed_units: 5000
stat::peak_rss_mb:              31
";
        let report = Report::read("decode", Duration::from_secs(2), log, Vec::new());
        assert!(table(&[report]).ends_with("\ndecode | 2 | 5000 | 2500 | 812 | 2204 | 98 | 0\n"));
    }

    #[test]
    fn several_processes_tell_their_sum() {
        let log = "#777: cov: 5 ft: 6 corp: 7 exec/s: 8 oom/timeout/crash: 0/0/0 time: 2s\n";
        let report = Report::read("x", Duration::ZERO, log, Vec::new());
        assert_eq!(
            (report.executions, report.coverage, report.inputs),
            (777, 5, 7)
        );
    }
}
