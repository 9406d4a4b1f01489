//! What `cargo xtask codegen` says and how it ends, on a small schema of our own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step of a test is a failed test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the command: whether it ended well, and all that it said.
fn codegen(args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("codegen")
        .args(args)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

fn done(args: &[&str]) -> String {
    let (well, said) = codegen(args);
    assert!(well, "{args:?}: {said}");
    said
}

fn refused(args: &[&str]) -> String {
    let (well, said) = codegen(args);
    assert!(!well, "{args:?} should not end well: {said}");
    said
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts.schema.json")
}

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("codegen")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn check_names_each_stale_file_and_writes_none() {
    let folder = folder("check");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (model, out) = (at("model.toml"), at("out"));
    done(&[
        "--import",
        fixture().to_str().unwrap(),
        "--name",
        "alerts",
        "--out",
        &model,
    ]);
    done(&["--model", &model, "--out", &out]);
    done(&["--model", &model, "--out", &out, "--check"]);

    fs::write(at("out/alerts.rs"), "// Somebody was here.").unwrap();
    fs::copy(at("out/mod.rs"), at("out/gone.rs")).unwrap();
    fs::remove_file(at("out/constants.rs")).unwrap();
    let said = refused(&["--model", &model, "--out", &out, "--check"]);
    for line in [
        "alerts.rs differs",
        "constants.rs is missing",
        "gone.rs is left over",
    ] {
        assert!(
            said.contains(&format!("codegen/check/out/{line}\n")),
            "{line}: {said}"
        );
    }
    assert_eq!(said.lines().count(), 4, "these and no other: {said}");
    assert!(
        !Path::new(&at("out/constants.rs")).exists(),
        "--check writes nothing"
    );

    done(&["--model", &model, "--out", &out]);
    done(&["--model", &model, "--out", &out, "--check"]);
    assert!(!Path::new(&at("out/gone.rs")).exists());
}

#[test]
fn against_fails_on_a_difference_and_names_it() {
    let folder = folder("against");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (model, altered) = (at("model.toml"), at("altered.json"));
    done(&["--import", fixture().to_str().unwrap(), "--out", &model]);
    done(&["--model", &model, "--against", fixture().to_str().unwrap()]);

    let schema = fs::read_to_string(fixture()).unwrap();
    let cases = [
        (
            "\"danger\"",
            "\"doom\"",
            "difference: $defs/AlertLevel/enum/*\n    model:  \"danger\"\n    schema: \"doom\"",
        ),
        (
            "\"maximum\": 10",
            "\"maximum\": 11",
            "$defs/Alert/properties/severity/maximum\n    model:  10\n    schema: 11",
        ),
        (
            "[\"alertId\", \"level\", ",
            "[\"level\", ",
            "$defs/Alert/required/*\n    model:  \"alertId\"\n    schema: nothing",
        ),
        (
            "\"alerts/list\"",
            "\"alerts/all\"",
            "properties/method/const\n    model:  \"alerts/list\"",
        ),
        ("\"alerts\": {", "\"alarms\": {", "properties/alerts\n"),
        (
            "\"AlertsCapability\"",
            "\"OtherCapability\"",
            "difference: $defs/OtherCapability\n    model:  nothing",
        ),
    ];
    for (from, to, difference) in cases {
        let text = schema.replace(from, to);
        assert_ne!(text, schema, "{from}");
        fs::write(&altered, text).unwrap();
        let said = refused(&["--model", &model, "--against", &altered]);
        assert!(
            said.contains(difference),
            "{difference}\n--- is not in ---\n{said}"
        );
    }
}

#[test]
fn a_draft_is_written_to_stdout_without_out() {
    let said = done(&[
        "--import",
        fixture().to_str().unwrap(),
        "--name",
        "Weather-Alerts",
    ]);
    assert!(said.contains("area = \"weather_alerts\"\n"), "{said}");
    assert!(
        said.contains("[[type]]\nname = \"Alert\"\nkind = \"object\"\n"),
        "{said}"
    );
    let alone = done(&["--import", fixture().to_str().unwrap(), "--base", "none"]);
    assert!(
        !alone.contains("[[use]]") && alone.contains("name = \"Icon\"\n"),
        "without a base all is drafted"
    );
}

#[test]
fn a_wrong_call_says_what_is_wrong() {
    assert!(refused(&["--modle", "x"]).contains("no option \"--modle\""));
    assert!(refused(&["--against"]).contains("--against needs a value"));
    assert!(refused(&["--check", "--import", "x"]).contains("exclude each other"));
    assert!(refused(&["--against", "/nowhere.json"]).contains("/nowhere.json"));
    assert!(refused(&["--model", "/nowhere", "--out", "x"]).contains("/nowhere"));
    assert!(refused(&["--model", "x.toml"]).contains("--out"));
    assert!(done(&["--help"]).contains("usage: cargo xtask codegen"));
}
