//! Starts the servers in turn, opens streams, measures, and prints what came of it.

mod child;
mod options;
mod round;
mod streams;
mod table;

use self::child::Server;
use self::options::Options;
use self::round::{Messages, Round};

/// The contestants, the floor first.
pub(crate) const NAMES: [&str; 3] = ["bare", "mcpwire", "rmcp"];

/// All rounds of one contestant.
pub(crate) struct Results {
    name: &'static str,
    rounds: Vec<Round>,
}

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let Some(options) = Options::read(args)? else {
        print!("{}", options::USAGE);
        return Ok(());
    };
    child::check_descriptors(options.streams)?;
    let messages = Messages::of_ours()?;
    let mut results: Vec<Results> = NAMES
        .into_iter()
        .filter(|name| options.only.is_empty() || options.only.iter().any(|only| only == name))
        .map(|name| Results {
            name,
            rounds: Vec::new(),
        })
        .collect();
    for number in 0..options.rounds {
        // Whoever comes first in one round comes last in the next one.
        let shift = number % results.len().max(1);
        results.rotate_left(shift);
        for result in &mut results {
            eprintln!(
                "round {} of {}: {}",
                number + 1,
                options.rounds,
                result.name
            );
            let round = Round::run(result.name, &messages, &options)
                .map_err(|problem| format!("{}: {problem}", result.name))?;
            result.rounds.push(round);
        }
        results.rotate_right(shift);
    }
    println!("{}", table::table(&options, &messages, &results));
    Ok(())
}
