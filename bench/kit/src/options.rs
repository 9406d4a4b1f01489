//! What can be chosen on the command line of every driver.

/// A number of a driver's own.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// With its dashes.
    pub name: &'static str,
    pub help: &'static str,
    pub default: usize,
    pub least: usize,
    pub most: usize,
}

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Options {
    numbers: Vec<(Setting, usize)>,
    only: Vec<String>,
}

impl Options {
    /// Reads the numbers in `settings`, and `--only` with some of `contestants`. `None` if help was asked
    /// for, and has been printed.
    pub fn read(
        args: &[&str],
        settings: &[Setting],
        contestants: &[&str],
    ) -> Result<Option<Self>, String> {
        let usage = usage(settings, contestants);
        let mut options = Self {
            numbers: settings
                .iter()
                .map(|&setting| (setting, setting.default))
                .collect(),
            only: Vec::new(),
        };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if matches!(arg, "--help" | "-h") {
                print!("{usage}");
                return Ok(None);
            }
            let value = args
                .next()
                .ok_or_else(|| format!("{arg} needs a value\n{usage}"))?;
            if arg == "--only" {
                options.only = names(value, contestants)?;
                continue;
            }
            let found = options.numbers.iter_mut().find(|it| it.0.name == arg);
            let (setting, number) = found.ok_or_else(|| format!("no option {arg}\n{usage}"))?;
            *number = read(setting, value)?;
        }
        Ok(Some(options))
    }

    /// The number of a setting, which has to be one of those that were read.
    pub fn number(&self, name: &str) -> usize {
        let found = self.numbers.iter().find(|it| it.0.name == name);
        found.map_or(0, |&(_, number)| number)
    }

    /// Whether a contestant takes part.
    pub fn wants(&self, contestant: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == contestant)
    }
}

fn read(setting: &Setting, value: &str) -> Result<usize, String> {
    let &Setting {
        name, least, most, ..
    } = setting;
    let number = value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("{name} takes a number from {least} to {most}, not {value:?}"))
}

fn names(value: &str, contestants: &[&str]) -> Result<Vec<String>, String> {
    let names: Vec<String> = value.split(',').map(str::to_owned).collect();
    match names
        .iter()
        .find(|name| !contestants.contains(&name.as_str()))
    {
        None => Ok(names),
        Some(name) => Err(format!(
            "no contestant {name:?}: there are {}",
            contestants.join(", ")
        )),
    }
}

fn usage(settings: &[Setting], contestants: &[&str]) -> String {
    let mut usage = "options:\n".to_owned();
    for setting in settings {
        let name = format!("{} N", setting.name);
        usage += &format!("  {name:<16} {}, {}\n", setting.help, setting.default);
    }
    usage += &format!(
        "  {:<16} contestants: {}\n",
        "--only NAME,..",
        contestants.join(", ")
    );
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUNDS: Setting = Setting {
        name: "--rounds",
        help: "how often each is measured",
        default: 3,
        least: 1,
        most: 100,
    };

    #[test]
    fn options_are_read() {
        let read = |args: &[&str]| Options::read(args, &[ROUNDS], &["bare", "mcpwire", "rmcp"]);
        let options = read(&["--rounds", "50", "--only", "bare,rmcp"]);
        let options = options.unwrap().unwrap();
        assert_eq!(options.number("--rounds"), 50);
        assert!(options.wants("bare") && !options.wants("mcpwire"));
        let options = read(&[]).unwrap().unwrap();
        assert_eq!(options.number("--rounds"), 3);
        assert!(options.wants("mcpwire"));
        assert!(read(&["--help"]).unwrap().is_none());
        for wrong in [
            &["--rounds", "0"][..],
            &["--rounds", "101"],
            &["--rounds"],
            &["--only", "x"],
            &["x", "1"],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
