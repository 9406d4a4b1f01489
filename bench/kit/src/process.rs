//! A contestant as a child process, and what the operating system knows about it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Which processor a process may run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    Any,
    /// The one with that number; any, where the system has one processor only or no `taskset`.
    Only(usize),
}

impl Core {
    /// What is measured.
    pub const CONTESTANT: Self = Self::Only(0);
    /// What asks it.
    pub const LOAD: Self = Self::Only(1);

    /// The command that runs `program` there.
    pub fn command(self, program: impl AsRef<OsStr>) -> Command {
        match self {
            Self::Only(number) if can_pin() => {
                let mut command = Command::new("taskset");
                command.args(["-c", &number.to_string()]).arg(program);
                command
            }
            _ => Command::new(program),
        }
    }
}

/// Whether processes can be kept apart; the table should say so where not.
pub fn can_pin() -> bool {
    // Of a process that is pinned already, the children may run elsewhere.
    let taskset = Command::new("taskset")
        .args(["-c", "1", "true"])
        .stderr(Stdio::null())
        .status();
    taskset.is_ok_and(|status| status.success())
}

/// Ended and reaped when dropped. It is talked to in lines over its stdin and stdout.
pub struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Option<BufReader<ChildStdout>>,
}

impl Process {
    /// Another process of this program.
    pub fn own(core: Core, args: &[&str]) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = core.command(program);
        command.args(args);
        Self::start(command)
    }

    pub fn start(mut command: Command) -> Result<Self, String> {
        let name = command.get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let orders = child.stdin.take();
        let Some(answers) = child.stdout.take() else {
            return Err(format!("{name} has no stdout"));
        };
        Ok(Self {
            child,
            orders,
            answers: Some(BufReader::new(answers)),
        })
    }

    /// Both ends of what it is talked to by, for a driver that does so itself.
    pub fn take_pipes(&mut self) -> Option<(ChildStdin, BufReader<ChildStdout>)> {
        Some((self.orders.take()?, self.answers.take()?))
    }

    /// Writes one line.
    pub fn order(&mut self, line: &str) -> Result<(), String> {
        let orders = self
            .orders
            .as_mut()
            .ok_or("the process has no stdin any more")?;
        let written = writeln!(orders, "{line}").and_then(|()| orders.flush());
        written.map_err(|error| format!("the process takes no orders: {error}"))
    }

    /// Reads one line.
    pub fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let answers = self
            .answers
            .as_mut()
            .ok_or("the process has no stdout any more")?;
        match answers.read_line(&mut line) {
            Ok(0) => Err("the process ended".to_owned()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    pub fn memory(&self) -> Result<Memory, String> {
        Ok(Memory {
            resident: self.kilobytes("status", "VmRSS:")? * 1024,
            own: self.kilobytes("smaps_rollup", "Pss_Anon:")? * 1024,
            peak: self.kilobytes("status", "VmHWM:")? * 1024,
        })
    }

    fn kilobytes(&self, file: &str, name: &str) -> Result<u64, String> {
        let text = self.read(file)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("{file} has no {name}"))
    }

    /// The processor time that its threads have taken so far, kernel included.
    pub fn processor_time(&self) -> Result<Duration, String> {
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

    /// How many pages of memory it was given so far, without those that had to be read from a disk.
    pub fn page_faults(&self) -> Result<u64, String> {
        let text = self.read("stat")?;
        // Behind the name, which may hold spaces: state, five numbers, flags, and this one.
        let rest = text.rsplit_once(')').map(|(_, rest)| rest);
        let number = rest.and_then(|rest| rest.split_whitespace().nth(7)?.parse().ok());
        number.ok_or_else(|| "stat has no page faults".to_owned())
    }

    /// Waits until it has nothing to do, and gives its processor time at that moment.
    pub fn quiet(&self) -> Result<Duration, String> {
        const STEP: Duration = Duration::from_millis(20);
        const NOTHING: Duration = Duration::from_micros(300);
        let until = Instant::now() + Duration::from_secs(20);
        let mut before = self.processor_time()?;
        while Instant::now() < until {
            std::thread::sleep(STEP);
            let now = self.processor_time()?;
            if now.saturating_sub(before) < NOTHING {
                return Ok(now);
            }
            before = now;
        }
        Err("the process never rests".to_owned())
    }

    fn read(&self, file: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path)
            .map_err(|error| format!("{path}: {error} (this needs Linux)"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub resident: u64,
    /// The part that is no file and nobody else's.
    pub own: u64,
    /// The most that has been resident so far.
    pub peak: u64,
}
