//! What many open `subscriptions/listen` streams cost, in one run beside bare hyper and rmcp.
//!
//! The driver starts one server after another as child processes of the same program, opens the streams,
//! and looks at the server from outside: its memory, its processor time, and when bytes arrive.

#![forbid(unsafe_code)]

mod driver;
mod message;
mod server;

use std::process::ExitCode;

const USAGE: &str = "\
usage: bench-streams drive [OPTIONS]
       bench-streams serve bare|mcpwire|rmcp
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["drive", options @ ..] => driver::run(options),
        ["serve", name, messages @ ..] => server::run(name, messages),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench-streams: {problem}");
            ExitCode::FAILURE
        }
    }
}
