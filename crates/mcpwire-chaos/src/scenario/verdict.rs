//! What came of a scenario.

use std::fmt;
use std::time::Duration;

use crate::crew::{Book, Fault, Retry};

/// How many faults of a kind are shown.
const SHOWN: usize = 8;

/// What came of a scenario: numbers, and checks that held or did not.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    checks: Vec<(String, Option<String>)>,
    numbers: Vec<String>,
    /// What the balancer has logged, shown where something did not hold.
    complaints: Vec<String>,
}

impl Verdict {
    /// One thing that has to hold.
    pub(super) fn check(&mut self, name: &str, held: Result<(), String>) {
        self.checks.push((name.to_owned(), held.err()));
    }

    /// One thing that has to hold, namely that there is none of something.
    pub(super) fn none(&mut self, name: &str, found: &[String]) {
        let shown = found.iter().take(SHOWN).cloned().collect::<Vec<_>>();
        let held = if found.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{} of them\n    {}",
                found.len(),
                shown.join("\n    ")
            ))
        };
        self.check(name, held);
    }

    /// A number to tell.
    pub(super) fn number(&mut self, text: String) {
        self.numbers.push(text);
    }

    /// Whether everything held.
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|(_, why)| why.is_none())
    }

    /// How many checks held, and how many did not.
    pub fn counts(&self) -> (usize, usize) {
        let held = self.checks.iter().filter(|(_, why)| why.is_none()).count();
        (held, self.checks.len() - held)
    }

    /// What has to hold of every crew, and how much it has done.
    pub(super) fn book(&mut self, book: &Book, complaints: &str) {
        let counts = book.counts();
        let calls: u64 = counts.values().sum();
        let each: Vec<_> = counts
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        self.number(format!("{calls} calls answered: {}", each.join(", ")));
        let (sent, made) = book.again();
        self.number(format!(
            "{sent} requests sent again by the retry layer, {made} calls made again, the slowest \
             call took {:.1} s",
            book.slowest().as_secs_f32()
        ));
        self.listeners(book);
        let faults = book.faults();
        if !faults.is_empty() {
            self.number(format!("{} calls came to nothing:", faults.len()));
            self.numbers.extend(kinds(&faults));
        }

        self.check(
            "the crew was at work",
            if calls > 0 {
                Ok(())
            } else {
                Err("not a single answer".to_owned())
            },
        );
        self.none(
            "no wrong answer; no change lost or doubled on a stream; all hear of the last",
            &book.wrongs(),
        );
        let retried = faults.iter().filter(|fault| fault.retry == Retry::All);
        let retried: Vec<_> = retried.map(Fault::to_string).collect();
        self.none("who tries again sees no failure", &retried);
        let unclean = faults.iter().filter(|fault| !fault.clean);
        let unclean: Vec<_> = unclean.map(Fault::to_string).collect();
        self.none("who does not try again sees clean failures alone", &unclean);
        self.complaints = causes(complaints);
    }

    fn listeners(&mut self, book: &Book) {
        let listeners = book.listeners();
        let sum = |count: fn(&crate::crew::Heard) -> u64| listeners.iter().map(count).sum::<u64>();
        let mut delays: Vec<_> = listeners
            .iter()
            .flat_map(|one| one.delays.clone())
            .collect();
        delays.sort_unstable();
        let at = |part: usize| {
            let place = (delays.len() * part / 100).min(delays.len().saturating_sub(1));
            delays
                .get(place)
                .copied()
                .unwrap_or(Duration::ZERO)
                .as_millis()
        };
        let lost: usize = listeners.iter().map(|one| one.lost.len()).sum();
        self.number(format!(
            "{} changes, {} times told that some were missed, heard of {} times by {} listeners, within {} ms (99 of 100: {} ms), \
             {} times that the tools changed; streams: {} ended in good order, {lost} broke",
            book.newest(),
            sum(|one| one.missed),
            sum(|one| one.notified),
            listeners.len(),
            at(100),
            at(99),
            sum(|one| one.tools),
            sum(|one| one.closed),
        ));
    }
}

/// What the balancer has logged, with how often: `date time [level] pid#tid: *connection cause, client: ..`.
fn causes(log: &str) -> Vec<String> {
    let cause = |line: &str| {
        let (_, said) = line.split_once(": ")?;
        let said = said
            .split_once(", client:")
            .map_or(said, |(cause, _)| cause);
        let without_number = said.strip_prefix('*').and_then(|said| said.split_once(' '));
        Some(without_number.map_or(said, |(_, cause)| cause).to_owned())
    };
    counted(log.lines().filter_map(cause))
}

/// Faults that are alike, with how many there are of them.
fn kinds(faults: &[Fault]) -> Vec<String> {
    let kind = |fault: &Fault| format!("{}: {}", fault.what, fault.why);
    let kinds = counted(faults.iter().map(kind));
    kinds.iter().map(|kind| format!("  {kind}")).collect()
}

/// Each text once, with how often it is there.
fn counted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
        .iter()
        .map(|(text, count)| format!("{count} × {text}"))
        .collect()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for number in &self.numbers {
            writeln!(f, "  {number}")?;
        }
        for (name, why) in &self.checks {
            match why {
                None => writeln!(f, "  ok    {name}")?,
                Some(why) => writeln!(f, "  FAIL  {name}: {why}")?,
            }
        }
        if !self.is_good() {
            for line in &self.complaints {
                writeln!(f, "  nginx: {line}")?;
            }
        }
        Ok(())
    }
}
