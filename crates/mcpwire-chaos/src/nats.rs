//! A NATS server as a child process, for a change bus that crosses processes.

use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{Process, find_program, free_port, until};
use crate::{Failed, Folder};

const START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// `nats-server` on a port for good, and a process for as long as it runs. Dropping it ends it.
#[derive(Debug)]
pub struct NatsServer {
    folder: Folder,
    port: u16,
    process: Option<Process>,
}

impl NatsServer {
    /// Starts it on a free port of this machine and waits until it answers.
    pub async fn start() -> Result<Self, Failed> {
        let mut server = Self {
            folder: Folder::new()?,
            port: free_port()?,
            process: None,
        };
        server.restart().await?;
        Ok(server)
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it on its port.
    pub async fn restart(&mut self) -> Result<(), Failed> {
        let program = find_program("nats-server")
            .ok_or_else(|| Failed::new("nats-server is not installed (Debian: nats-server)"))?;
        let mut command = Command::new(program);
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string()]);
        let log = self.folder.path().join("nats.log");
        let mut process = Process::start("nats-server", command, &log)?;
        let port = self.port;
        let up = until(START_LIMIT, async || {
            process.has_ended() || greets(port).await
        })
        .await;
        if !up || process.has_ended() {
            let said = self.folder.read("nats.log");
            return Err(Failed::new(format!("nats-server does not start:\n{said}")));
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

    /// Ends it in good order.
    pub async fn stop(&mut self) -> Result<(), Failed> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.signal(Signal::TERM)?;
        process.end(STOP_LIMIT).await.map(drop)
    }
}

/// Whether somebody introduces itself on this port as NATS servers do.
async fn greets(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut word = [0; 4];
        stream.read_exact(&mut word).await?;
        Ok::<_, std::io::Error>(word == *b"INFO")
    };
    let greeted = tokio::time::timeout(Duration::from_secs(1), ask).await;
    matches!(greeted, Ok(Ok(true)))
}
