//! `cargo xtask demo`: one conversation whose every request is answered by another copy of a server.
//!
//! Three replicas of `crates/mcpwire/examples/replica.rs` run as processes of their own; all they share
//! is the key that seals request state. In front of them is a gateway, in this process, and in front of
//! that a client, which knows of nothing but the gateway's URL:
//!
//! ```text
//! mcpwire::Client ─ watch ─ HTTP client ──▶ HTTP server ─ balance ─┬ HTTP client ──▶ replica-1
//!                  (rows)                        (the gateway)     ├ HTTP client ──▶ replica-2
//!                                                                  └ HTTP client ──▶ replica-3
//! ```

mod balance;
mod story;
mod watch;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mcpwire::http::client::Client;
use tokio::net::TcpListener;

use crate::outcome::{Options, Stop, Tally};
use crate::process::{self, Server};
use balance::Balance;

const REPLICAS: usize = 3;
/// The example reads its keys from here.
const KEYS: &str = "MCPWIRE_STATE_KEYS";

const USAGE: &str = "\
usage: cargo xtask demo

Starts three replicas of an example server and a gateway that balances over them, all on free loopback
ports, has one conversation whose every request goes to the next replica, and prints who answered what.
Ends by itself.
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
    for index in 0..REPLICAS {
        let name = name(index);
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
        "{REPLICAS} processes up after {}",
        spelled(started.elapsed())
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    let tally = runtime.block_on(converse(&replicas))?;
    drop(replicas);
    Ok(tally)
}

/// Puts the gateway in front of the replicas for as long as the conversation takes.
async fn converse(replicas: &[Server]) -> Result<Tally, String> {
    let client = |(index, server): (usize, &Server)| {
        let client = Client::new(server.url()).map_err(|error| error.to_string())?;
        Ok((name(index), client))
    };
    let clients = replicas.iter().enumerate().map(client);
    let balance = Balance::new(clients.collect::<Result<_, String>>()?);
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(|error| format!("no port for the gateway: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let url = format!("http://{address}/mcp");
    println!("gateway    {url}  in turns to all of them\n");
    tokio::select! {
        tally = story::tell(&url, &balance) => Ok(tally),
        end = mcpwire::http::serve(listener, balance.clone()) => {
            Err(format!("the gateway has ended: {end:?}"))
        }
    }
}

/// What a replica is called.
fn name(index: usize) -> String {
    format!("replica-{}", index + 1)
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
