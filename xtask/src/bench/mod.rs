//! `cargo xtask bench`: ours beside what one would take instead, measured in one run.
//!
//! The benches live in `bench/`, a workspace of its own. This runs them and puts their medians side by
//! side; the numbers of one run on one machine mean something beside each other only.

mod codec;
mod estimates;
pub(crate) mod instructions;

use std::path::Path;

use crate::outcome::Stop;
use crate::{peers, process};

const USAGE: &str = "\
usage: cargo xtask bench codec [--only decode|encode|typed]
       cargo xtask bench http|client|stdio|streams|footprint [OPTIONS]    --help lists them
       cargo xtask bench instructions [--bless]
       cargo xtask bench allocations
       cargo xtask bench peers [OPTIONS]                        those of http

codec: runs the benches of the codec and prints medians and ratios. Takes about three minutes.
http: servers over HTTP, with a load generator (wrk) that keeps them busy.
peers: the same, with servers made with the TypeScript and Python SDKs where node and python are there.
client: clients over HTTP, and gateways.
stdio: servers over their stdin and stdout.
streams: opens 10000 listen streams on one server after another, and prints what they cost in memory
and time, and whether that is what it should be. Takes about three minutes, and as long to build.
footprint: builds the same small server with each contestant, from nothing. Takes five minutes a round.
instructions: counts the processor's instructions (valgrind) for reading, dispatching and writing a message,
and fails where one needs more than bench/instructions.toml says; --bless writes that file anew.
allocations: counts what one call of a tool over HTTP allocates.

Keep the machine idle meanwhile, except for the last two, which count.
";

/// The benches with a driver of their own: `bench-` and the name is the package.
const DRIVERS: [&str; 5] = ["http", "client", "stdio", "streams", "footprint"];

/// Runs what `args` name.
pub fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args {
        ["codec"] => run(root, &["decode", "encode", "typed"]),
        ["codec", "--only", name] if codec::TABLES.contains(&name) => run(root, &[name]),
        ["instructions"] => instructions::run(root, false),
        ["instructions", "--bless"] => instructions::run(root, true),
        ["allocations"] => allocations(root),
        [name, ref options @ ..] if DRIVERS.contains(&name) => drive(root, name, options),
        ["peers", ref options @ ..] => drive_peers(root, options),
        ["--help" | "-h" | "help"] | ["codec", "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(Stop::Usage(USAGE.to_owned())),
    }
}

fn run(root: &Path, benches: &[&str]) -> Result<(), Stop> {
    let folder = root.join("bench");
    let mut cargo = process::cargo(&folder);
    cargo.args(["bench", "--locked", "--package", "bench-codec"]);
    for bench in benches {
        cargo.args(["--bench", bench]);
    }
    // Its own progress goes past the reader; the tables below are what is asked for.
    cargo.args(["--", "--quiet"]);
    let status = cargo
        .status()
        .map_err(|error| Stop::Broken(format!("cargo bench: {error}")))?;
    if !status.success() {
        return Err(Stop::Broken("cargo bench failed".to_owned()));
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder.join("target"), Into::into);
    let criterion = target.join("criterion");
    for bench in benches {
        let table = match *bench {
            "decode" => codec::decode(&criterion),
            "encode" => codec::encode(&criterion),
            _ => codec::typed(&criterion),
        };
        println!("\n{}", table.map_err(Stop::Broken)?);
    }
    Ok(())
}

/// The test that holds the numbers prints them.
fn allocations(root: &Path) -> Result<(), Stop> {
    let mut cargo = process::cargo(root);
    cargo.args(["test", "--locked", "--quiet", "--package", "mcpwire"]);
    cargo.args(["--test", "allocations", "--", "--nocapture"]);
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Stop::Failed),
        Err(error) => Err(Stop::Broken(format!("cargo test: {error}"))),
    }
}

/// The servers over HTTP, and those that others wrote. Who cannot be installed is left out.
fn drive_peers(root: &Path, options: &[&str]) -> Result<(), Stop> {
    let (typescript, python) = peers::server_packages();
    let mut with = Vec::new();
    for (name, installed) in [("--typescript", typescript), ("--python", python)] {
        match installed {
            Ok(path) => with.extend([name.to_owned(), path.display().to_string()]),
            Err(Stop::Missing(what)) => {
                println!("without {}: {what}", name.trim_start_matches('-'));
            }
            Err(other) => return Err(other),
        }
    }
    let mut with: Vec<&str> = with.iter().map(String::as_str).collect();
    with.extend(options);
    drive(root, "http", &with)
}

/// A driver checks its own options, and starts the contestants from the same executable.
fn drive(root: &Path, name: &str, options: &[&str]) -> Result<(), Stop> {
    let mut cargo = process::cargo(&root.join("bench"));
    let package = format!("bench-{name}");
    cargo.args(["run", "--release", "--locked", "--package", &package]);
    let status = cargo
        .args(["--", "drive"])
        .args(options)
        .status()
        .map_err(|error| Stop::Broken(format!("cargo run: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Stop::Broken(format!("the bench `{name}` failed")))
    }
}
