//! Replicas of the server as processes.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{Process, free_port, until};
use crate::{Failed, Folder};

const START_LIMIT: Duration = Duration::from_secs(20);
/// Longer than a replica gives what it has begun.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What all replicas of a run have in common.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Common {
    /// The executable `mcpwire-replica`.
    pub program: PathBuf,
    /// The key for request state.
    pub keys: String,
    /// Where logs and the serial number go.
    pub folder: PathBuf,
    /// The NATS server that carries changes; none for replicas that look into a file.
    pub nats: Option<String>,
}

impl Common {
    /// Replicas of this program, with a key made up for them.
    pub fn new(program: PathBuf, folder: &Folder) -> Self {
        Self {
            program,
            keys: random_key(),
            folder: folder.path().to_path_buf(),
            nats: None,
        }
    }
}

/// A key for one run. Whoever deploys replicas takes one from a better source and keeps it secret.
fn random_key() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let word = |_| format!("{:016x}", RandomState::new().build_hasher().finish());
    (0..4).map(word).collect()
}

/// One replica: a port and a name for good, and a process as long as it runs.
#[derive(Debug)]
pub struct Replica {
    common: Common,
    name: String,
    port: u16,
    process: Option<Process>,
}

impl Replica {
    /// Starts a replica on a free port.
    pub async fn start(common: &Common, name: &str) -> Result<Self, Failed> {
        let mut replica = Self {
            common: common.clone(),
            name: name.to_owned(),
            port: free_port()?,
            process: None,
        };
        replica.restart().await?;
        Ok(replica)
    }

    /// Starts several, called `replica-1` and so on.
    pub async fn start_all(common: &Common, count: usize) -> Result<Vec<Self>, Failed> {
        let mut replicas = Vec::with_capacity(count);
        for number in 1..=count {
            replicas.push(Self::start(common, &format!("replica-{number}")).await?);
        }
        Ok(replicas)
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again on its port, and waits until it answers.
    pub async fn restart(&mut self) -> Result<(), Failed> {
        let log = self.common.folder.join(format!("{}.log", self.name));
        let mut command = Command::new(&self.common.program);
        command.args(["--name", &self.name]);
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command
            .arg("--state")
            .arg(self.common.folder.join("serial"));
        if let Some(nats) = &self.common.nats {
            command.args(["--nats", nats]);
        }
        command.env("MCPWIRE_STATE_KEYS", &self.common.keys);
        let mut process = Process::start(&self.name, command, &log)?;
        let port = self.port;
        let up = until(START_LIMIT, async || {
            process.has_ended() || is_ready(port).await
        })
        .await;
        if !up || process.has_ended() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let why = format!("{} does not start on port {port}:\n{said}", self.name);
            return Err(Failed::new(why));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Ends it by force, as a crash would.
    pub async fn kill(&mut self) -> Result<(), Failed> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Tells it to end, and waits until it has. One that has to be killed is a failure.
    pub async fn stop(&mut self) -> Result<(), Failed> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.signal(Signal::TERM)?;
        let status = process.end(STOP_LIMIT).await?;
        if status.success() {
            Ok(())
        } else {
            Err(Failed::new(format!("{} ended with {status}", self.name)))
        }
    }

    /// Stops the process in its tracks: it keeps its connections, and answers nothing.
    pub fn pause(&self) -> Result<(), Failed> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn resume(&self) -> Result<(), Failed> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), Failed> {
        let process = self.process.as_ref();
        let process = process.ok_or_else(|| Failed::new(format!("{} does not run", self.name)))?;
        process.signal(signal)
    }
}

/// Whether a replica on this port says that it is ready.
async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(answer == *b"HTTP/1.1 200")
    };
    let answered = tokio::time::timeout(Duration::from_secs(1), ask).await;
    matches!(answered, Ok(Ok(true)))
}
