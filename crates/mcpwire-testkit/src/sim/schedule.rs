//! When replicas crash and links fail.

use std::time::Duration;

use turmoil::Sim;

use super::chance::Chance;
use super::faults::{Faults, Spells};
use super::log::Journal;
use super::{BALANCER, replica_name};

/// What is to happen, step by step.
pub(super) struct Schedule {
    chance: Chance,
    faults: Faults,
    journal: Journal,
    replicas: usize,
    /// Everything at the other end of a link to the balancer.
    ends: Vec<String>,
    due: Vec<(Duration, Action)>,
    down: Vec<usize>,
    /// The ends of links that have trouble now.
    troubled: Vec<String>,
}

enum Action {
    Crash,
    Start(usize),
    Hold,
    Release(String),
    Lose,
    Repair(String),
}

impl Schedule {
    pub(super) fn new(
        seed: u64,
        faults: Faults,
        replicas: usize,
        clients: usize,
        journal: Journal,
    ) -> Self {
        let names = (0..clients).map(|index| format!("client-{index}"));
        let mut schedule = Self {
            chance: Chance::of(seed, "schedule", 0),
            faults,
            journal,
            replicas,
            ends: (0..replicas).map(replica_name).chain(names).collect(),
            due: Vec::new(),
            down: Vec::new(),
            troubled: Vec::new(),
        };
        for action in [Action::Crash, Action::Hold, Action::Lose] {
            schedule.again(Duration::ZERO, action);
        }
        schedule
    }

    /// Does what is due.
    pub(super) fn step(&mut self, sim: &mut Sim<'_>) {
        let now = sim.elapsed();
        while let Some(index) = self.due.iter().position(|(at, _)| *at <= now) {
            let (_, action) = self.due.remove(index);
            self.act(sim, now, action);
        }
    }

    fn act(&mut self, sim: &mut Sim<'_>, now: Duration, action: Action) {
        match action {
            Action::Crash => {
                if let Some(index) = self.somebody_up() {
                    self.note(now, format_args!("replica-{index} crashes"));
                    sim.crash(replica_name(index));
                    self.down.push(index);
                    self.later(now, Action::Start(index));
                }
                self.again(now, Action::Crash);
            }
            Action::Start(index) => {
                self.note(now, format_args!("replica-{index} starts"));
                self.down.retain(|down| *down != index);
                sim.bounce(replica_name(index));
            }
            Action::Hold => {
                if let Some(end) = self.some_link() {
                    self.note(now, format_args!("the link to {end} holds"));
                    sim.hold(BALANCER, end.as_str());
                    self.later(now, Action::Release(end));
                }
                self.again(now, Action::Hold);
            }
            Action::Release(end) => {
                self.note(now, format_args!("the link to {end} lets go"));
                sim.release(BALANCER, end.as_str());
                self.troubled.retain(|troubled| *troubled != end);
            }
            Action::Lose => {
                if let Some(end) = self.some_link() {
                    self.note(now, format_args!("the link to {end} loses everything"));
                    sim.partition(BALANCER, end.as_str());
                    self.later(now, Action::Repair(end));
                }
                self.again(now, Action::Lose);
            }
            Action::Repair(end) => {
                self.note(now, format_args!("the link to {end} is well again"));
                sim.repair(BALANCER, end.as_str());
                self.troubled.retain(|troubled| *troubled != end);
            }
        }
    }

    /// The next beginning of something that happens again and again.
    fn again(&mut self, now: Duration, action: Action) {
        if let Some(Spells { every, .. }) = self.spells(&action).cloned() {
            let pause = self
                .chance
                .within(&(every / 2..=every.saturating_mul(3) / 2));
            // Nothing happens twice in one step, and time goes on.
            let pause = pause.max(Duration::from_millis(1));
            self.due.push((now.saturating_add(pause), action));
        }
    }

    /// The end of something that has begun.
    fn later(&mut self, now: Duration, action: Action) {
        if let Some(Spells { lasting, .. }) = self.spells(&action).cloned() {
            let lasting = self.chance.within(&lasting);
            self.due.push((now.saturating_add(lasting), action));
        }
    }

    fn spells(&self, action: &Action) -> Option<&Spells> {
        match action {
            Action::Crash | Action::Start(_) => self.faults.crashes.as_ref(),
            Action::Hold | Action::Release(_) => self.faults.holds.as_ref(),
            Action::Lose | Action::Repair(_) => self.faults.losses.as_ref(),
        }
    }

    fn somebody_up(&mut self) -> Option<usize> {
        if self.down.len() >= self.faults.max_down {
            return None;
        }
        let up = (0..self.replicas).filter(|index| !self.down.contains(index));
        let up: Vec<_> = up.collect();
        up.get(self.chance.index(up.len())).copied()
    }

    fn some_link(&mut self) -> Option<String> {
        let well = self.ends.iter().filter(|end| !self.troubled.contains(end));
        let well: Vec<_> = well.cloned().collect();
        let end = well.get(self.chance.index(well.len()))?;
        self.troubled.push(end.clone());
        Some(end.clone())
    }

    fn note(&self, now: Duration, what: impl std::fmt::Display) {
        self.journal.note_at(now, "network", what);
    }
}
