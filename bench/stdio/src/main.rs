//! What a call costs a server over its stdin and stdout, in one run beside a process that echoes lines, and
//! rmcp.
//!
//! `drive` starts `load` on a processor of its own, and that starts one server after another on another one,
//! as child processes of the same program.

#![forbid(unsafe_code)]

mod driver;
mod server;

use std::process::ExitCode;

use bench_kit::Core;

const USAGE: &str = "\
usage: bench-stdio drive [OPTIONS]
       bench-stdio serve NAME
       bench-stdio requests COUNT
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["drive", options @ ..] => drive(options),
        ["load", options @ ..] => driver::run(options),
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

fn drive(options: &[&str]) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Core::LOAD
        .command(program)
        .arg("load")
        .args(options)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the load ended with {status}")),
        Err(error) => Err(format!("the load did not start: {error}")),
    }
}
