//! Reads one message again and again, for a profiler to watch:
//!
//! ```text
//! valgrind --tool=callgrind target/release/examples/repeat mcpwire '350 B call' 1000
//! ```
//!
//! The difference between a run of N times and one of none is what N readings cost.

use std::hint::black_box;
use std::process::ExitCode;

use bench_codec::readers;

const USAGE: &str = "usage: repeat mcpwire|serde_json|sonic-rs|jiter|simdutf8 MESSAGE TIMES";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [reader, message, times] => match repeat(reader, message, times) {
            Some(()) => ExitCode::SUCCESS,
            None => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::FAILURE
}

fn repeat(reader: &str, message: &str, times: &str) -> Option<()> {
    let samples = bench_codec::all();
    let sample = samples.iter().find(|sample| sample.name == message)?;
    let bytes = sample.text.as_bytes();
    for _ in 0..times.parse::<u64>().ok()? {
        let bytes = black_box(bytes);
        match reader {
            "mcpwire" => drop(black_box(readers::mcpwire(bytes))),
            "serde_json" => drop(black_box(readers::serde_json(bytes))),
            "sonic-rs" => drop(black_box(readers::sonic_rs(bytes))),
            "jiter" => drop(black_box(readers::jiter(bytes))),
            "simdutf8" => drop(black_box(simdutf8::basic::from_utf8(bytes))),
            _ => return None,
        }
    }
    Some(())
}
