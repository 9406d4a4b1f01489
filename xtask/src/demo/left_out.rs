//! In place of the demo, where it was left out.

use std::path::Path;

use crate::outcome::{Stop, Tally};

const WHY: &str = "the demo was left out of this build (feature `demo`)";

pub(crate) fn command(_root: &Path, _args: &[String]) -> Result<(), Stop> {
    Err(Stop::Usage(WHY.to_owned()))
}

pub(crate) fn run(_root: &Path) -> Result<Tally, Stop> {
    Err(Stop::Usage(WHY.to_owned()))
}
