//! The steps of `cargo xtask test`, in the order in which they run: what fails fast comes first.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use super::{Bench, Outcome, Step, summary};
use crate::outcome::{Stop, Tally};
use crate::{balancer, bench, conformance, coverage, demo, peers, process};

/// How long each fuzz target runs, in seconds: enough to see that it works and replays its corpus.
const FUZZ_SECONDS: u64 = 10;

pub(super) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "formatting",
        slow: false,
        run: fmt,
    },
    Step {
        name: "codegen",
        about: "generated files are those of the model",
        slow: false,
        run: codegen,
    },
    Step {
        name: "schema",
        about: "the model against the official schema",
        slow: false,
        run: schema,
    },
    Step {
        name: "coverage",
        about: "the requirements page is up to date",
        slow: false,
        run: requirements,
    },
    Step {
        name: "clippy",
        about: "lints, everything switched on",
        slow: false,
        run: clippy,
    },
    Step {
        name: "features",
        about: "lints, each feature alone",
        slow: false,
        run: features,
    },
    Step {
        name: "tests",
        about: "unit, property and integration tests",
        slow: false,
        run: tests,
    },
    Step {
        name: "doctests",
        about: "examples in the documentation",
        slow: false,
        run: doctests,
    },
    Step {
        name: "docs",
        about: "the documentation, without warnings",
        slow: false,
        run: docs,
    },
    Step {
        name: "demo",
        about: "one conversation over three replicas",
        slow: false,
        run: show,
    },
    Step {
        name: "balancer",
        about: "replicas behind nginx, killed and replaced",
        slow: true,
        run: behind_nginx,
    },
    Step {
        name: "conformance",
        about: "the official suite against the fixture",
        slow: true,
        run: suite,
    },
    Step {
        name: "conformance-client",
        about: "the official suite against the fixture client",
        slow: true,
        run: client_suite,
    },
    Step {
        name: "typescript",
        about: "the TypeScript client against the fixture",
        slow: true,
        run: typescript,
    },
    Step {
        name: "python",
        about: "the Python client against the fixture",
        slow: true,
        run: python,
    },
    Step {
        name: "typescript-server",
        about: "our client against the TypeScript server",
        slow: true,
        run: typescript_server,
    },
    Step {
        name: "python-server",
        about: "our client against the Python server",
        slow: true,
        run: python_server,
    },
    Step {
        name: "fuzz",
        about: "fuzz targets build and run for a moment",
        slow: true,
        run: fuzz,
    },
    Step {
        name: "bench",
        about: "benches compile, and all readers in them read the same",
        slow: true,
        run: benches,
    },
    Step {
        name: "instructions",
        about: "reading, dispatching and writing take no more than before",
        slow: true,
        run: instructions,
    },
];

fn one(bench: &Bench, name: &str, command: &mut Command) -> Result<Outcome, Stop> {
    Ok(Outcome::Ran(Tally::one(bench.passes(name, command)?)))
}

fn fmt(bench: &Bench) -> Result<Outcome, Stop> {
    one(
        bench,
        "fmt",
        bench
            .cargo()
            .args(["fmt", "--all", "--check", "--", "--color=never"]),
    )
}

fn clippy(bench: &Bench) -> Result<Outcome, Stop> {
    let mut cargo = bench.cargo();
    cargo.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ]);
    one(bench, "clippy", &mut cargo)
}

/// Each feature of each published crate alone, and the crate without its default features: a feature
/// that needs another one would only show here.
fn features(bench: &Bench) -> Result<Outcome, Stop> {
    let mut tally = Tally::default();
    for package in metadata(bench)?
        .packages
        .iter()
        .filter(|package| package.is_published())
    {
        let alone = package
            .features
            .keys()
            .filter(|feature| *feature != "default")
            .map(String::as_str);
        for feature in std::iter::once("").chain(alone) {
            let mut cargo = bench.cargo();
            cargo.args([
                "clippy",
                "--package",
                &package.name,
                "--no-default-features",
            ]);
            cargo.args(["--features", feature, "--", "-D", "warnings"]);
            let name = format!("features-{}-{feature}", package.name);
            tally += Tally::one(bench.passes(&name, &mut cargo)?);
        }
    }
    Ok(Outcome::Ran(tally))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    features: std::collections::BTreeMap<String, Vec<String>>,
    /// Empty for what is not published, absent for what may go anywhere.
    publish: Option<Vec<String>>,
}

impl Package {
    fn is_published(&self) -> bool {
        self.publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty())
    }
}

fn metadata(bench: &Bench) -> Result<Metadata, Stop> {
    let text =
        process::output_of(
            bench
                .cargo()
                .args(["metadata", "--no-deps", "--format-version=1"]),
        )?;
    serde_json::from_str(&text).map_err(|error| Stop::Broken(format!("cargo metadata: {error}")))
}

fn tests(bench: &Bench) -> Result<Outcome, Stop> {
    let mut cargo = bench.cargo();
    if bench
        .cargo()
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|out| out.status.success())
    {
        cargo.args(["nextest", "run", "--no-fail-fast", "--status-level=fail"]);
    } else {
        println!("cargo-nextest is not installed: cargo test does the same, only slower");
        // Some tests run the examples, which cargo builds only where it also runs the doc tests.
        let mut examples = bench.cargo();
        examples.args(["build", "--workspace", "--all-features", "--examples"]);
        if !bench.passes("tests-examples", &mut examples)? {
            return Ok(Outcome::Ran(Tally::one(false)));
        }
        cargo.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    counted(
        bench,
        "tests",
        cargo.args(["--workspace", "--all-features"]),
    )
}

