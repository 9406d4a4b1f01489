//! A client that others wrote, which drives the fixture server.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Checks, PYTHON, run};
use crate::cache::{self, Package};
use crate::outcome::Stop;
use crate::process::{self, Server};

const TYPESCRIPT: Package = Package {
    name: "@modelcontextprotocol/client",
    version: "2.4.0",
};
/// So small that every list of the fixture takes several pages.
const PAGE_SIZE: &str = "4";

/// An installed client, how its script is started, and the server it is for.
pub(super) struct Peer {
    package: Package,
    program: PathBuf,
    script: PathBuf,
    /// The script looks for its package here.
    folder: PathBuf,
    fixture: PathBuf,
    logs: PathBuf,
}

impl Peer {
    pub(super) fn install(root: &Path, language: &str) -> Result<Self, Stop> {
        let (package, program, script, folder) = match language {
            "typescript" => {
                let folder = cache::npm(&[TYPESCRIPT])?;
                (TYPESCRIPT, "node".into(), "typescript.mjs", folder)
            }
            "python" => (PYTHON, cache::pip(PYTHON)?, "python.py", root.to_path_buf()),
            other => return Err(Stop::Usage(format!("no client in {other:?}"))),
        };
        Ok(Self {
            package,
            program,
            script: root.join("xtask/peers").join(script),
            folder,
            fixture: process::build(
                root,
                &["-p", "mcpwire-conformance", "--bin", "mcpwire-conformance"],
            )?,
            logs: process::work_folder(root, "peers")?,
        })
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.package.name, self.package.version)
    }

    pub(super) fn drive(&self, transport: &str) -> Result<Checks, Stop> {
        let name = format!(
            "{}-{transport}",
            self.script.file_stem().unwrap_or_default().display()
        );
        let mut client = Command::new(&self.program);
        // A client is told nothing by the environment about the fixture, and leaves no caches here.
        client
            .current_dir(&self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(&self.script)
            .arg(transport);
        let server = if transport == "stdio" {
            client
                .arg(&self.fixture)
                .args(["--stdio", "--page-size", PAGE_SIZE]);
            None
        } else {
            let mut command = Command::new(&self.fixture);
            command.args([
                "--http",
                "127.0.0.1:0",
                "--until-stdin-closes",
                "--page-size",
                PAGE_SIZE,
            ]);
            let log = self.logs.join(format!("{name}-fixture.log"));
            let server = Server::start(&mut command, &log)?;
            client.arg(server.url());
            Some(server)
        };
        let checks = run(&mut client, &self.logs.join(format!("{name}.log")));
        drop(server);
        checks
    }
}
