//! A server that others wrote, which our client has to get on with.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Checks, PYTHON, run};
use crate::cache::{self, Package};
use crate::outcome::Stop;
use crate::process::{self, Server};

/// The server, and what puts it behind HTTP.
pub(super) const TYPESCRIPT: [Package; 2] = [
    Package {
        name: "@modelcontextprotocol/server",
        version: "2.4.0",
    },
    Package {
        name: "@modelcontextprotocol/node",
        version: "2.1.2",
    },
];

/// An installed server, how its script is started, and the client it is for.
pub(super) struct Peer {
    language: &'static str,
    package: Package,
    program: PathBuf,
    script: PathBuf,
    /// The script looks for its packages here.
    folder: PathBuf,
    client: PathBuf,
    logs: PathBuf,
}

impl Peer {
    pub(super) fn install(root: &Path, language: &str) -> Result<Self, Stop> {
        let (language, package, program, script, folder) = match language {
            "typescript" => {
                let folder = cache::npm(&TYPESCRIPT)?;
                let [package, _] = TYPESCRIPT;
                ("typescript", package, "node".into(), "server.mjs", folder)
            }
            "python" => {
                let (program, folder) = (cache::pip(PYTHON)?, root.to_path_buf());
                ("python", PYTHON, program, "server.py", folder)
            }
            other => return Err(Stop::Usage(format!("no server in {other:?}"))),
        };
        Ok(Self {
            language,
            package,
            program,
            script: root.join("xtask/peers").join(script),
            folder,
            client: process::build(
                root,
                &["-p", "mcpwire-conformance", "--bin", "mcpwire-peer-client"],
            )?,
            logs: process::work_folder(root, "peers")?,
        })
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.package.name, self.package.version)
    }

    /// The arguments with which the server offers this transport, in every way that it can.
    pub(super) fn ways(&self, transport: &str) -> &'static [&'static [&'static str]] {
        match (transport, self.language) {
            ("stdio", _) => &[&["stdio"]],
            // It streams only what it has to, unless it is told to stream every answer.
            (_, "typescript") => &[&["http"], &["http", "sse"]],
            _ => &[&["http"]],
        }
    }

    /// Runs our client against the server that is started with these arguments.
    pub(super) fn face(&self, way: &[&str]) -> Result<Checks, Stop> {
        let name = format!("{}-server-{}", self.language, way.join("-"));
        let mut client = Command::new(&self.client);
        self.settle(&mut client);
        client.args(["--server", self.language]);
        let server = if way == ["stdio"] {
            client
                .arg("stdio")
                .arg(&self.program)
                .arg(&self.script)
                .args(way);
            None
        } else {
            let mut command = Command::new(&self.program);
            self.settle(&mut command);
            command.arg(&self.script).args(way);
            let log = self.logs.join(format!("{name}-peer.log"));
            let server = Server::start(&mut command, &log)?;
            client.arg("http").arg(server.url());
            Some(server)
        };
        let checks = run(&mut client, &self.logs.join(format!("{name}.log")));
        drop(server);
        checks
    }

    /// The server runs where its packages are, also as a child of the client, and leaves no caches.
    fn settle(&self, command: &mut Command) {
        command
            .current_dir(&self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(language: &'static str, client: &str, folder: PathBuf) -> Peer {
        Peer {
            language,
            package: PYTHON,
            program: "sh".into(),
            script: folder.join("server"),
            client: client.into(),
            logs: folder.clone(),
            folder,
        }
    }

    /// A peer whose server is a shell script in a folder of its own.
    #[cfg(unix)]
    fn scripted(server: &str, client: &str) -> Peer {
        let name = format!("mcpwire-{client}-{}", std::process::id());
        let peer = peer("typescript", client, std::env::temp_dir().join(name));
        std::fs::create_dir_all(&peer.folder).unwrap();
        std::fs::write(&peer.script, server).unwrap();
        peer
    }

    #[cfg(unix)]
    #[test]
    fn the_client_is_told_where_the_server_is() {
        let peer = scripted("echo \"listening http://127.0.0.1:1/$1-$2\"; cat", "echo");
        let told = |way: &[&str]| {
            peer.face(way).unwrap();
            let log = format!("typescript-server-{}.log", way.join("-"));
            std::fs::read_to_string(peer.logs.join(log)).unwrap()
        };
        let (http, stdio) = (told(&["http", "sse"]), told(&["stdio"]));
        std::fs::remove_dir_all(&peer.folder).unwrap();
        assert_eq!(
            http,
            "--server typescript http http://127.0.0.1:1/http-sse\n"
        );
        assert_eq!(
            stdio,
            format!(
                "--server typescript stdio sh {} stdio\n",
                peer.script.display()
            )
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_client_that_dies_and_a_server_that_does_not_start_are_failures() {
        let peer = scripted("exit 3", "false");
        let died = peer.face(&["stdio"]).unwrap().tally();
        let absent = peer.face(&["http"]);
        std::fs::remove_dir_all(&peer.folder).unwrap();
        assert_eq!((died.passed, died.failed), (0, 1));
        assert!(matches!(absent, Err(Stop::Broken(_))));
    }

    #[test]
    fn every_transport_is_offered() {
        let peer = |language| peer(language, "false", PathBuf::new());
        assert_eq!(peer("python").ways("http").len(), 1);
        assert_eq!(peer("typescript").ways("http").len(), 2);
        assert_eq!(peer("typescript").ways("stdio"), [["stdio"]]);
    }
}
