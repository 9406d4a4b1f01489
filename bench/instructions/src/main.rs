//! Does the same work again and again, for valgrind to count:
//!
//! ```text
//! valgrind --tool=callgrind target/release/bench-instructions dispatch '350 B call' 1000
//! ```
//!
//! The difference between two runs is what the work costs without what comes before it.
//!
//! - `decode`: the bytes of a message are read, as a transport does.
//! - `dispatch`: what its receiver does with it. A call goes through a router to a tool and back; a result,
//!   or the parameters of a notification, are read as their type.
//! - `encode`: the parameters or the result are written from their type, and the message around them.

#![forbid(unsafe_code)]

mod work;

use std::process::ExitCode;

use crate::work::Work;

const USAGE: &str = "usage: bench-instructions decode|dispatch|encode MESSAGE TIMES";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match &args[..] {
        [work, message, times] => repeat(work, message, times),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn repeat(work: &str, message: &str, times: &str) -> Result<(), String> {
    let text = bench_messages::named(message).ok_or_else(|| format!("no message {message:?}"))?;
    let times: u64 = times.parse().map_err(|_| USAGE.to_owned())?;
    let mut work = Work::new(work, text)?;
    for _ in 0..times {
        work.run()?;
    }
    Ok(())
}
