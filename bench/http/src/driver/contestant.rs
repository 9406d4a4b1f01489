//! A server that takes part, and what is measured of it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use bench_kit::{Core, Process, median};

use super::exchange::{self, Answer};
use super::options::Options;
use super::wrk::Load;
use crate::work::Work;

pub(super) struct Contestant {
    pub(super) name: &'static str,
    process: Process,
    address: SocketAddr,
    samples: Vec<Sample>,
}

/// One run of the load generator. Times are in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Requests in a second.
    pub(super) rate: f64,
    /// Processor time of the server for a request, kernel included.
    pub(super) work: f64,
    /// The latency of half of the requests.
    pub(super) half: f64,
    /// That of 99 of 100.
    pub(super) most: f64,
}

impl Contestant {
    /// Another process of this program.
    pub(super) fn own(name: &'static str, args: &[&str]) -> Result<Self, String> {
        let args: Vec<&str> = ["serve", name]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        Self::new(name, Process::own(Core::CONTESTANT, &args))
    }

    /// One that others wrote, by the scripts in `peers`.
    pub(super) fn peer(name: &'static str, options: &Options) -> Result<Self, String> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let command = |program: &str, script: &str| {
            let mut command = Core::CONTESTANT.command(program);
            command.arg(scripts.join(script));
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        };
        let command: Command = match (name, &options.typescript, &options.python) {
            ("typescript", Some(folder), _) => {
                let mut command = command("node", "server.mjs");
                command.current_dir(folder);
                command
            }
            ("python", _, Some(interpreter)) => command(interpreter, "server.py"),
            _ => return Err(format!("{name} is nowhere")),
        };
        Self::new(name, Process::start(command))
    }

    fn new(name: &'static str, process: Result<Process, String>) -> Result<Self, String> {
        let start = || {
            let mut process = process?;
            let line = process.line()?;
            let address = line.parse().map_err(|_| format!("no address: {line:?}"))?;
            Ok(Self {
                name,
                process,
                address,
                samples: Vec::new(),
            })
        };
        start().map_err(|problem: String| format!("{name}: {problem}"))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has the work done once, right.
    pub(super) fn check(&self, work: Work) -> Result<Answer, String> {
        exchange::check(self.address, work).map_err(|problem| format!("{}: {problem}", self.name))
    }

    /// One run of the load generator.
    pub(super) fn load(
        &mut self,
        load: &Load,
        connections: usize,
        seconds: usize,
    ) -> Result<u64, String> {
        let before = self.process.processor_time()?;
        let run = load.run(self.address, connections, seconds);
        let run = run.map_err(|problem| format!("{}: {problem}", self.name))?;
        let took = self.process.processor_time()?.saturating_sub(before);
        let requests = run.requests as f64;
        self.samples.push(Sample {
            rate: requests / run.time.as_secs_f64(),
            work: took.as_nanos() as f64 / requests,
            half: run.half.as_nanos() as f64,
            most: run.most.as_nanos() as f64,
        });
        Ok(run.requests)
    }

    /// The median of all runs.
    pub(super) fn middle(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(of))
    }

    /// Bytes that are resident.
    pub(super) fn memory(&self) -> f64 {
        let memory = self.process.memory();
        memory.map_or(f64::NAN, |memory| memory.resident as f64)
    }
}
