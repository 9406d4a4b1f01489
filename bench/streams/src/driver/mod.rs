//! Starts the servers in turn, opens streams, measures, and prints what came of it.

mod child;
mod round;
mod streams;
mod table;

use bench_kit::{Options, Setting};

use self::child::Server;
use self::round::{Messages, Round};

/// The contestants, the floor first.
pub(crate) const NAMES: [&str; 3] = ["bare", "mcpwire", "rmcp"];

/// Streams that a publishing cost is compared with.
pub(crate) const FEW: usize = 10;

const STREAMS: Setting = Setting {
    name: "--streams",
    help: "streams that are open at a time",
    default: 10_000,
    least: FEW,
    // As many numbers as have six digits.
    most: 900_000,
};
const ROUNDS: Setting = Setting {
    name: "--rounds",
    help: "how often each server is started and measured",
    default: 5,
    least: 1,
    most: 1000,
};

/// All rounds of one contestant.
pub(crate) struct Results {
    name: &'static str,
    rounds: Vec<Round>,
}

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let Some(options) = Options::read(args, &[STREAMS, ROUNDS], &NAMES)? else {
        return Ok(());
    };
    let streams = options.number(STREAMS.name);
    let rounds = options.number(ROUNDS.name);
    child::check_descriptors(streams)?;
    let messages = Messages::of_ours()?;
    let mut results: Vec<Results> = NAMES
        .into_iter()
        .filter(|name| options.wants(name))
        .map(|name| Results {
            name,
            rounds: Vec::new(),
        })
        .collect();
    for number in 0..rounds {
        // Whoever comes first in one round comes last in the next one.
        let shift = number % results.len().max(1);
        results.rotate_left(shift);
        for result in &mut results {
            eprintln!("round {} of {}: {}", number + 1, rounds, result.name);
            let round = Round::run(result.name, &messages, streams)
                .map_err(|problem| format!("{}: {problem}", result.name))?;
            result.rounds.push(round);
        }
        results.rotate_right(shift);
    }
    println!("{}", table::table(streams, rounds, &messages, &results));
    Ok(())
}
