//! What has to pass of a requirement set, and what is only named.

use super::suite::Requirements;
use crate::outcome::Stop;

/// Which side of a connection is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    Server,
    Client,
}

impl Leg {
    /// The suite's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    fn scored(self, set: &Requirements) -> &[String] {
        match self {
            Self::Server => &set.server,
            Self::Client => &set.client,
        }
    }

    /// Scenarios that the suite runs without scoring them, and that have to pass here all the same.
    fn also_required(self) -> &'static [&'static str] {
        match self {
            Self::Server => &[
                "http-header-validation",
                "http-custom-header-server-validation",
                "json-schema-2020-12",
            ],
            Self::Client => &["json-schema-2020-12-preservation"],
        }
    }

    /// How the names of those scenarios begin that are about something which is not built yet.
    fn later_prefix(self) -> &'static str {
        match self {
            Self::Server => "tasks-",
            Self::Client => "auth/",
        }
    }

    /// What that is.
    fn later_subject(self) -> &'static str {
        match self {
            Self::Server => "the tasks extension",
            Self::Client => "authorization",
        }
    }
}

/// Which scenarios have to pass, and which are only named.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) leg: Leg,
    pub(super) required: Vec<String>,
    /// Those that are run and shown, and why the suite does not score them.
    pub(super) unscored: Vec<(String, String)>,
    later: Vec<String>,
}

impl Plan {
    /// `only` makes exactly these required.
    pub(super) fn new(set: &Requirements, leg: Leg, only: Option<&[String]>) -> Result<Self, Stop> {
        if let Some(only) = only {
            return Ok(Self::only(leg, only));
        }
        let mut plan = Self::only(leg, &[]);
        let is_later = |name: &str| name.starts_with(leg.later_prefix());
        for name in leg.scored(set) {
            if is_later(name) {
                plan.later.push(name.clone());
            } else {
                plan.required.push(name.clone());
            }
        }
        if plan.required.is_empty() {
            return Err(Stop::Broken(format!(
                "the requirement set scores nothing of a {}",
                leg.name()
            )));
        }
        for entry in set.not_scored.iter().filter(|one| one.leg == leg.name()) {
            let name = entry.scenario.clone();
            if leg.also_required().contains(&name.as_str()) {
                plan.required.push(name);
            } else if is_later(&name) {
                plan.later.push(name);
            } else {
                plan.unscored.push((name, entry.reason.clone()));
            }
        }
        let is_absent = |name: &&&str| plan.required.iter().all(|own| own != *name);
        if let Some(name) = leg.also_required().iter().find(is_absent) {
            return Err(Stop::Broken(format!(
                "the requirement set no longer names {name}"
            )));
        }
        Ok(plan)
    }

    /// Requires just these.
    pub(super) fn only(leg: Leg, names: &[String]) -> Self {
        Self {
            leg,
            required: names.to_vec(),
            unscored: Vec::new(),
            later: Vec::new(),
        }
    }

    /// One line about what is not built yet, if there is such a thing.
    pub(super) fn left_out(&self) -> Option<String> {
        let (subject, names) = (self.leg.later_subject(), self.later.join(", "));
        (!self.later.is_empty()).then(|| format!("not built yet ({subject}): {names}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::suite::Unscored;

    fn unscored(leg: Leg, name: &str) -> Unscored {
        Unscored {
            scenario: name.into(),
            leg: leg.name().into(),
            reason: "pending".into(),
        }
    }

    fn set() -> Requirements {
        let also = [Leg::Server, Leg::Client].into_iter().flat_map(|leg| {
            let names = leg.also_required().iter();
            names.map(move |name| unscored(leg, name))
        });
        Requirements {
            server: vec!["tools-list".into()],
            client: vec!["tools_call".into(), "auth/scope".into()],
            not_scored: also.collect(),
        }
    }

    #[test]
    fn the_plan_requires_what_the_suite_does_not_score() {
        let mut set = set();
        set.not_scored.extend([
            unscored(Leg::Server, "tasks-lifecycle"),
            unscored(Leg::Server, "other"),
        ]);
        let plan = Plan::new(&set, Leg::Server, None).unwrap();
        assert_eq!(plan.required.len(), 4);
        assert_eq!(plan.later, ["tasks-lifecycle"]);
        assert_eq!(plan.unscored.len(), 1);
        set.not_scored.clear();
        assert!(Plan::new(&set, Leg::Server, None).is_err());
    }

    #[test]
    fn authorization_of_a_client_is_named_scored_or_not() {
        let mut set = set();
        set.not_scored.push(unscored(Leg::Client, "auth/dpop"));
        let plan = Plan::new(&set, Leg::Client, None).unwrap();
        assert_eq!(
            plan.required,
            ["tools_call", "json-schema-2020-12-preservation"]
        );
        assert_eq!(
            plan.left_out().unwrap(),
            "not built yet (authorization): auth/scope, auth/dpop"
        );
        assert!(plan.unscored.is_empty());
    }

    #[test]
    fn a_set_that_requires_nothing_is_refused() {
        let mut set = set();
        set.client = vec!["auth/scope".into()];
        assert!(Plan::new(&set, Leg::Client, None).is_err());
    }

    #[test]
    fn what_is_asked_for_alone_is_required_whatever_it_is() {
        let only = ["auth/scope".to_owned()];
        let plan = Plan::new(&set(), Leg::Client, Some(&only)).unwrap();
        assert_eq!(plan.required, only);
        assert_eq!(plan.left_out(), None);
    }
}
