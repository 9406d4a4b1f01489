//! Replays what fuzzing has kept, and what fuzzing starts from. A file that fails here is checked alone
//! with `cargo run -p mcpwire-laws -- check LAW FILE`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use mcpwire_laws::{LAWS, Law, seeds};

/// All laws, or the one that the variable names: what `cargo xtask fuzz coverage` asks for.
fn laws() -> impl Iterator<Item = &'static Law> {
    let only = std::env::var("MCPWIRE_LAW").ok();
    let is_meant = move |law: &&Law| only.as_deref().is_none_or(|only| only == law.name);
    LAWS.iter().filter(is_meant)
}

fn folder(kind: &str, law: &Law) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz")
        .join(kind)
        .join(law.name)
}

/// Checks every file of a folder; how many there were.
fn replay(kind: &str, law: &Law) -> usize {
    let Ok(entries) = fs::read_dir(folder(kind, law)) else {
        return 0;
    };
    let mut files = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        eprintln!("{} {}", law.name, path.display());
        (law.check)(&fs::read(path).unwrap());
        files += 1;
    }
    files
}

#[test]
fn the_corpus_obeys_the_laws() {
    for law in laws() {
        assert!(replay("corpus", law) > 0, "{} has no corpus", law.name);
    }
}

#[test]
fn what_broke_a_law_once_does_not_do_so_again() {
    let files: usize = LAWS.iter().map(|law| replay("regressions", law)).sum();
    let known = fs::read_dir(folder("regressions", &LAWS[0]).parent().unwrap());
    let known = known.map_or(0, |folders| {
        folders
            .filter(|it| it.as_ref().unwrap().path().is_dir())
            .count()
    });
    assert!(
        files >= known,
        "a folder of regressions is of no law, or empty"
    );
}

#[test]
fn the_seeds_obey_the_laws() {
    for law in LAWS {
        let seeds = seeds::seeds(law.name);
        assert!(!seeds.is_empty(), "{} has no seeds", law.name);
        for seed in seeds {
            (law.check)(&seed);
        }
    }
}

/// Every law holds for the empty input, and for one byte: what a fuzzer tries first.
#[test]
fn short_inputs_obey_the_laws() {
    for law in LAWS {
        (law.check)(b"");
        for byte in 0..=u8::MAX {
            (law.check)(&[byte]);
        }
    }
}
