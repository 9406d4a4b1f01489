//! Replays the fuzz corpus, and keeps its seeds in step with our conversation. A file that fails here
//! is replayed alone with `cargo +nightly fuzz run decode FILE`.

mod conversation;
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/decode")
}

#[test]
fn every_file_obeys_the_law() {
    let mut files = 0;
    for entry in fs::read_dir(corpus()).expect("the corpus lies beside the crates") {
        let path = entry.unwrap().path();
        eprintln!("{}", path.display());
        oracle::check(&fs::read(path).unwrap());
        files += 1;
    }
    assert!(files >= conversation::MESSAGES.len(), "only {files} files");
}

#[test]
fn the_seeds_are_current() {
    let mut stale = Vec::new();
    for (name, text) in conversation::MESSAGES {
        let path = corpus().join(format!("{name}.json"));
        if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            fs::create_dir_all(corpus()).unwrap();
            fs::write(&path, text).unwrap();
            stale.push(path);
        }
    }
    assert!(
        stale.is_empty(),
        "these seeds were stale and have been written, please commit them: {stale:?}"
    );
}
