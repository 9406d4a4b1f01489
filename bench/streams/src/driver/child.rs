//! A server as a child process, and what the operating system knows about it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Change;

pub(super) struct Server {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    pub(super) fn start(name: &str, args: &[&str]) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut child = Command::new(program)
            .args(["serve", name])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let orders = child.stdin.take();
        let Some(answers) = child.stdout.take() else {
            return Err("the server has no stdout".to_owned());
        };
        let mut server = Self {
            child,
            orders,
            answers: BufReader::new(answers),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let line = server.line()?;
        server.address = line.parse().map_err(|_| format!("no address: {line:?}"))?;
        Ok(server)
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
        let orders = self.orders.as_mut().ok_or("the server has no stdin")?;
        let line = match change {
            Change::Tools => "list\n".to_owned(),
            Change::Resource(uri) => format!("update {uri}\n"),
        };
        let written = orders.write_all(line.as_bytes());
        written.map_err(|error| format!("the server takes no orders: {error}"))
    }

    /// The second half of [`publish`](Self::publish).
    pub(super) fn published(&mut self) -> Result<Duration, String> {
        let line = self.line()?;
        let nanoseconds = line.parse().map_err(|_| format!("no time: {line:?}"))?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(0) => Err("the server ended".to_owned()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Resident memory in bytes: all of it, and the part that is no file and nobody else's.
    pub(super) fn memory(&self) -> Result<Memory, String> {
        Ok(Memory {
            resident: self.kilobytes("status", "VmRSS:")? * 1024,
            own: self.kilobytes("smaps_rollup", "Pss_Anon:")? * 1024,
        })
    }

    fn kilobytes(&self, file: &str, name: &str) -> Result<u64, String> {
        let text = self.read(file)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("{file} has no {name}"))
    }

    /// The processor time that its threads have taken so far.
    pub(super) fn processor_time(&self) -> Result<Duration, String> {
        let folder = format!("/proc/{}/task", self.child.id());
        let threads = std::fs::read_dir(&folder).map_err(|error| format!("{folder}: {error}"))?;
        let mut sum = 0;
        for thread in threads {
            let thread = thread.map_err(|error| format!("{folder}: {error}"))?;
            let file = format!("task/{}/schedstat", thread.file_name().to_string_lossy());
            let text = self.read(&file)?;
            let number = text
                .split_whitespace()
                .next()
                .and_then(|time| time.parse::<u64>().ok());
            sum += number.ok_or_else(|| format!("{file} has no times"))?;
        }
        Ok(Duration::from_nanos(sum))
    }

    /// Waits until it has nothing to do, and gives its processor time at that moment.
    pub(super) fn quiet(&self) -> Result<Duration, String> {
        const STEP: Duration = Duration::from_millis(20);
        const NOTHING: Duration = Duration::from_micros(300);
        let until = Instant::now() + Duration::from_secs(20);
        let mut before = self.processor_time()?;
        while Instant::now() < until {
            std::thread::sleep(STEP);
            let now = self.processor_time()?;
            if now - before < NOTHING {
                return Ok(now);
            }
            before = now;
        }
        Err("the server never rests".to_owned())
    }

    fn read(&self, file: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path)
            .map_err(|error| format!("{path}: {error} (this needs Linux)"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub(super) resident: u64,
    pub(super) own: u64,
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
