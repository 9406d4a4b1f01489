//! Runs scenarios and prints what came of them.

#![allow(
    clippy::print_stdout,
    reason = "a command line program talks on stdout"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mcpwire_chaos::find_program;
use mcpwire_chaos::scenario::{SCENARIOS, Scenario, Setup};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
usage: mcpwire-chaos [OPTIONS]

  --scenario NAME,..   which ones, in this order (all)
  --replicas COUNT     how many replicas there are (4)
  --seconds SECONDS    for how long each scenario makes trouble (10)
  --seed NUMBER        what chance comes from (1)
  --replica FILE       the executable of a replica (mcpwire-replica, beside this one)

Needs nginx and nats-server. Ends with 0 if everything held, 1 if not, 2 if it was called wrongly, 3
without one of the two.
Scenarios:
";

fn usage() -> String {
    let rows = SCENARIOS
        .iter()
        .map(|one| format!("  {:<12} {}\n", one.name, one.about));
    rows.fold(USAGE.to_owned(), |text, row| text + &row)
}

#[tokio::main]
async fn main() -> ExitCode {
    let (scenarios, setup) = match parse(std::env::args().skip(1)) {
        Ok(Some(parsed)) => parsed,
        Ok(None) => {
            print!("{}", usage());
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("mcpwire-chaos: {why}\n\n{}", usage());
            return ExitCode::from(2);
        }
    };
    for (program, package) in [("nginx", "nginx-light"), ("nats-server", "nats-server")] {
        if find_program(program).is_none() {
            println!("{program} is not at hand: install it (Debian: apt-get install {package})");
            return ExitCode::from(3);
        }
    }
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        eprintln!("mcpwire-chaos: no signals here");
        return ExitCode::FAILURE;
    };
    tokio::select! {
        good = run(&scenarios, &setup) => if good { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        // What is dropped on these ways takes its processes with it.
        _ = terminate.recv() => ExitCode::FAILURE,
        _ = tokio::signal::ctrl_c() => ExitCode::FAILURE,
    }
}

/// Runs scenarios, and tells whether everything held.
async fn run(scenarios: &[Scenario], setup: &Setup) -> bool {
    let (mut held, mut failed) = (0, 0);
    for scenario in scenarios {
        println!("{}: {}", scenario.name, scenario.about);
        let begun = Instant::now();
        match scenario.run(setup).await {
            Ok(verdict) => {
                let counts = verdict.counts();
                (held, failed) = (held + counts.0, failed + counts.1);
                print!("{verdict}");
            }
            Err(error) => {
                failed += 1;
                println!("  FAIL  it could not be run: {error}");
            }
        }
        println!("  {:.1} s\n", begun.elapsed().as_secs_f32());
    }
    println!("{held} passed, {failed} failed");
    failed == 0
}

/// What is to be run, and with what; nothing if only help was asked for.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<(Vec<Scenario>, Setup)>, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut setup = Setup::new(own.with_file_name("mcpwire-replica"));
    let mut scenarios = SCENARIOS.to_vec();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--help" | "-h" => return Ok(None),
            "--scenario" => {
                let names = value()?;
                if names != "all" {
                    scenarios = named(&names)?;
                }
            }
            "--replicas" => setup.replicas = number(&arg, &value()?, &2)?,
            "--seconds" => setup.time = Duration::from_secs(number(&arg, &value()?, &1)?),
            "--seed" => setup.seed = number(&arg, &value()?, &0)?,
            "--replica" => setup.program = PathBuf::from(value()?),
            _ => return Err(format!("unknown option {arg}")),
        }
    }
    Ok(Some((scenarios, setup)))
}

fn named(names: &str) -> Result<Vec<Scenario>, String> {
    let find = |name| Scenario::named(name).ok_or_else(|| format!("no scenario {name:?}"));
    names.split(',').map(find).collect()
}

fn number<N>(name: &str, text: &str, least: &N) -> Result<N, String>
where
    N: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let number = text.parse().ok().filter(|number| number >= least);
    number.ok_or_else(|| format!("{name} needs a number, {least} or more, and not {text:?}"))
}
