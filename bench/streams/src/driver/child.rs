//! A server as a child process that announces changes when it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use bench_kit::{Core, Memory, Process};

use crate::server::Change;

pub(super) struct Server {
    process: Process,
    address: SocketAddr,
}

impl Server {
    pub(super) fn start(name: &str, args: &[&str]) -> Result<Self, String> {
        let args = [&["serve", name], args].concat();
        let mut process = Process::own(Core::Any, &args)?;
        let line = process.line()?;
        let address = line.parse().map_err(|_| format!("no address: {line:?}"))?;
        Ok(Self { process, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has it announce a change. What comes back is how long that took the one who announced it.
    pub(super) fn publish(&mut self, change: &Change) -> Result<Duration, String> {
        self.order(change)?;
        self.published()
    }

    /// The first half of [`publish`](Self::publish).
    pub(super) fn order(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Tools => self.process.order("list"),
            Change::Resource(uri) => self.process.order(&format!("update {uri}")),
        }
    }

    /// The second half of [`publish`](Self::publish).
    pub(super) fn published(&mut self) -> Result<Duration, String> {
        let line = self.process.line()?;
        let nanoseconds = line.parse().map_err(|_| format!("no time: {line:?}"))?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    pub(super) fn memory(&self) -> Result<Memory, String> {
        self.process.memory()
    }

    /// Waits until it has nothing to do, and gives its processor time at that moment.
    pub(super) fn quiet(&self) -> Result<Duration, String> {
        self.process.quiet()
    }
}

/// Each stream takes one descriptor here, and one in the server.
pub(super) fn check_descriptors(streams: usize) -> Result<(), String> {
    const SPARE: usize = 64;
    let limits = std::fs::read_to_string("/proc/self/limits")
        .map_err(|error| format!("/proc/self/limits: {error} (this needs Linux)"))?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let limit = line
        .and_then(|line| line.split_whitespace().next())
        .unwrap_or_default();
    let enough = limit == "unlimited"
        || limit
            .parse()
            .is_ok_and(|limit: usize| limit >= streams + SPARE);
    if enough {
        return Ok(());
    }
    Err(format!(
        "{streams} streams need {} descriptors, and a process may have {limit}: \
         `ulimit -n {}`, or fewer with --streams",
        streams + SPARE,
        streams + SPARE
    ))
}
