//! What can be chosen on the command line.

use bench_kit::Setting;

/// What is measured, in this order.
pub(super) const CASES: [&str; 8] = [
    "echo", "echo-64", "list", "large", "steps", "steps-1", "steps-64", "growth",
];
/// In this order in the tables; the last two need to be told where they are.
pub(super) const CONTESTANTS: [&str; 7] = [
    "bare",
    "envelope",
    "mcpwire",
    "rmcp",
    "rmcp-sse",
    "typescript",
    "python",
];

const SETTINGS: [Setting; 4] = [
    Setting {
        name: "--rounds",
        help: "how often each is measured",
        default: 3,
        least: 1,
        most: 100,
    },
    Setting {
        name: "--seconds",
        help: "how long each time",
        default: 2,
        least: 1,
        most: 600,
    },
    Setting {
        name: "--streams",
        help: "open listen streams in `growth`",
        default: 500,
        least: 1,
        most: 500,
    },
    Setting {
        name: "--soak",
        help: "requests of one long run instead of all cases, for its memory",
        default: 0,
        least: 0,
        most: 1_000_000_000,
    },
];

pub(super) struct Options {
    common: bench_kit::Options,
    cases: Vec<String>,
    /// The folder with the packages of the TypeScript SDK.
    pub(super) typescript: Option<String>,
    /// The interpreter that has those of the Python SDK.
    pub(super) python: Option<String>,
}

impl Options {
    /// `None` if help was asked for.
    pub(super) fn read(args: &[&str]) -> Result<Option<Self>, String> {
        let mut rest = Vec::new();
        let (mut cases, mut typescript, mut python) = (Vec::new(), None, None);
        let mut left = args.iter().copied();
        while let Some(arg) = left.next() {
            let mut value = || left.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg {
                "--cases" => cases = names(value()?)?,
                "--typescript" => typescript = Some(value()?.to_owned()),
                "--python" => python = Some(value()?.to_owned()),
                "--help" | "-h" => rest.push(arg),
                _ => rest.extend([arg, value()?]),
            }
        }
        let Some(common) = bench_kit::Options::read(&rest, &SETTINGS, &CONTESTANTS)? else {
            println!("  --cases NAME,..  of {}", CASES.join(", "));
            return Ok(None);
        };
        Ok(Some(Self {
            common,
            cases,
            typescript,
            python,
        }))
    }

    pub(super) fn rounds(&self) -> usize {
        self.common.number("--rounds")
    }

    pub(super) fn seconds(&self) -> usize {
        self.common.number("--seconds")
    }

    pub(super) fn streams(&self) -> usize {
        self.common.number("--streams")
    }

    pub(super) fn soak(&self) -> usize {
        self.common.number("--soak")
    }

    pub(super) fn wants_case(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|name| name == case)
    }

    /// Whether a contestant takes part, and can.
    pub(super) fn wants(&self, contestant: &str) -> bool {
        let can = match contestant {
            "typescript" => self.typescript.is_some(),
            "python" => self.python.is_some(),
            _ => true,
        };
        can && self.common.wants(contestant)
    }
}

fn names(value: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = value.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| !CASES.contains(&name.as_str())) {
        None => Ok(names),
        Some(name) => Err(format!("no case {name:?}: there are {}", CASES.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let options = [
            "--cases",
            "echo,list",
            "--rounds",
            "5",
            "--python",
            "python3",
        ];
        let options = Options::read(&options).unwrap().unwrap();
        assert!(options.wants_case("list") && !options.wants_case("growth"));
        assert_eq!((options.rounds(), options.seconds()), (5, 2));
        assert!(options.wants("python") && !options.wants("typescript"));
        assert!(Options::read(&["--cases", "all"]).is_err());
        assert!(Options::read(&["--rounds"]).is_err());
    }
}
