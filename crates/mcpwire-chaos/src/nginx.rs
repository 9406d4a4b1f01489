//! nginx with the configuration that is documented, as a child process of anybody.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{Process, find_program, free_port, until};
use crate::{Failed, Folder};

/// The configuration, with places to fill in.
const TEMPLATE: &str = include_str!("../../../docs/nginx.conf");
const START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Folders that nginx writes into, and their directives: the system's own are not ours to use.
const TEMP: [&str; 5] = [
    "client_body_temp_path",
    "proxy_temp_path",
    "fastcgi_temp_path",
    "uwsgi_temp_path",
    "scgi_temp_path",
];

/// What is filled into the configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Ports of the replicas that take everything.
    pub replicas: Vec<u16>,
    /// Ports of the replicas for the tool `heavy`; those of `replicas` if there are none.
    pub heavy: Vec<u16>,
    /// Lines of the template, each with what stands in its place.
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

    /// Another text in place of one of the template.
    pub fn change(mut self, from: &str, to: &str) -> Self {
        self.changed.push((from.to_owned(), to.to_owned()));
        self
    }

    /// The whole configuration.
    fn render(&self, folder: &Path, port: u16) -> Result<String, Failed> {
        let folder = folder.display();
        let heavy = if self.heavy.is_empty() {
            &self.replicas
        } else {
            &self.heavy
        };
        let main = format!("pid {folder}/nginx.pid;\nworker_processes 2;\n");
        let paths = TEMP.map(|directive| format!("    {directive} {folder}/{directive};\n"));
        let filled = [
            ("@main@\n", main),
            ("@paths@\n", paths.concat()),
            ("@replicas@\n", servers(&self.replicas)),
            ("@heavy@\n", servers(heavy)),
            ("@listen@", format!("127.0.0.1:{port}")),
        ];
        let filled = filled.iter().map(|(place, text)| (*place, text.as_str()));
        let changed = self.changed.iter();
        let changed = changed.map(|(from, to)| (from.as_str(), to.as_str()));
        let mut config = TEMPLATE.to_owned();
        for (from, to) in filled.chain(changed) {
            if !config.contains(from) {
                return Err(Failed::new(format!("docs/nginx.conf has no {from:?}")));
            }
            config = config.replace(from, to);
        }
        Ok(config)
    }
}

/// As the page on deployment has them.
fn servers(ports: &[u16]) -> String {
    ports.iter().fold(String::new(), |mut text, port| {
        let line = "max_fails=0";
        let _ = writeln!(text, "        server 127.0.0.1:{port} {line};");
        text
    })
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
        let text = settings.render(folder.path(), port)?;
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
        for directive in TEMP {
            let folder = self.folder.path().join(directive);
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
    fn every_place_is_filled_in() {
        let settings = Settings::new(vec![1, 2]).change("tries 0", "tries 2");
        let config = settings.render(Path::new("/folder"), 3).unwrap();
        let code = config
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        assert!(code.clone().all(|line| !line.contains('@')), "{config}");
        assert!(code.clone().any(|line| line.contains("127.0.0.1:2 ")));
        assert!(code.clone().any(|line| line.contains("tries 2")));
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        let settings = Settings::new(vec![1]).change("no such line", "");
        assert!(settings.render(Path::new("/folder"), 3).is_err());
    }
}
