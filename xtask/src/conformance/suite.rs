//! The suite itself: how it is installed, asked what it requires, and run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::cache::{self, Package};
use crate::outcome::Stop;
use crate::process;

pub(super) const SUITE: Package = Package {
    name: "@modelcontextprotocol/conformance",
    version: "0.2.0-alpha.12",
};
pub(super) const REVISION: &str = "2026-07-28";
const SCENARIO_LIMIT: Duration = Duration::from_secs(30);
/// Shorter than the suite's own limit, after which the suite forgets about a client without ending it.
const CLIENT_LIMIT: Duration = Duration::from_secs(25);
const SUITE_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The suite, installed.
pub(super) struct Suite {
    home: PathBuf,
    package: PathBuf,
}

/// What a requirement set says, as far as it is read here.
#[derive(Deserialize)]
pub(super) struct Requirements {
    pub(super) server: Vec<String>,
    pub(super) client: Vec<String>,
    pub(super) not_scored: Vec<Unscored>,
}

#[derive(Deserialize)]
pub(super) struct Unscored {
    pub(super) scenario: String,
    pub(super) leg: String,
    pub(super) reason: String,
}

/// What the suite is run against.
pub(super) enum Subject<'a> {
    /// A server that listens already.
    Server { url: &'a str },
    /// A program that is started for each scenario; how it ended goes into a file of the scenario's
    /// name in `exits`.
    Client { program: &'a Path, exits: &'a Path },
}

impl Suite {
    pub(super) fn install() -> Result<Self, Stop> {
        let home = cache::npm(&[SUITE])?;
        let package = home.join("node_modules").join(SUITE.name);
        for (name, text) in SHIM {
            std::fs::write(home.join(name), text).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(Self { home, package })
    }

    /// The requirement set is YAML; the suite's own parser turns it into JSON.
    pub(super) fn requirements(&self) -> Result<Requirements, Stop> {
        let file = self
            .package
            .join("requirements")
            .join(format!("{REVISION}.yaml"));
        let mut node = Command::new("node");
        node.args(["--eval", YAML_TO_JSON])
            .arg(self.package.join("package.json"))
            .arg(file);
        let json = process::output_of(&mut node)?;
        serde_json::from_str(&json)
            .map_err(|error| Stop::Broken(format!("requirement set {REVISION}: {error}")))
    }

    /// Runs the whole requirement set, or `only` these scenarios one after another, with results and
    /// logs in `raw`.
    pub(super) fn run(
        &self,
        subject: &Subject<'_>,
        only: Option<&[String]>,
        raw: &Path,
    ) -> Result<(), Stop> {
        let Some(names) = only else {
            let whole = ["--requirements", REVISION];
            return self.once(subject, &whole, raw, "suite.log");
        };
        for name in names {
            let one = ["--scenario", name, "--spec-version", REVISION, "--force"];
            self.once(subject, &one, raw, &format!("{}.log", file_name(name)))?;
        }
        Ok(())
    }

    /// One run; the suite's exit status is not looked at, since what it wrote says more.
    fn once(
        &self,
        subject: &Subject<'_>,
        what: &[&str],
        raw: &Path,
        log: &str,
    ) -> Result<(), Stop> {
        let mut node = Command::new("node");
        node.arg("--import").arg(self.home.join("mcpwire-shim.mjs"));
        node.arg(self.package.join("dist/index.js"));
        match subject {
            Subject::Server { url } => {
                node.args(["server", "--url", url]);
            }
            Subject::Client { program, exits } => {
                // The suite hands its command to a shell, so there is no path in it.
                node.args(["client", "--command", "node mcpwire-client.mjs"])
                    .current_dir(&self.home)
                    .env("MCPWIRE_CLIENT", program)
                    .env("MCPWIRE_EXITS", exits)
                    .env("MCPWIRE_LIMIT_MS", CLIENT_LIMIT.as_millis().to_string());
            }
        }
        node.args(["--timeout", &SCENARIO_LIMIT.as_millis().to_string()]);
        node.args(what).arg("-o").arg(raw);
        process::run_logged(&mut node, &raw.join(log), SUITE_LIMIT)?;
        Ok(())
    }
}

/// A scenario's name as that of a file; some names have a slash.
pub(super) fn file_name(scenario: &str) -> String {
    scenario.replace('/', "+")
}

const YAML_TO_JSON: &str = "\
const [manifest, file] = process.argv.slice(1);
const yaml = require('module').createRequire(manifest)('yaml');
console.log(JSON.stringify(yaml.parse(require('fs').readFileSync(file, 'utf8'))));
";

/// The suite imports `globSync` from `fs` for one of its other commands, and Node 20 has none. There,
/// an import hook gives its files an `fs` with that name; the published files stay as they are.
///
/// The suite does not keep how a client ended, so a client runs under a script that does, and that ends
/// it after a while.
const SHIM: [(&str, &str); 4] = [
    (
        "mcpwire-shim.mjs",
        "\
import fs from 'node:fs';
import { register } from 'node:module';
if (typeof fs.globSync !== 'function') register('./mcpwire-resolve.mjs', import.meta.url);
",
    ),
    (
        "mcpwire-resolve.mjs",
        "\
const own = new URL('./mcpwire-fs.mjs', import.meta.url).href;
export async function resolve(name, context, next) {
  const ours = name === 'fs' && context.parentURL?.includes('@modelcontextprotocol/conformance/dist/');
  return ours ? { url: own, shortCircuit: true } : next(name, context);
}
",
    ),
    (
        "mcpwire-fs.mjs",
        "\
export * from 'node:fs';
export { default } from 'node:fs';
export function globSync() {
  throw new Error('this Node has no fs.globSync; version 22 has');
}
",
    ),
    (
        "mcpwire-client.mjs",
        "\
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
const { MCPWIRE_CLIENT, MCPWIRE_EXITS, MCPWIRE_LIMIT_MS, MCP_CONFORMANCE_SCENARIO } = process.env;
const ended = (how, code) => {
  writeFileSync(join(MCPWIRE_EXITS, MCP_CONFORMANCE_SCENARIO.replaceAll('/', '+')), how);
  process.exit(code);
};
let late = false;
const client = spawn(MCPWIRE_CLIENT, process.argv.slice(2), { stdio: 'inherit' });
client.on('error', error => ended(`did not start: ${error.message}`, 1));
client.on('exit', (code, signal) => {
  if (late) ended('took too long', 1);
  else if (signal) ended(`was ended by ${signal}`, 1);
  else ended(code === 0 ? 'ended well' : `ended with exit code ${code}`, code);
});
setTimeout(() => {
  late = true;
  client.kill('SIGKILL');
}, Number(MCPWIRE_LIMIT_MS));
",
    ),
];
