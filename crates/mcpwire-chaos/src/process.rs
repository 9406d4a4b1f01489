//! Child processes: started, told things by signal, and never left behind.

use std::fmt;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::Failed;

/// How often something is looked at that cannot be waited for.
const POLL: Duration = Duration::from_millis(10);

/// A child process, known by its own handle alone. Dropping it ends and reaps it.
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a command with both of its outputs at the end of a log file.
    pub(crate) fn start(name: &str, mut command: Command, log: &Path) -> Result<Self, Failed> {
        let open = || File::options().create(true).append(true).open(log);
        let outputs = open().and_then(|file| Ok((file.try_clone()?, file)));
        let (stdout, stderr) = outputs.map_err(Failed::at(log.display()))?;
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        command.kill_on_drop(true);
        let child = command.spawn().map_err(Failed::at(name))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// The number that the operating system knows it by; none once it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Failed> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw);
        let id = id.ok_or_else(|| Failed::new(format!("{} has ended already", self.name)))?;
        kill_process(id, signal).map_err(|error| Failed::at(&self.name)(error.into()))
    }

    /// Whether it has ended, without waiting.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end, and ends it by force after the limit, which is a failure.
    pub(crate) async fn end(&mut self, limit: Duration) -> Result<ExitStatus, Failed> {
        if let Ok(ended) = timeout(limit, self.child.wait()).await {
            return ended.map_err(Failed::at(&self.name));
        }
        self.kill().await?;
        let why = format!(
            "{} had not ended after {limit:?}, and was killed",
            self.name
        );
        Err(Failed::new(why))
    }

    /// Ends it by force.
    pub(crate) async fn kill(&mut self) -> Result<(), Failed> {
        self.child.kill().await.map_err(Failed::at(&self.name))
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Process({}, {:?})", self.name, self.id())
    }
}

/// Asks until the answer is yes.
pub(crate) async fn until(limit: Duration, mut ready: impl AsyncFnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if ready().await {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(POLL).await;
    }
}

/// A port of this machine that nobody listens on.
///
/// Somebody else may take it before it is used; whoever starts a server on it finds out.
pub fn free_port() -> Result<u16, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Failed::at("a free port"))?;
    let address = listener.local_addr().map_err(Failed::at("a free port"))?;
    Ok(address.port())
}

/// A program by its name in `PATH`, or in the folders for servers that are not in everybody's.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(more)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
