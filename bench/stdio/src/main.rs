//! What a call costs a server over its stdin and stdout, in one run beside a process that echoes lines, and
//! rmcp.
//!
//! The driver starts one server after another as child processes of the same program.

#![forbid(unsafe_code)]

mod driver;
mod server;

use std::process::ExitCode;

const USAGE: &str = "\
usage: bench-stdio drive [OPTIONS]
       bench-stdio serve NAME
       bench-stdio requests COUNT
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["drive", options @ ..] => driver::run(options),
        ["serve", name] => server::run(name),
        ["requests", count] => driver::print_requests(count),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench-stdio: {problem}");
            ExitCode::FAILURE
        }
    }
}