fn doctests(bench: &Bench) -> Result<Outcome, Stop> {
    let mut cargo = bench.cargo();
    cargo.args([
        "test",
        "--doc",
        "--workspace",
        "--all-features",
        "--no-fail-fast",
    ]);
    counted(bench, "doctests", &mut cargo)
}

fn counted(bench: &Bench, name: &str, command: &mut Command) -> Result<Outcome, Stop> {
    let success = bench.passes(name, command)?;
    let log =
        std::fs::read_to_string(bench.log(name)).map_err(|error| format!("{name}: {error}"))?;
    Ok(Outcome::Ran(summary::count(&log, success)))
}

fn docs(bench: &Bench) -> Result<Outcome, Stop> {
    let mut cargo = bench.cargo();
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    one(
        bench,
        "docs",
        cargo.args(["doc", "--workspace", "--no-deps", "--all-features"]),
    )
}

/// This program once more, so that a step is what a person would type.
fn xtask(bench: &Bench, name: &str, args: &[&str]) -> Result<Outcome, Stop> {
    let own = std::env::current_exe().map_err(|error| format!("xtask: {error}"))?;
    one(
        bench,
        name,
        Command::new(own).current_dir(&bench.root).args(args),
    )
}

fn codegen(bench: &Bench) -> Result<Outcome, Stop> {
    xtask(bench, "codegen", &["codegen", "--check"])
}

/// Not everybody has the official schema and its examples; the tests that read the examples leave
/// themselves out by the same rule.
fn schema(bench: &Bench) -> Result<Outcome, Stop> {
    let given = std::env::var_os("MCPWIRE_SPEC_DIR").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| bench.root.join("../shared/spec"));
    let file = folder.join("2026-07-28/schema.json");
    if !file.exists() {
        return Ok(Outcome::NotAtHand(format!(
            "the official schema and example messages are not at hand ({} does not exist; \
             MCPWIRE_SPEC_DIR names another folder)",
            file.display()
        )));
    }
    xtask(
        bench,
        "schema",
        &["codegen", "--against", &file.display().to_string()],
    )
}

fn requirements(bench: &Bench) -> Result<Outcome, Stop> {
    coverage::run(&bench.root, &["--check".to_owned()])?;
    Ok(Outcome::Ran(Tally::one(true)))
}

fn show(bench: &Bench) -> Result<Outcome, Stop> {
    demo::run(&bench.root).map(Outcome::Ran)
}

fn behind_nginx(bench: &Bench) -> Result<Outcome, Stop> {
    balancer::step(&bench.root).map(Outcome::Ran)
}

fn suite(bench: &Bench) -> Result<Outcome, Stop> {
    conformance::server(&bench.root, None, false).map(Outcome::Ran)
}

fn client_suite(bench: &Bench) -> Result<Outcome, Stop> {
    conformance::client(&bench.root, None, false).map(Outcome::Ran)
}

fn typescript(bench: &Bench) -> Result<Outcome, Stop> {
    peers::clients(&bench.root, "typescript", &peers::TRANSPORTS, false).map(Outcome::Ran)
}

fn python(bench: &Bench) -> Result<Outcome, Stop> {
    peers::clients(&bench.root, "python", &peers::TRANSPORTS, false).map(Outcome::Ran)
}

fn typescript_server(bench: &Bench) -> Result<Outcome, Stop> {
    peers::servers(&bench.root, "typescript", &peers::TRANSPORTS, false).map(Outcome::Ran)
}

fn python_server(bench: &Bench) -> Result<Outcome, Stop> {
    peers::servers(&bench.root, "python", &peers::TRANSPORTS, false).map(Outcome::Ran)
}

/// With a nightly toolchain and cargo-fuzz each target is built and runs for a moment; without them
/// the targets are only compiled.
fn fuzz(bench: &Bench) -> Result<Outcome, Stop> {
    if !crate::fuzz::is_at_hand(&bench.root) {
        println!("no nightly toolchain with cargo-fuzz: the targets are only compiled");
        let mut cargo = bench.cargo();
        cargo.args(["check", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
        return one(bench, "fuzz", &mut cargo);
    }
    crate::fuzz::run(&bench.root, FUZZ_SECONDS).map(Outcome::Ran)
}

/// The benches of the codec compile, run once each, and compare readers that have read the same. Those
/// of the streams are only checked: to build what they are compared with takes minutes.
fn benches(bench: &Bench) -> Result<Outcome, Stop> {
    let mut tally = Tally::default();
    for (name, command, packages) in [
        ("bench", "test", &["--package", "bench-codec"][..]),
        ("bench-drivers", "check", &["--workspace"]),
    ] {
        let mut cargo = bench.cargo();
        cargo.args([command, "--locked", "--manifest-path", "bench/Cargo.toml"]);
        cargo.args(packages).arg("--all-targets");
        tally += Tally::one(bench.passes(name, &mut cargo)?);
    }
    Ok(Outcome::Ran(tally))
}

fn instructions(bench: &Bench) -> Result<Outcome, Stop> {
    match bench::instructions::run(&bench.root, false) {
        Ok(()) => Ok(Outcome::Ran(Tally::one(true))),
        Err(Stop::Failed) => Ok(Outcome::Ran(Tally::one(false))),
        Err(stop) => Err(stop),
    }
}
