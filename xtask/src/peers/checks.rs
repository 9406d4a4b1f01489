//! What a client prints of its checks, counted and shown.

use std::fmt::Write as _;

use crate::outcome::Tally;
use crate::process;

/// What one run of a client said.
#[derive(Debug, Default)]
pub(super) struct Checks {
    passed: Vec<String>,
    failed: Vec<String>,
}

impl Checks {
    /// A client that ends badly without saying why, or says nothing, counts as one failure more.
    pub(super) fn read(log: &str, success: bool) -> Self {
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

    pub(super) fn tally(&self) -> Tally {
        Tally {
            passed: self.passed.len(),
            failed: self.failed.len(),
        }
    }

    pub(super) fn render(&self, run: &str, seconds: f32, verbose: bool) -> String {
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
