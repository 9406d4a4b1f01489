//! One kind of work at one number of connections: every contestant in turn, again and again.

use bench_kit::{Aim, Table, Unit};

use super::contestant::Contestant;
use super::options::{CONTESTANTS, Options};
use super::wrk::Load;
use crate::work::Work;

const RATE: &str = "requests";
const TIME: &str = "processor time of one";
const HALF: &str = "latency of half of them";
const MOST: &str = "latency of 99 of 100";

/// What a case is, by its name.
fn of(case: &str) -> (Work, usize) {
    match case {
        "echo-64" => (Work::Echo, 64),
        "list" => (Work::List, 16),
        "large" => (Work::Large, 16),
        "steps" => (Work::Steps, 16),
        "steps-1" => (Work::Steps, 1),
        "steps-64" => (Work::Steps, 64),
        _ => (Work::Echo, 16),
    }
}

/// Measures a case.
pub(super) fn run(case: &'static str, options: &Options) -> Result<Table, String> {
    let (work, connections) = of(case);
    let mut contestants = start(work, options)?;
    let load = Load::new(work)?;
    rounds(&mut contestants, &load, connections, options)?;
    let title = format!("{case}: {work:?}, {connections} connections");
    let mut table = table(title, &contestants);
    table.row(
        "memory afterwards",
        Unit::Bytes,
        contestants.iter().map(Contestant::memory).collect(),
    );
    aims(case, &mut table);
    Ok(table)
}

/// Every contestant in turn, so that what else the machine does falls on all of them.
pub(super) fn rounds(
    contestants: &mut [Contestant],
    load: &Load,
    connections: usize,
    options: &Options,
) -> Result<(), String> {
    for _ in 0..options.rounds() {
        for contestant in &mut *contestants {
            contestant.load(load, connections, options.seconds())?;
        }
    }
    Ok(())
}

pub(super) fn table(title: String, contestants: &[Contestant]) -> Table {
    let mut table = Table::new(title, contestants.iter().map(|it| it.name));
    let values = |of: fn(&Contestant) -> f64| contestants.iter().map(of).collect();
    table.row(RATE, Unit::Rate, values(|it| it.middle(|it| it.rate)));
    table.row(TIME, Unit::Time, values(|it| it.middle(|it| it.work)));
    table.row(HALF, Unit::Time, values(|it| it.middle(|it| it.half)));
    table.row(MOST, Unit::Time, values(|it| it.middle(|it| it.most)));
    table
}

/// All that take part and do this work, each of which has done it once.
fn start(work: Work, options: &Options) -> Result<Vec<Contestant>, String> {
    // What bare hyper sends is what ours does.
    let ours = Contestant::own("mcpwire", &[])?;
    let answer = ours.check(work)?;
    let mut contestants = Vec::new();
    for name in CONTESTANTS {
        let can = match (name, work) {
            ("envelope", work) => work != Work::Steps,
            // It does not stream what comes in one piece, so there is nothing else to see.
            ("rmcp-sse", work) => work != Work::List,
            _ => true,
        };
        if !can || !options.wants(name) {
            continue;
        }
        let contestant = match name {
            "bare" => Contestant::own(name, &[&answer.content_type, &answer.body])?,
            "typescript" | "python" => Contestant::peer(name, options)?,
            _ => Contestant::own(name, &[])?,
        };
        contestant.check(work)?;
        contestants.push(contestant);
    }
    Ok(contestants)
}

fn aims(case: &str, table: &mut Table) {
    let mut aim = |name: &str, row: &str, of: &str, aim: Aim| {
        let ratio = table.ratio(row, "mcpwire", of);
        table.aim(name, ratio, aim);
    };
    match case {
        "echo" | "echo-64" => {
            aim("requests, of bare hyper's", RATE, "bare", Aim::AtLeast(0.8));
            aim(
                "processor time, of bare hyper's",
                TIME,
                "bare",
                Aim::AtMost(1.3),
            );
            aim("requests, of rmcp's", RATE, "rmcp", Aim::AtLeast(5.0));
            if case == "echo-64" {
                aim(
                    "latency of 99 of 100, of bare hyper's",
                    MOST,
                    "bare",
                    Aim::AtMost(1.5),
                );
            }
        }
        "list" => aim(
            "requests, of bare hyper's",
            RATE,
            "bare",
            Aim::AtLeast(0.85),
        ),
        "large" => {
            aim(
                "requests, of those with serde_json",
                RATE,
                "envelope",
                Aim::AtLeast(2.0),
            );
            aim("requests, of rmcp's", RATE, "rmcp", Aim::AtLeast(3.0));
        }
        "steps" | "steps-1" | "steps-64" => {
            let most = table.value(MOST, "mcpwire") / 1e6;
            // A client's delayed acknowledgement takes 40 ms.
            table.aim("latency of 99 of 100, in ms", most, Aim::AtMost(20.0));
        }
        _ => {}
    }
}

/// The requests of ours in a second, where it took part.
pub(super) fn rate(table: &Table) -> f64 {
    table.value(RATE, "mcpwire")
}
