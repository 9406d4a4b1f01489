//! What the suite found, read from the files it wrote: one line per scenario, and totals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::plan::{Leg, Plan};
use super::suite::file_name;
use crate::outcome::Tally;

/// One check as the suite writes it.
#[derive(Debug, Deserialize)]
struct Check {
    id: String,
    status: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, rename = "errorMessage")]
    error_message: Option<String>,
}

impl Check {
    fn why(&self) -> String {
        let text = self
            .error_message
            .as_deref()
            .or(self.description.as_deref());
        text.unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect()
    }
}

/// The checks of each scenario of a plan.
#[derive(Debug)]
pub(super) struct Report {
    required: Vec<Scenario>,
    unscored: Vec<(Scenario, String)>,
    left_out: Option<String>,
}

#[derive(Debug)]
struct Scenario {
    name: String,
    /// `None` if the suite wrote nothing, so that it did not run to its end.
    checks: Option<Vec<Check>>,
    /// What was wrong with how the client ended.
    end: Option<String>,
}

impl Scenario {
    fn count(&self, status: &str) -> usize {
        self.with(status).count()
    }

    fn with<'a>(&'a self, status: &'a str) -> impl Iterator<Item = &'a Check> {
        self.checks
            .iter()
            .flatten()
            .filter(move |check| check.status == status)
    }

    /// A scenario in which nothing succeeded has not passed. Neither has one with a warning: the suite
    /// warns where it has no right to fail somebody, and some scenarios can do nothing else.
    fn passed(&self) -> bool {
        let complaints = self.count("FAILURE") + self.count("WARNING");
        self.count("SUCCESS") > 0 && complaints == 0 && self.end.is_none()
    }

    fn render(&self, text: &mut String, verbose: bool) {
        let label = if self.passed() { "ok  " } else { "FAIL" };
        let (passed, failed) = (self.count("SUCCESS"), self.count("FAILURE"));
        let _ = write!(
            text,
            "  {label}  {}: {passed} passed, {failed} failed",
            self.name
        );
        for (status, word) in [("WARNING", "warned"), ("SKIPPED", "skipped")] {
            if self.count(status) > 0 {
                let _ = write!(text, ", {} {word}", self.count(status));
            }
        }
        text.push('\n');
        let mut notes = vec![("FAILURE", "failed"), ("WARNING", "warning")];
        notes.extend(verbose.then_some(("SKIPPED", "skipped")));
        for (status, word) in notes {
            for check in self.with(status) {
                let _ = writeln!(text, "        {word}  {}: {}", check.id, check.why());
            }
        }
        if self.checks.is_none() {
            text.push_str(
                "        failed  no result: it did not run to its end, see the suite's log\n",
            );
        }
        if let Some(end) = &self.end {
            let _ = writeln!(text, "        failed  the client {end}");
        }
    }
}

impl Report {
    /// Reads every `checks.json` below the folder `raw` and, of a client, how it ended from `exits`.
    pub(super) fn read(plan: &Plan, raw: &Path, exits: Option<&Path>) -> Result<Self, String> {
        let mut found = BTreeMap::new();
        collect(plan.leg, raw, "", &mut found)?;
        let mut scenario = |name: &String| Scenario {
            name: name.clone(),
            checks: found.remove(name),
            end: exits.and_then(|exits| bad_end(&exits.join(file_name(name)))),
        };
        Ok(Self {
            required: plan.required.iter().map(&mut scenario).collect(),
            unscored: plan
                .unscored
                .iter()
                .map(|(name, why)| (scenario(name), why.clone()))
                .collect(),
            left_out: plan.left_out(),
        })
    }

    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.required
            .iter()
            .for_each(|scenario| tally += Tally::one(scenario.passed()));
        tally
    }

    pub(super) fn render(&self, verbose: bool) -> String {
        let mut text = String::new();
        self.required
            .iter()
            .for_each(|scenario| scenario.render(&mut text, verbose));
        if !self.unscored.is_empty() {
            text.push_str(" not required\n");
        }
        for (scenario, why) in &self.unscored {
            scenario.render(&mut text, verbose);
            let _ = writeln!(text, "        ({why})");
        }
        if let Some(names) = &self.left_out {
            let _ = writeln!(text, " {names}");
        }
        let all = |status| {
            self.required
                .iter()
                .map(|scenario| scenario.count(status))
                .sum::<usize>()
        };
        let passed = self.tally().passed;
        let _ = writeln!(
            text,
            "{passed} of {} scenarios; checks: {} passed, {} failed, {} warned, {} skipped",
            self.required.len(),
            all("SUCCESS"),
            all("FAILURE"),
            all("WARNING"),
            all("SKIPPED"),
        );
        text
    }
}

