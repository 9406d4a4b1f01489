//! What can be chosen.

use super::NAMES;

pub(super) const USAGE: &str = "\
options of the streams:
  --streams N      streams that are open at a time, 10000
  --rounds N       how often each server is started and measured, 5
  --only NAME,..   servers to measure: bare, mcpwire, rmcp
";

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) streams: usize,
    pub(super) rounds: usize,
    /// All of them, if empty.
    pub(super) only: Vec<String>,
}

impl Options {
    /// Streams that a publishing cost is compared with.
    pub(super) const FEW: usize = 10;
    /// As many numbers as have six digits.
    const MOST: usize = 900_000;

    /// `None` if help is asked for.
    pub(super) fn read(args: &[&str]) -> Result<Option<Self>, String> {
        let mut options = Self {
            streams: 10_000,
            rounds: 5,
            only: Vec::new(),
        };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if matches!(arg, "--help" | "-h") {
                return Ok(None);
            }
            let value = args
                .next()
                .ok_or_else(|| format!("{arg} needs a value\n{USAGE}"))?;
            match arg {
                "--streams" => options.streams = number(arg, value, Self::FEW, Self::MOST)?,
                "--rounds" => options.rounds = number(arg, value, 1, 1000)?,
                "--only" => options.only = names(value)?,
                _ => return Err(format!("no option {arg}\n{USAGE}")),
            }
        }
        Ok(Some(options))
    }
}

fn number(arg: &str, value: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("{arg} takes a number from {least} to {most}, not {value:?}"))
}

fn names(value: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = value.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        None => Ok(names),
        Some(name) => Err(format!(
            "no server {name:?}: there are {}",
            NAMES.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let options = Options::read(&["--streams", "50", "--only", "bare,rmcp"]);
        let expected = Options {
            streams: 50,
            rounds: 5,
            only: vec!["bare".to_owned(), "rmcp".to_owned()],
        };
        assert_eq!(options, Ok(Some(expected)));
        assert_eq!(Options::read(&["--help"]), Ok(None));
        for wrong in [
            &["--streams", "9"][..],
            &["--rounds"],
            &["--only", "x"],
            &["x", "1"],
        ] {
            assert!(Options::read(wrong).is_err(), "{wrong:?}");
        }
    }
}
