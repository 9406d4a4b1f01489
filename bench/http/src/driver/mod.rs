//! Measures what was asked for, and prints it.

mod case;
mod contestant;
mod exchange;
mod growth;
mod options;
mod wrk;

use bench_kit::{Aim, can_pin};
use options::{CASES, Options};

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let Some(options) = Options::read(args)? else {
        return Ok(());
    };
    wrk::find()?;
    if !can_pin() {
        println!("servers and load share processors here: these numbers say little\n");
    }
    if options.soak() > 0 {
        println!("{}", growth::soak(&options)?);
        return Ok(());
    }
    let mut echo = f64::NAN;
    for case in CASES.into_iter().filter(|case| options.wants_case(case)) {
        let mut table = match case {
            "growth" => growth::run(&options)?,
            _ => case::run(case, &options)?,
        };
        match case {
            "echo" => echo = case::rate(&table),
            "steps" => {
                let ratio = case::rate(&table) / echo;
                table.aim(
                    "requests, of those without notices",
                    ratio,
                    Aim::AtLeast(0.6),
                );
            }
            _ => {}
        }
        println!("{table}");
    }
    Ok(())
}
