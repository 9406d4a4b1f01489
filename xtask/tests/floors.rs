//! The floors of the workspace: which crate may use which, and how much each brings along.
//!
//! The rule is that a crate uses crates of lower floors alone. Both tables below are meant to be
//! edited by whoever adds a crate or a dependency: a number that grows is a decision, and shows as one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crate, floor, and how many crates somebody gets who depends on it: normal dependencies, default
/// features, without the crate itself.
const CRATES: &[(&str, u32, usize)] = &[
    ("mcpwire-types", 0, 5),
    ("mcpwire-codec", 1, 9),
    ("mcpwire-service", 2, 13),
    ("mcpwire-dispatch", 3, 95),
    ("mcpwire-client", 3, 20),
    ("mcpwire-stdio", 3, 33),
    ("mcpwire-http", 3, 44),
    ("mcpwire", 4, 128),
    ("mcpwire-nats", 3, 92),
    ("mcpwire-testkit", 4, 33),
];

/// What a server with typed tools over HTTP asks of the facade. The check of arguments against their
/// schema, HTTP/2 and clients are defaults beside it.
const SERVER: &str = "http,schemars,server";
/// How many crates such a server gets at most, beside the facade: with serde's derive, which is its own.
const SERVER_CRATES: usize = 60;

/// Counted for one target, so that the numbers are the same on every machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Built without the standard library too, when nobody asks for their feature `std`.
const NO_STD: &[&str] = &["mcpwire-types", "mcpwire-codec"];

/// Not published, and free to use everything.
const ON_TOP: &[&str] = &[
    "mcpwire-chaos",
    "mcpwire-conformance",
    "mcpwire-laws",
    "xtask",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The packages of the workspace as cargo describes them.
fn packages() -> Vec<Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    list(&metadata["packages"])
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Each crate of the workspace with those crates of the workspace that it needs to be built.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let needed = |dependency: &Value| {
        dependency["kind"] != "dev" && dependency.get("path").is_some_and(Value::is_string)
    };
    let dependencies = |package: &Value| {
        let all = list(&package["dependencies"]);
        all.iter()
            .filter(|dependency| needed(dependency))
            .map(|it| text(&it["name"]))
            .collect()
    };
    packages()
        .iter()
        .map(|package| (text(&package["name"]), dependencies(package)))
        .collect()
}

/// A crate that another one brings along.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Brought {
    name: String,
    version: String,
    proc_macro: bool,
}

fn tree(name: &str, edges: &str) -> BTreeSet<Brought> {
    tree_with(name, edges, &[])
}

fn tree_with(name: &str, edges: &str, more: &[&str]) -> BTreeSet<Brought> {
    let args = [
        "tree",
        "--target",
        TARGET,
        "--package",
        name,
        "--edges",
        edges,
    ];
    let args = [&args[..], &["--prefix=none", "--format={p}"], more].concat();
    // `name v1.2.3 (proc-macro) (*)`; a path in brackets is of no interest.
    let brought = |line: &str| {
        let mut words = line.split(' ');
        let (own, version) = (words.next()?.to_owned(), words.next()?.to_owned());
        let proc_macro = line.contains("(proc-macro)");
        (own != name).then_some(Brought {
            name: own,
            version,
            proc_macro,
        })
    };
    cargo(&args).lines().filter_map(brought).collect()
}

#[test]
fn every_crate_has_its_floor() {
    let known: BTreeSet<_> = CRATES
        .iter()
        .map(|entry| entry.0)
        .chain(ON_TOP.iter().copied())
        .collect();
    let found = uses();
    let found: BTreeSet<_> = found.keys().map(String::as_str).collect();
    assert_eq!(found, known);
}

#[test]
fn crates_use_lower_floors_alone() {
    let floor = |name: &str| {
        CRATES
            .iter()
            .find(|entry| entry.0 == name)
            .map(|entry| entry.1)
    };
    for (name, used) in uses() {
        let Some(own) = floor(&name) else { continue };
        for other in used {
            let below = floor(&other);
            assert!(
                below.is_some_and(|below| below < own),
                "{name} on floor {own} uses {other}"
            );
        }
    }
}

#[test]
fn nothing_below_the_facade_is_published_that_is_on_top() {
    for (name, used) in uses()
        .iter()
        .filter(|(name, _)| !ON_TOP.contains(&name.as_str()))
    {
        assert!(
            ON_TOP.iter().all(|top| !used.contains(*top)),
            "{name} uses a crate that is not published"
        );
    }
}

#[test]
fn dependencies_are_counted() {
    let wanted: Vec<_> = CRATES
        .iter()
        .map(|(name, _, count)| (*name, *count))
        .collect();
    let found: Vec<_> = CRATES
        .iter()
        .map(|(name, ..)| (*name, tree(name, "normal").len()))
        .collect();
    assert_eq!(found, wanted, "edit the table if that is meant");
}

#[test]
fn a_server_over_http_brings_sixty_crates_at_most() {
    let features = ["--no-default-features", "--features", SERVER];
    let brought = tree_with("mcpwire", "normal,build", &features);
    let derive = 1;
    assert!(
        brought.len() + derive <= SERVER_CRATES,
        "{} crates: {brought:#?}",
        brought.len()
    );
}

#[test]
fn the_codec_knows_no_runtime() {
    for name in NO_STD {
        for foreign in ["tokio", "tokio-util", "hyper"] {
            let brought = tree(name, "normal,build");
            assert!(
                brought.iter().all(|it| it.name != foreign),
                "{name} brings {foreign} along"
            );
        }
    }
}

/// A crate that is `no_std` names nothing of the standard library, or does not compile.
#[test]
fn floors_0_and_1_compile_without_the_standard_library() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-std");
    let folder = folder.to_str().unwrap();
    for name in NO_STD {
        cargo(&[
            "check",
            "--quiet",
            "--no-default-features",
            "--package",
            name,
            "--target-dir",
            folder,
        ]);
    }
}

/// What compiles here may still bring along a crate that needs the standard library.
#[test]
fn floors_0_and_1_bring_no_standard_library_along_unasked() {
    for name in NO_STD {
        let listed = cargo(&[
            "tree",
            "--target",
            TARGET,
            "--package",
            name,
            "--no-default-features",
            "--edges=normal",
            "--prefix=none",
            "--format={p}|{f}|",
        ]);
        for line in listed.lines() {
            let features = line.split('|').nth(1).unwrap();
            assert!(
                features.split(',').all(|it| it != "default" && it != "std"),
                "{name} without default features brings {line} along"
            );
        }
    }
}

#[test]
fn floors_0_to_2_have_no_procedural_macro() {
    for (name, floor, _) in CRATES.iter().filter(|entry| entry.1 <= 2) {
        let macros: Vec<_> = tree(name, "normal,build")
            .into_iter()
            .filter(|it| it.proc_macro)
            .collect();
        assert!(
            macros.is_empty(),
            "{name} on floor {floor} brings {macros:?} along"
        );
    }
}

/// Cargo puts the examples of all crates into one folder, where the last one of a name wins.
#[test]
fn examples_have_names_of_their_own() {
    let mut owners = BTreeMap::new();
    for package in packages() {
        for target in list(&package["targets"]) {
            if target["kind"] == serde_json::json!(["example"]) {
                let earlier = owners.insert(text(&target["name"]), text(&package["name"]));
                assert_eq!(
                    earlier, None,
                    "another crate has an example {} too",
                    target["name"]
                );
            }
        }
    }
}
