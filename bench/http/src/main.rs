//! Servers over HTTP, each on a processor of its own, with a load generator on another one.
//!
//! The driver starts the contestants as child processes of the same program, has each answer once to see
//! that it does the work, and lets `wrk` keep one after another busy.

#![forbid(unsafe_code)]

mod code;
mod driver;
mod repeat;
mod server;
mod work;

use std::process::ExitCode;

const USAGE: &str = "\
usage: bench-http drive [OPTIONS]
       bench-http serve bare CONTENT-TYPE BODY
       bench-http serve envelope|mcpwire|rmcp|rmcp-sse [TOOLS]
       bench-http repeat echo|large|list|steps TIMES
       bench-http code PROFILE REQUESTS
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["drive", options @ ..] => driver::run(options),
        ["code", profile, requests] => code::run(profile, requests),
        ["repeat", work, times] => repeat::run(work, times),
        ["serve", name, args @ ..] => server::run(name, args),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench-http: {problem}");
            ExitCode::FAILURE
        }
    }
}
