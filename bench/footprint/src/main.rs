//! Builds the same small server with each contestant, from nothing, and looks at what came of it.
//!
//! The servers are packages of their own, so that each is built with the features that it asks for.

#![forbid(unsafe_code)]

mod build;

use std::process::ExitCode;

use bench_kit::{Aim, Options, Setting, Table, Unit, median};

use crate::build::{Built, Workspace};

/// What the others are compared with comes first.
const NAMES: [&str; 4] = ["rmcp", "mcpwire", "mcpwire-all", "hyper"];

const ROUNDS: Setting = Setting {
    name: "--rounds",
    help: "how often each is built from nothing",
    default: 1,
    least: 1,
    most: 100,
};

const TIME: &str = "cold release build";
const SIZE: &str = "stripped executable";
const CRATES: &str = "crates beside its own";

struct Results {
    name: &'static str,
    crates: usize,
    builds: Vec<Built>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = match args.split_first() {
        Some((&"drive", args)) => run(args),
        _ => Err("run it with `cargo xtask bench footprint`".to_owned()),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<(), String> {
    let Some(options) = Options::read(args, &[ROUNDS], &NAMES)? else {
        return Ok(());
    };
    let rounds = options.number(ROUNDS.name);
    let workspace = Workspace::here();
    // Nobody waits for the network while the clock runs.
    workspace.fetch()?;
    let mut results = Vec::new();
    for name in NAMES.into_iter().filter(|name| options.wants(name)) {
        results.push(Results {
            name,
            crates: workspace.crates(name)?,
            builds: Vec::new(),
        });
    }
    for number in 0..rounds {
        // Whoever comes first in one round comes last in the next one.
        let shift = number % results.len().max(1);
        results.rotate_left(shift);
        for result in &mut results {
            eprintln!("round {} of {rounds}: {}", number + 1, result.name);
            result.builds.push(workspace.build(result.name)?);
        }
        results.rotate_right(shift);
    }
    println!("{}", table(rounds, &results));
    Ok(())
}

fn table(rounds: usize, results: &[Results]) -> Table {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let title = format!("one typed tool over HTTP, {rounds} rounds, {jobs} processors");
    let mut table = Table::new(title, results.iter().map(|result| result.name));
    let of = |measure: fn(&Built) -> f64| {
        results
            .iter()
            .map(move |result| median(result.builds.iter().map(measure)))
            .collect()
    };
    let crates = results.iter().map(|result| result.crates as f64).collect();
    table.row(CRATES, Unit::Count, crates);
    table.row(TIME, Unit::Time, of(|built| built.time.as_nanos() as f64));
    table.row(SIZE, Unit::Bytes, of(|built| built.size as f64));
    table.aim(
        "crates of mcpwire's server beside mcpwire itself",
        table.value(CRATES, "mcpwire") - 1.0,
        Aim::AtMost(60.0),
    );
    table.aim(
        "build time of mcpwire's server, of rmcp's",
        table.ratio(TIME, "mcpwire", "rmcp"),
        Aim::AtMost(0.6),
    );
    table.aim(
        "size of mcpwire's server in MB",
        table.value(SIZE, "mcpwire") / 1e6,
        Aim::AtMost(3.0),
    );
    table
}
