//! Starts the server and the contestants in turn, measures, and prints what came of it.

mod clients;
mod gateways;
mod large;
mod nginx;
mod wrk;

use std::time::Duration;

use bench_kit::{Core, Options, Process, Row, Setting, Unit, can_pin, median};

pub(crate) use self::large::fetch;
use crate::{calls, proxy};

const SETTINGS: [Setting; 2] = [
    Setting {
        name: "--rounds",
        help: "how often each is measured",
        default: 5,
        least: 1,
        most: 100,
    },
    Setting {
        name: "--millis",
        help: "how long each measurement takes, in milliseconds",
        default: 500,
        least: 10,
        most: 60_000,
    },
];

/// All that can be chosen.
fn contestants() -> Vec<&'static str> {
    let mut names = calls::NAMES.to_vec();
    names.extend(
        proxy::NAMES
            .iter()
            .filter(|name| !calls::NAMES.contains(name)),
    );
    names.extend(PARTS);
    names
}

/// Whole tables.
const PARTS: [&str; 3] = ["clients", "gateways", "large"];

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let names = contestants();
    let Some(options) = Options::read(args, &SETTINGS, &names)? else {
        return Ok(());
    };
    // A part that is named leaves out the others; a contestant that is named does so within all parts.
    let any_part = PARTS.iter().any(|part| options.wants(part));
    let chosen = |names: &[&'static str]| -> Vec<&'static str> {
        let some: Vec<_> = names
            .iter()
            .copied()
            .filter(|name| options.wants(name))
            .collect();
        if some.is_empty() {
            names.to_vec()
        } else {
            some
        }
    };
    let wants = |part| !any_part || options.wants(part);
    let plan = Plan {
        rounds: options.number("--rounds"),
        time: Duration::from_millis(options.number("--millis") as u64),
    };
    if !can_pin() {
        println!("Processes share their processors: there is one only, or no taskset.\n");
    }
    let mut server = Process::own(Core::LOAD, &["serve"])?;
    let address = server.line()?;
    if wants("clients") {
        println!(
            "{}",
            clients::table(&plan, &address, &chosen(&calls::NAMES))?
        );
    }
    if wants("gateways") {
        println!(
            "{}",
            gateways::table(&plan, &address, &chosen(&proxy::NAMES))?
        );
    }
    if wants("large") {
        println!("{}", large::table(&plan, &address, &chosen(&proxy::NAMES))?);
    }
    Ok(())
}

/// How much is measured.
struct Plan {
    rounds: usize,
    time: Duration,
}

impl Plan {
    /// Runs `measure` for each name in each round; whoever comes first in one comes last in the next.
    fn interleave<T>(
        &self,
        names: &[&'static str],
        mut measure: impl FnMut(&'static str) -> Result<T, String>,
    ) -> Result<Vec<Vec<T>>, String> {
        let mut results: Vec<Vec<T>> = names.iter().map(|_| Vec::new()).collect();
        for round in 0..self.rounds {
            for turn in 0..names.len() {
                let at = (turn + round) % names.len();
                let (Some(name), Some(results)) = (names.get(at), results.get_mut(at)) else {
                    continue;
                };
                results.push(measure(name).map_err(|problem| format!("{name}: {problem}"))?);
            }
        }
        Ok(results)
    }
}

/// What is measured of a contestant under load.
#[derive(Clone, Copy, Debug)]
struct Load {
    /// Calls in a second.
    rate: f64,
    /// Nanoseconds: of the processor for one call, the median call, and the 99th of 100.
    processor: f64,
    middle: f64,
    late: f64,
}

impl Load {
    const ROWS: [(&str, Unit, fn(&Self) -> f64); 4] = [
        ("calls", Unit::Rate, |load| load.rate),
        ("processor time of a call", Unit::Time, |load| {
            load.processor
        }),
        ("p50", Unit::Time, |load| load.middle),
        ("p99", Unit::Time, |load| load.late),
    ];

    /// Medians of one measure after the other.
    fn rows(title: &str, results: &[Vec<Self>]) -> Vec<Row> {
        let row = |(name, unit, get): (&str, Unit, fn(&Self) -> f64)| Row {
            name: format!("{title}: {name}"),
            unit,
            values: results
                .iter()
                .map(|rounds| median(rounds.iter().map(get)))
                .collect(),
        };
        Self::ROWS.map(row).into()
    }
}
