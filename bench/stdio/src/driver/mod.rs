//! What is measured: each server in each round, one call in flight and many.

mod requests;
mod talk;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use bench_kit::{Aim, Core, Options, Process, Setting, Table, Unit, can_pin, median};

use rustix::thread::{CpuSet, sched_setaffinity};

use crate::server::NAMES;
use requests::Requests;
use talk::{Pace, Talk};

const SETTINGS: [Setting; 3] = [
    Setting {
        name: "--rounds",
        help: "how often each server is measured",
        default: 5,
        least: 1,
        most: 100,
    },
    Setting {
        name: "--time",
        help: "milliseconds for each measurement",
        default: 700,
        least: 10,
        most: 60_000,
    },
    Setting {
        name: "--in-flight",
        help: "calls in flight, where it is many",
        default: 64,
        least: 2,
        most: 128,
    },
];

pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let Some(options) = Options::read(options, &SETTINGS, &NAMES)? else {
        return Ok(());
    };
    let names: Vec<&str> = NAMES
        .into_iter()
        .filter(|name| options.wants(name))
        .collect();
    let mut measured = Measured::default();
    for round in 0..options.number("--rounds") {
        for name in &names {
            eprintln!("round {}: {name}", round + 1);
            measure(name, &options, &mut measured).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    println!("{}", measured.table(&names, options.number("--in-flight")));
    if !can_pin() {
        println!("The servers and the load were not kept on processors of their own.");
    }
    Ok(())
}

/// For a profile of a server: as many requests as are asked for, whole sets of them.
pub(crate) fn print_requests(count: &str) -> Result<(), String> {
    let mut count: usize = count.parse().map_err(|_| "how many requests?")?;
    let mut requests = Requests::new();
    let mut stdout = std::io::stdout().lock();
    while count > 0 {
        let (taken, bytes) = requests.take(count);
        stdout.write_all(bytes).map_err(|error| error.to_string())?;
        count -= taken;
    }
    Ok(())
}

fn measure(name: &str, options: &Options, measured: &mut Measured) -> Result<(), String> {
    let time = Duration::from_millis(options.number("--time") as u64);
    let many = options.number("--in-flight");
    let mut server = Process::own(Core::CONTESTANT, &["serve", name])?;
    let (input, output) = server.take_pipes().ok_or("it has no pipes")?;
    // Its buffer is smaller than ours, and so goes unused.
    let mut talk = Talk::new(input, output);
    let echo = name.starts_with("echo");
    pin(APART);
    // rmcp makes up its mind about the connection with the first message.
    talk.check(1, echo)?;
    talk.check(many, echo)?;
    talk.pace(many, time / 4)?;
    for (what, in_flight, processor) in [
        ("together", 1, TOGETHER),
        ("apart", 1, APART),
        ("many", many, APART),
        ("many together", many, TOGETHER),
    ] {
        pin(processor);
        let before = server.processor_time()?;
        let mut pace = talk.pace(in_flight, time)?;
        let spent = server.processor_time()?.saturating_sub(before);
        measured.add(name, what, &mut pace, spent);
    }
    measured.push(name, "memory", server.memory()?.resident as f64);
    Ok(())
}

/// The processor of the server, and another one. With one call in flight only one of both has something
/// to do at any time: on one processor what they do is all that takes time, on two the time is for the
/// most part that of waking a processor that sleeps.
const TOGETHER: usize = 0;
const APART: usize = 1;

/// Where this process runs from here on; where that cannot be chosen, it is left as it is.
fn pin(processor: usize) {
    let mut set = CpuSet::new();
    set.set(processor);
    let _ = sched_setaffinity(None, &set);
}

/// What was measured of each server, in each round.
#[derive(Default)]
struct Measured(BTreeMap<(String, String), Vec<f64>>);

impl Measured {
    fn push(&mut self, name: &str, measure: &str, value: f64) {
        let key = (name.to_owned(), measure.to_owned());
        self.0.entry(key).or_default().push(value);
    }

    fn add(&mut self, name: &str, what: &str, pace: &mut Pace, spent: Duration) {
        let calls = pace.calls as f64;
        let rate = calls / pace.time.as_secs_f64();
        self.push(name, &format!("{what}: rate"), rate);
        let spent = spent.as_nanos() as f64 / calls;
        self.push(name, &format!("{what}: processor"), spent);
        let at_once = calls / pace.rounds.len() as f64;
        self.push(name, &format!("{what}: at once"), at_once);
        pace.rounds.sort_unstable();
        for (percentile, of_hundred) in [("p50", 50), ("p99", 99)] {
            let at = pace.rounds.len() * of_hundred / 100;
            let took = pace.rounds.get(at).copied().unwrap_or_default();
            let took = took.as_nanos() as f64;
            self.push(name, &format!("{what}: {percentile}"), took);
        }
    }

    fn table(&self, names: &[&str], many: usize) -> Table {
        let mut table = Table::new("stdio", names.iter().copied());
        let together = "1 call in flight, one processor";
        let many_apart = format!("{many} calls in flight, two processors");
        let many_together = format!("{many} calls in flight, one processor");
        let rows = [
            ("together: rate", together, Unit::Rate),
            ("together: p50", "the same, p50", Unit::Time),
            ("together: p99", "the same, p99", Unit::Time),
            (
                "together: processor",
                "the same, processor time",
                Unit::Time,
            ),
            (
                "apart: rate",
                "1 call in flight, two processors",
                Unit::Rate,
            ),
            ("apart: p50", "the same, p50", Unit::Time),
            ("apart: p99", "the same, p99", Unit::Time),
            ("apart: processor", "the same, processor time", Unit::Time),
            ("many: rate", &many_apart, Unit::Rate),
            (
                "many: at once",
                "the same, answers in one read",
                Unit::Count,
            ),
            ("many: processor", "the same, processor time", Unit::Time),
            ("many together: rate", &many_together, Unit::Rate),
            (
                "many together: processor",
                "the same, processor time",
                Unit::Time,
            ),
            ("memory", "memory (VmRSS)", Unit::Bytes),
        ];
        for (measure, row, unit) in rows {
            let values = names.iter().map(|name| self.median(name, measure));
            table.row(row, unit, values.collect());
        }
        for (measure, what, of_echo, of_rmcp) in [
            ("together: rate", together, 0.6, 4.0),
            ("many: rate", &many_apart, 0.35, 20.0),
        ] {
            for (other, least) in [("echo", of_echo), ("rmcp", of_rmcp)] {
                let ratio = self.median("mcpwire", measure) / self.median(other, measure);
                let aim = format!("{what}, mcpwire beside {other}");
                table.aim(aim, ratio, Aim::AtLeast(least));
            }
        }
        table
    }

    fn median(&self, name: &str, measure: &str) -> f64 {
        let key = (name.to_owned(), measure.to_owned());
        median(self.0.get(&key).into_iter().flatten().copied())
    }
}