/// Where the client did not end well, how it ended instead.
fn bad_end(file: &Path) -> Option<String> {
    match std::fs::read_to_string(file) {
        Ok(how) => (how != "ended well").then_some(how),
        Err(_) => Some("did not run".to_owned()),
    }
}

/// `above` is what a scenario's name begins with in this folder: some names have a slash.
fn collect(
    leg: Leg,
    folder: &Path,
    above: &str,
    found: &mut BTreeMap<String, Vec<Check>>,
) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(leg, &path, &format!("{above}{name}/"), found)?;
        } else if name == "checks.json" {
            let text =
                std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let checks =
                serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
            let folder = above.trim_end_matches('/');
            found.insert(scenario_name(leg, folder).to_owned(), checks);
        }
    }
    Ok(())
}

/// `server-tools-list-2026-11-22T10-00-00-000Z` holds the scenario `tools-list` of a server.
fn scenario_name(leg: Leg, folder: &str) -> &str {
    let name = match leg {
        Leg::Server => folder.strip_prefix("server-").unwrap_or(folder),
        Leg::Client => folder,
    };
    let Some((date, _)) = name.rsplit_once('T') else {
        return name;
    };
    // What is left ends in `-YYYY-MM-DD`.
    let mut parts = date.rsplitn(4, '-');
    let numbers = parts
        .by_ref()
        .take(3)
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    parts.next().filter(|_| numbers).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &str) -> Check {
        Check {
            id: "a".into(),
            status: status.into(),
            description: None,
            error_message: None,
        }
    }

    fn scenario(checks: Option<Vec<Check>>, end: Option<&str>) -> Scenario {
        Scenario {
            name: "s".into(),
            checks,
            end: end.map(str::to_owned),
        }
    }

    #[test]
    fn folders_name_their_scenario() {
        let server = |folder| scenario_name(Leg::Server, folder);
        assert_eq!(
            server("server-tools-list-2026-11-22T10-00-00-000Z"),
            "tools-list"
        );
        assert_eq!(
            server("server-sep-2164-x-2026-11-22T10-00-00-000Z"),
            "sep-2164-x"
        );
        assert_eq!(server("tools-list"), "tools-list");
        assert_eq!(
            scenario_name(Leg::Client, "auth/scope-2026-11-22T10-00-00-000Z"),
            "auth/scope"
        );
    }

    #[test]
    fn a_scenario_passes_only_with_results_and_without_complaints() {
        let passed = |checks| scenario(checks, None).passed();
        assert!(passed(Some(vec![check("SUCCESS"), check("SKIPPED")])));
        assert!(!passed(Some(vec![check("SUCCESS"), check("WARNING")])));
        assert!(!passed(Some(vec![check("SUCCESS"), check("FAILURE")])));
        assert!(!passed(Some(vec![check("SKIPPED")])));
        assert!(!passed(Some(vec![])));
        assert!(!passed(None));
    }

    #[test]
    fn a_client_that_ends_badly_has_not_passed() {
        let bad = scenario(Some(vec![check("SUCCESS")]), Some("ended with exit code 1"));
        assert!(!bad.passed());
        let mut text = String::new();
        bad.render(&mut text, false);
        assert!(text.contains("the client ended with exit code 1"));
    }

    #[test]
    fn results_are_found_by_name_and_what_is_missing_has_failed() {
        let folder = std::env::temp_dir().join(format!("mcpwire-report-{}", std::process::id()));
        let (raw, exits) = (folder.join("raw"), folder.join("exits"));
        let write = |path: PathBuf, text: &str| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let checks = r#"[{"id": "a", "status": "SUCCESS"}]"#;
        for name in ["fine", "auth/fine", "no-exit", "bad-exit"] {
            let result = format!("{name}-2026-11-22T10-00-00-000Z/checks.json");
            write(raw.join(result), checks);
        }
        for name in ["fine", "auth+fine", "no-result"] {
            write(exits.join(name), "ended well");
        }
        write(exits.join("bad-exit"), "took too long");
        let names = [
            "fine",
            "auth/fine",
            "no-exit",
            "bad-exit",
            "no-result",
            "nothing",
        ];
        let plan = Plan::only(Leg::Client, &names.map(str::to_owned));
        let report = Report::read(&plan, &raw, Some(&exits)).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            report.tally(),
            Tally {
                passed: 2,
                failed: 4
            }
        );
    }
}
