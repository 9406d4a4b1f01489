//! Clients over HTTP, and gateways, in one run beside a bare hyper client, a bare hyper proxy, and rmcp.
//!
//! The driver starts a server that answers ready bytes, and one contestant after another as child
//! processes of the same program; and it looks at them from outside.

#![forbid(unsafe_code)]

mod calls;
mod driver;
mod message;
mod proxy;
mod server;

use std::process::ExitCode;

const USAGE: &str = "\
usage: bench-client drive [OPTIONS]
       bench-client serve                the server; prints its address
       bench-client call NAME URL        a client; reads `TASKS MILLISECONDS` from stdin
       bench-client proxy NAME URL       a gateway to the server; prints its address
       bench-client fetch ADDRESS        calls over a plain socket; reads lines `CALLS` from stdin
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["drive", options @ ..] => driver::run(options),
        ["serve"] => server::run(),
        ["call", name, url] => calls::run(name, url),
        ["proxy", name, url] => proxy::run(name, url),
        ["fetch", address] => driver::fetch(address),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench-client: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// What users write: as many threads as there are processors to run on.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
