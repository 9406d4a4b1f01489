//! nginx with the configuration that is documented, as a child process of anybody.

use std::fmt::Write as _;
use std::time::Duration;

use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{Process, find_program, free_port, until};
use crate::{Failed, Folder};

/// The configuration that is documented.
const TEMPLATE: &str = include_str!("../../../docs/nginx.conf");
const START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Folders of the configuration that nginx writes into.
const TEMP: [&str; 2] = ["body_temp", "proxy_temp"];

/// What is filled into the configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Ports of the replicas that take everything.
    pub replicas: Vec<u16>,
    /// Ports of the replicas for the tool `heavy`; those of `replicas` if there are none.
    pub heavy: Vec<u16>,
    /// Texts of the configuration, each with what stands in its place.
    pub changed: Vec<(String, String)>,
}

impl Settings {
    /// The configuration as documented, over these replicas.
    pub fn new(replicas: Vec<u16>) -> Self {
        Self {
            replicas,
            ..Self::default()
        }
    }

    /// Replicas of their own for the tool `heavy`.
    pub fn heavy(mut self, ports: Vec<u16>) -> Self {
        self.heavy = ports;
        self
    }

    /// Another text in place of one of the configuration.
    pub fn change(mut self, from: &str, to: &str) -> Self {
        self.changed.push((from.to_owned(), to.to_owned()));
        self
    }

    /// The whole configuration: the documented one with addresses of this run.
    fn render(&self, port: u16) -> Result<String, Failed> {
        let heavy = if self.heavy.is_empty() {
            &self.replicas
        } else {
            &self.heavy
        };
        let config = over(TEMPLATE, "mcp", &self.replicas);
        let config = over(&config, "mcp_heavy", heavy);
        let listen = (
            "listen 127.0.0.1:8080;",
            &*format!("listen 127.0.0.1:{port};"),
        );
        let changed = self.changed.iter();
        let changed = changed.map(|(from, to)| (from.as_str(), to.as_str()));
        changed
            .chain([listen])
            .try_fold(config, |config, (from, to)| {
                if config.contains(from) {
                    Ok(config.replace(from, to))
                } else {
                    Err(Failed::new(format!("docs/nginx.conf has no {from:?}")))
                }
            })
    }
}

/// The configuration with other servers in an upstream.
fn over(config: &str, upstream: &str, ports: &[u16]) -> String {
    let begin = format!("upstream {upstream} {{");
    let (mut inside, mut text) = (false, String::new());
    for line in config.lines() {
        match line.trim() {
            begins if begins == begin => {
                inside = true;
                let _ = writeln!(text, "{line}");
                for port in ports {
                    let _ = writeln!(text, "        server 127.0.0.1:{port} max_fails=0;");
                }
            }
            server if inside && server.starts_with("server ") => {}
            other => {
                inside &= other != "}";
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

/// A running nginx. Dropping it stops it.
#[derive(Debug)]
pub struct Nginx {
    process: Process,
    folder: Folder,
    port: u16,
}

impl Nginx {
    /// Starts it on a free port of this machine and waits until it listens.
    pub async fn start(settings: &Settings) -> Result<Self, Failed> {
        let program = find_program("nginx")
            .ok_or_else(|| Failed::new("nginx is not installed (Debian: nginx-light)"))?;
        let folder = Folder::new()?;
        let port = free_port()?;
        let config = folder.path().join("nginx.conf");
        let text = settings.render(port)?;
        std::fs::write(&config, text).map_err(Failed::at(config.display()))?;
        let errors = folder.path().join("error.log");
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path());
        // From the first moment on: the log that is compiled in belongs to root.
        command.arg("-e").arg(&errors);
        command.arg("-c").arg(&config);
        command.args(["-g", "daemon off;"]);
        let log = folder.path().join("nginx.log");
        let mut process = Process::start("nginx", command, &log)?;
        let address = ("127.0.0.1", port);
        let up = until(START_LIMIT, async || {
            process.has_ended() || TcpStream::connect(address).await.is_ok()
        })
        .await;
        if !up || process.has_ended() {
            let said = folder.read("nginx.log") + &folder.read("error.log");
            return Err(Failed::new(format!("nginx does not start:\n{said}")));
        }
        Ok(Self {
            process,
            folder,
            port,
        })
    }

    /// The endpoint as clients see it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has complained about.
    pub fn complaints(&self) -> String {
        self.folder.read("error.log")
    }

    /// Makes every attempt fail to write a temporary file, as a full disk does.
    pub fn break_temporary_files(&self) -> Result<(), Failed> {
        for name in TEMP {
            let folder = self.folder.path().join(name);
            // A file where a folder should be stops even root.
            std::fs::remove_dir_all(&folder)
                .and_then(|()| std::fs::write(&folder, ""))
                .map_err(Failed::at(folder.display()))?;
        }
        Ok(())
    }

    /// Stops it, with everything that is in progress.
    pub async fn stop(mut self) -> Result<(), Failed> {
        self.process.signal(Signal::TERM)?;
        self.process.end(STOP_LIMIT).await.map(drop)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers are its own children: killed by force, it would leave them behind.
        let _ = self.process.signal(Signal::TERM);
        let end = std::time::Instant::now() + STOP_LIMIT;
        while !self.process.has_ended() && std::time::Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_run() {
        let settings = Settings::new(vec![11, 12]).heavy(vec![13]);
        let config = settings.change("tries 0", "tries 2").render(14).unwrap();
        let addresses: Vec<_> = config
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| line.split_once("127.0.0.1:")?.1.split([' ', ';']).next())
            .collect();
        assert_eq!(addresses, ["11", "12", "13", "14"]);
        assert!(config.contains("proxy_next_upstream_tries 2;"));
        assert_eq!(config.lines().count(), TEMPLATE.lines().count() - 2);
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        let settings = Settings::new(vec![1]).change("no such line", "");
        assert!(settings.render(3).is_err());
    }
}
