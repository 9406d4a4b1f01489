//! `cargo xtask conformance server`: the official suite against the fixture server.
//!
//! The suite is a pinned npm package. It is run as it is published and writes what each check found to
//! files; what is made of them is in [`report`].

mod report;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::cache::{self, Package};
use crate::outcome::{Options, Stop, Tally};
use crate::process::{self, Server};
use report::{Plan, Report};

const SUITE: Package = Package {
    name: "@modelcontextprotocol/conformance",
    version: "0.2.0-alpha.12",
};
const REVISION: &str = "2026-07-28";
const SCENARIO_LIMIT: Duration = Duration::from_secs(30);
const SUITE_LIMIT: Duration = Duration::from_secs(20 * 60);

const USAGE: &str = "\
usage: cargo xtask conformance server [--only SCENARIO,..] [--verbose]

Runs requirement set 2026-07-28 of the official suite against the fixture server. Every scored scenario
has to pass without a warning, and three that the suite does not score. Scenarios of the tasks extension
belong to a later issue and are only named.

  --only SCENARIO,..   just these, one after another
  --verbose            say of each skipped check why it was skipped
";

/// The command with its arguments.
pub(crate) fn command(root: &Path, args: &[String]) -> Result<(), Stop> {
    let mut options = Options::new(args);
    if options.flag("--help") || options.flag("-h") {
        print!("{USAGE}");
        return Ok(());
    }
    if !options.flag("server") {
        return Err(Stop::Usage(USAGE.to_owned()));
    }
    let verbose = options.flag("--verbose");
    let only = options.list("--only")?;
    options.end(USAGE)?;
    let tally = server(root, only.as_deref(), verbose)?;
    if tally.is_clean() {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

/// Runs the suite and prints one line per scenario; counts scenarios.
pub(crate) fn server(root: &Path, only: Option<&[String]>, verbose: bool) -> Result<Tally, Stop> {
    let suite = Suite::install()?;
    let work = process::work_folder(root, "conformance")?;
    let fixture = process::build(root, &["-p", "mcpwire-conformance"])?;
    let mut command = Command::new(fixture);
    command.args(["--http", "127.0.0.1:0", "--until-stdin-closes"]);
    let server = Server::start(&mut command, &work.join("fixture.log"))?;
    println!(
        "{} {}, requirements {REVISION}, against {}",
        SUITE.name,
        SUITE.version,
        server.url()
    );

    let raw = work.join("server");
    let plan = Plan::new(&suite.requirements()?, only)?;
    match only {
        None => suite.run(server.url(), &["--requirements", REVISION], &raw)?,
        Some(names) => {
            for name in names {
                let one = ["--scenario", name, "--spec-version", REVISION, "--force"];
                suite.run(server.url(), &one, &raw.join(name.replace('/', "+")))?;
            }
        }
    }
    drop(server);
    let report = Report::read(&plan, &raw)?;
    print!("{}", report.render(verbose));
    Ok(report.tally())
}

/// The suite, installed.
struct Suite {
    home: PathBuf,
    package: PathBuf,
}

/// What a requirement set says, as far as it is read here.
#[derive(Deserialize)]
struct Requirements {
    server: Vec<String>,
    not_scored: Vec<Unscored>,
}

#[derive(Deserialize)]
struct Unscored {
    scenario: String,
    leg: String,
    reason: String,
}

impl Suite {
    fn install() -> Result<Self, Stop> {
        let home = cache::npm(SUITE)?;
        let package = home.join("node_modules").join(SUITE.name);
        for (name, text) in SHIM {
            std::fs::write(home.join(name), text).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(Self { home, package })
    }

    /// The requirement set is YAML; the suite's own parser turns it into JSON.
    fn requirements(&self) -> Result<Requirements, Stop> {
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

    /// One run; the suite's exit status is not looked at, since what it wrote says more.
    fn run(&self, url: &str, what: &[&str], raw: &Path) -> Result<(), Stop> {
        if raw.exists() {
            std::fs::remove_dir_all(raw).map_err(|error| format!("{}: {error}", raw.display()))?;
        }
        std::fs::create_dir_all(raw).map_err(|error| format!("{}: {error}", raw.display()))?;
        let mut node = Command::new("node");
        node.arg("--import").arg(self.home.join("mcpwire-shim.mjs"));
        node.arg(self.package.join("dist/index.js"));
        node.args([
            "server",
            "--url",
            url,
            "--timeout",
            &SCENARIO_LIMIT.as_millis().to_string(),
        ]);
        node.args(what).arg("-o").arg(raw);
        process::run_logged(&mut node, &raw.join("suite.log"), SUITE_LIMIT)?;
        Ok(())
    }
}

const YAML_TO_JSON: &str = "\
const [manifest, file] = process.argv.slice(1);
const yaml = require('module').createRequire(manifest)('yaml');
console.log(JSON.stringify(yaml.parse(require('fs').readFileSync(file, 'utf8'))));
";

/// The suite imports `globSync` from `fs` for one of its other commands, and Node 20 has none. There,
/// an import hook gives its files an `fs` with that name; the published files stay as they are.
const SHIM: [(&str, &str); 3] = [
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
];
