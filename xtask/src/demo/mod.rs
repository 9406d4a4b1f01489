//! `cargo xtask demo`: one conversation whose every request goes to another copy of a server.
//!
//! Three replicas of `crates/mcpwire/examples/replica.rs` run as processes of their own; all they share
//! is the key that seals request state. The client is a few lines over a plain socket, so that nothing
//! of ours on this side could hide a mistake on the other.

mod http;
mod story;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::outcome::{Options, Stop, Tally};
use crate::process::{self, Server};

const REPLICAS: usize = 3;
/// The example reads its keys from here.
const KEYS: &str = "MCPWIRE_STATE_KEYS";

const USAGE: &str = "\
usage: cargo xtask demo

Starts three replicas of an example server on free loopback ports, sends one conversation whose every
request goes to the next replica, and prints who answered what. Ends by itself.
";

/// The command with its arguments.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let mut options = Options::new(args);
    if options.flag("--help") || options.flag("-h") {
        print!("{USAGE}");
        return Ok(());
    }
    options.end(USAGE)?;
    let tally = run(root)?;
    if tally.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

/// Runs the conversation and prints it; counts the steps that had to hold.
pub(crate) fn run(root: &Path) -> Result<Tally, Stop> {
    let program = process::build(root, &["-p", "mcpwire", "--example", "replica"])?;
    let logs = process::work_folder(root, "demo")?;
    let key = random_key();
    let started = Instant::now();
    let mut replicas = Vec::new();
    for number in 1..=REPLICAS {
        let name = format!("replica-{number}");
        let mut command = Command::new(&program);
        command.args([
            "--name",
            &name,
            "--listen",
            "127.0.0.1:0",
            "--until-stdin-closes",
        ]);
        command.env(KEYS, &key);
        let server = Server::start(&mut command, &logs.join(format!("{name}.log")))?;
        println!("{name}  {}  process {}", server.url(), server.id());
        replicas.push(server);
    }
    println!(
        "{REPLICAS} processes up after {}\n",
        spelled(started.elapsed())
    );
    let tally = story::tell(&replicas);
    drop(replicas);
    Ok(tally)
}

/// A key for this one run. Whoever deploys replicas takes one from a better source and keeps it secret.
fn random_key() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let word = |_| format!("{:016x}", RandomState::new().build_hasher().finish());
    (0..4).map(word).collect()
}

/// A time as a person reads it.
fn spelled(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 1000.0 {
        format!("{millis:.1} ms")
    } else {
        format!("{:.1} s", millis / 1000.0)
    }
}

/// The endpoints that a conversation goes round.
fn url_of(replicas: &[Server], index: usize) -> &str {
    replicas.get(index % REPLICAS).map_or("", Server::url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_32_bytes_and_differ() {
        let key = random_key();
        assert_eq!(key.len(), 64);
        assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(key, random_key());
    }

    #[test]
    fn times_are_short() {
        assert_eq!(spelled(Duration::from_micros(1250)), "1.2 ms");
        assert_eq!(spelled(Duration::from_millis(2500)), "2.5 s");
    }
}
