//! How a command ends, and how many things it found right and wrong.

use std::fmt;
use std::ops::AddAssign;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It ran to its end and found something wrong, which it has printed already.
    Failed,
    /// It could not run at all, for a reason that lies in this workspace.
    Broken(String),
    /// It could not run since this machine lacks something: what, and how to mend that.
    Missing(String),
    /// It was called wrongly.
    Usage(String),
}

impl Stop {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Broken(_) | Self::Usage(_) => 2,
            Self::Missing(_) => 3,
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("something failed"),
            Self::Broken(why) | Self::Missing(why) | Self::Usage(why) => f.write_str(why),
        }
    }
}

/// Most helpers report a sentence; it is the workspace's fault unless they say otherwise.
impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Broken(why)
    }
}

/// How many checks passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    pub(crate) fn one(passed: bool) -> Self {
        Self {
            passed: usize::from(passed),
            failed: usize::from(!passed),
        }
    }

    pub(crate) fn is_clean(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Options as `--name` or `--name VALUE`; anything that no `take` asked for is an error.
pub(crate) struct Options<'a> {
    rest: Vec<&'a str>,
}

impl<'a> Options<'a> {
    pub(crate) fn new(args: &'a [String]) -> Self {
        Self {
            rest: args.iter().map(String::as_str).collect(),
        }
    }

    /// Whether the flag is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|arg| *arg != name);
        self.rest.len() < before
    }

    /// The comma-separated values after the option, if it is there.
    pub(crate) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, Stop> {
        let Some(at) = self.rest.iter().position(|arg| *arg == name) else {
            return Ok(None);
        };
        self.rest.remove(at);
        if at >= self.rest.len() {
            return Err(Stop::Usage(format!("{name} needs a value")));
        }
        Ok(Some(
            self.rest.remove(at).split(',').map(str::to_owned).collect(),
        ))
    }

    /// Refuses what is left over.
    pub(crate) fn end(self, usage: &str) -> Result<(), Stop> {
        match self.rest.first() {
            None => Ok(()),
            Some(unknown) => Err(Stop::Usage(format!(
                "unknown option {unknown:?}\n\n{usage}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_taken_and_the_rest_is_refused() {
        let args = ["--quick", "--only", "a,b", "--odd"].map(str::to_owned);
        let mut options = Options::new(&args);
        assert!(options.flag("--quick"));
        assert!(!options.flag("--quick"));
        assert_eq!(
            options.list("--only").unwrap(),
            Some(vec!["a".to_owned(), "b".to_owned()])
        );
        assert!(matches!(options.end("usage"), Err(Stop::Usage(_))));
        assert!(matches!(
            Options::new(&args[1..2]).list("--only"),
            Err(Stop::Usage(_))
        ));
    }

    #[test]
    fn nothing_found_is_not_clean() {
        assert!(!Tally::default().is_clean());
        assert!(
            Tally {
                passed: 1,
                failed: 0
            }
            .is_clean()
        );
        assert!(
            !Tally {
                passed: 9,
                failed: 1
            }
            .is_clean()
        );
    }
}
