//! `cargo xtask`: everything about this workspace that a shell script would otherwise do.
//!
//! This file only finds the workspace and the command; each command is a module.

#![allow(
    clippy::print_stdout,
    reason = "a command line program talks on stdout"
)]
#![allow(
    unreachable_pub,
    reason = "nothing is reachable in a program; `pub` means: for other modules"
)]

mod balancer;
mod bench;
mod cache;
mod codegen;
mod conformance;
mod coverage;
#[cfg(feature = "demo")]
mod demo;
#[cfg(not(feature = "demo"))]
#[path = "demo/left_out.rs"]
mod demo;
mod fuzz;
mod outcome;
mod peers;
mod process;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use outcome::Stop;

const USAGE: &str = "\
usage: cargo xtask COMMAND [OPTIONS]

  test [--quick] [--only STEP,..]    everything that has to hold; ends with `N passed, N failed`
  balancer [OPTIONS]                 replicas behind nginx, while they are killed and replaced
  demo                               one conversation over three replicas of a server
  conformance server|client          the official suite against the fixture server or client
  peers [--only NAME,..]             TypeScript and Python clients and servers against ours
  bench codec|streams [OPTIONS]      the codec, and listen streams, beside what one would take instead
  fuzz [TARGET..] [OPTIONS]          looks for inputs that break a law; `fuzz --help` says more
  codegen [OPTIONS]                  types, strategies and reference page out of the protocol model
  coverage [--check]                 docs/conformance.md: which test holds which requirement

`cargo xtask COMMAND --help` says more about a command.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let root = root();
    let done = match command.as_str() {
        "balancer" => balancer::command(&root, rest),
        "bench" => bench::command(&root, rest),
        "codegen" => codegen::run(&root, rest).map_err(Stop::Broken),
        "conformance" => conformance::command(&root, rest),
        "coverage" => coverage::run(&root, rest).map_err(Stop::Broken),
        "demo" => demo::command(&root, rest),
        "fuzz" => fuzz::command(&root, rest),
        "peers" => peers::command(&root, rest),
        "test" => test::command(&root, rest),
        "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(Stop::Usage(format!("no command {other:?}\n\n{USAGE}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            // What failed is printed already, and the last line of that is looked for by others.
            if !matches!(stop, Stop::Failed) {
                eprintln!("xtask: {stop}");
            }
            ExitCode::from(stop.code())
        }
    }
}

/// The folder of the workspace, wherever the command was started.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
