//! Test counts out of what test runners print.

use crate::outcome::Tally;

/// Reads the summary of cargo-nextest in a log, or adds up those of libtest where there is none.
///
/// A run that did not end well without naming a failed test (it may not even have compiled) counts as
/// one failure.
pub(super) fn count(log: &str, success: bool) -> Tally {
    let mut tally = log
        .lines()
        .filter_map(nextest)
        .next_back()
        .unwrap_or_else(|| {
            let mut sum = Tally::default();
            log.lines()
                .filter_map(libtest)
                .for_each(|counts| sum += counts);
            sum
        });
    if !success && tally.failed == 0 {
        tally.failed = 1;
    }
    tally
}

/// `Summary [  1.2s] 12 tests run: 11 passed, 1 failed, 0 skipped`. The output of failed tests stands
/// before it, each with a summary of libtest of its own.
fn nextest(line: &str) -> Option<Tally> {
    line.trim_start()
        .strip_prefix("Summary [")?
        .split_once(" run: ")
        .map(|(_, counts)| tally(counts))
}

/// `test result: ok. 5 passed; 0 failed; 0 ignored; ...`
fn libtest(line: &str) -> Option<Tally> {
    line.strip_prefix("test result:")?
        .split_once(". ")
        .map(|(_, counts)| tally(counts))
}

fn tally(counts: &str) -> Tally {
    let mut tally = Tally::default();
    for part in counts.split([',', ';']) {
        let Some((number, what)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        if what.starts_with("passed") {
            tally.passed += number;
        } else if ["failed", "timed out", "exec failed"]
            .iter()
            .any(|bad| what.starts_with(bad))
        {
            tally.failed += number;
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(passed: usize, failed: usize) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn nextest_is_read_without_what_failed_tests_printed() {
        let log = "    test result: FAILED. 0 passed; 1 failed; 0 ignored\n\
                        Summary [   0.019s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n";
        assert_eq!(count(log, false), counted(9, 3));
        assert_eq!(
            count("  Summary [ 0.0s] 1 test run: 1 passed, 0 skipped", true),
            counted(1, 0)
        );
    }

    #[test]
    fn libtest_is_added_up() {
        let two =
            "test result: ok. 5 passed; 0 failed;\nnoise\ntest result: FAILED. 2 passed; 1 failed;";
        assert_eq!(count(two, false), counted(7, 1));
    }

    #[test]
    fn a_run_that_broke_is_a_failure() {
        assert_eq!(count("error: could not compile", false), counted(0, 1));
        assert_eq!(
            count("test result: ok. 5 passed; 0 failed;", false),
            counted(5, 1)
        );
    }
}
