//! What the suite found, read from the files it wrote: one line per scenario, and totals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Requirements;
use crate::outcome::{Stop, Tally};

/// Scenarios that the suite runs without scoring them, and that have to pass here all the same.
const ALSO_REQUIRED: [&str; 3] = [
    "http-header-validation",
    "http-custom-header-server-validation",
    "json-schema-2020-12",
];

/// Which scenarios have to pass, and which are only named.
#[derive(Debug, Default)]
pub(super) struct Plan {
    required: Vec<String>,
    unscored: Vec<(String, String)>,
    later: Vec<String>,
}

impl Plan {
    /// `only` makes exactly these required.
    pub(super) fn new(set: &Requirements, only: Option<&[String]>) -> Result<Self, Stop> {
        let mut plan = Self {
            required: set.server.clone(),
            ..Self::default()
        };
        for entry in set.not_scored.iter().filter(|entry| entry.leg == "server") {
            if ALSO_REQUIRED.contains(&entry.scenario.as_str()) {
                plan.required.push(entry.scenario.clone());
            } else if entry.scenario.starts_with("tasks-") {
                plan.later.push(entry.scenario.clone());
            } else {
                plan.unscored
                    .push((entry.scenario.clone(), entry.reason.clone()));
            }
        }
        let absent = ALSO_REQUIRED
            .iter()
            .find(|name| !plan.required.iter().any(|own| own == *name));
        if let Some(name) = absent {
            return Err(Stop::Broken(format!(
                "the requirement set no longer names {name}"
            )));
        }
        if let Some(only) = only {
            plan = Self {
                required: only.to_vec(),
                ..Self::default()
            };
        }
        Ok(plan)
    }
}

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
    later: Vec<String>,
}

#[derive(Debug)]
struct Scenario {
    name: String,
    /// `None` if the suite wrote nothing, so that it did not run to its end.
    checks: Option<Vec<Check>>,
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

    /// A scenario without any result has not passed. Neither has one with a warning: the suite warns
    /// where it has no right to fail somebody, and some scenarios can do nothing else.
    fn passed(&self) -> bool {
        let ran = self
            .checks
            .as_ref()
            .is_some_and(|checks| !checks.is_empty());
        ran && self.count("FAILURE") == 0 && self.count("WARNING") == 0
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
            text.push_str("        failed  no result: it did not run to its end, see suite.log\n");
        }
    }
}

impl Report {
    /// Reads every `checks.json` below the folder.
    pub(super) fn read(plan: &Plan, raw: &Path) -> Result<Self, Stop> {
        let mut found = BTreeMap::new();
        collect(raw, &mut found)?;
        let mut scenario = |name: &String| Scenario {
            name: name.clone(),
            checks: found.remove(name),
        };
        Ok(Self {
            required: plan.required.iter().map(&mut scenario).collect(),
            unscored: plan
                .unscored
                .iter()
                .map(|(name, why)| (scenario(name), why.clone()))
                .collect(),
            later: plan.later.clone(),
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
        if !self.later.is_empty() {
            let _ = writeln!(
                text,
                " left to a later issue (the tasks extension): {}",
                self.later.join(", ")
            );
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

fn collect(folder: &Path, found: &mut BTreeMap<String, Vec<Check>>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.file_name().is_some_and(|name| name == "checks.json") {
            let text =
                std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let checks =
                serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
            if let Some(name) = folder.file_name().and_then(|name| name.to_str()) {
                found.insert(scenario_name(name).to_owned(), checks);
            }
        }
    }
    Ok(())
}

/// `server-tools-list-2026-11-22T10-00-00-000Z` holds the scenario `tools-list`.
fn scenario_name(folder: &str) -> &str {
    let name = folder.strip_prefix("server-").unwrap_or(folder);
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

    #[test]
    fn folders_name_their_scenario() {
        assert_eq!(
            scenario_name("server-tools-list-2026-11-22T10-00-00-000Z"),
            "tools-list"
        );
        assert_eq!(
            scenario_name("server-sep-2164-x-2026-11-22T10-00-00-000Z"),
            "sep-2164-x"
        );
        assert_eq!(scenario_name("tools-list"), "tools-list");
    }

    #[test]
    fn a_scenario_passes_only_with_results_and_without_complaints() {
        let scenario = |checks| Scenario {
            name: "s".into(),
            checks,
        };
        assert!(scenario(Some(vec![check("SUCCESS"), check("SKIPPED")])).passed());
        assert!(!scenario(Some(vec![check("SUCCESS"), check("WARNING")])).passed());
        assert!(!scenario(Some(vec![check("SUCCESS"), check("FAILURE")])).passed());
        assert!(!scenario(Some(vec![])).passed());
        assert!(!scenario(None).passed());
    }

    #[test]
    fn the_plan_requires_what_the_suite_does_not_score() {
        let unscored = |name: &str| super::super::Unscored {
            scenario: name.into(),
            leg: "server".into(),
            reason: "pending".into(),
        };
        let mut set = Requirements {
            server: vec!["tools-list".into()],
            not_scored: vec![],
        };
        assert!(Plan::new(&set, None).is_err());
        set.not_scored = ALSO_REQUIRED.iter().map(|name| unscored(name)).collect();
        set.not_scored
            .extend([unscored("tasks-lifecycle"), unscored("other")]);
        let plan = Plan::new(&set, None).unwrap();
        assert_eq!(plan.required.len(), 4);
        assert_eq!(plan.later, ["tasks-lifecycle"]);
        assert_eq!(plan.unscored.len(), 1);
    }
}
