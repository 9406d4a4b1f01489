//! The fewest inputs that reach as much.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{NO_SANITIZER, Places, build};
use crate::outcome::Stop;
use crate::process;

/// Longer inputs are not committed.
const LONGEST: u64 = 1024;

/// No more are committed for one target: short and long ones, evenly.
const MOST: usize = 64;

/// How many characters of a name are kept. libFuzzer's own names, which are longer, are ignored by git:
/// what is committed is so by decision.
const NAME: usize = 16;

const LIMIT: Duration = Duration::from_secs(20 * 60);

pub(super) fn minimise(places: &Places, targets: &[String]) -> Result<(), Stop> {
    let executables = build::build(places, NO_SANITIZER)?;
    let seeds = places.seeds()?;
    for target in targets {
        let all = empty(places, "minimise/from", target)?;
        let sources = [
            Some(places.folder("found", target)?),
            places.committed("corpus", target),
            Some(seeds.join(target)),
        ];
        for source in sources.iter().flatten() {
            gather(source, &all)?;
        }
        let few = empty(places, "minimise/to", target)?;
        let mut merge = Command::new(executables.join(target));
        merge.args(["-set_cover_merge=1"]).arg(&few).arg(&all);
        let log = places.work.join(format!("{target}-minimise.log"));
        if !process::run_logged(&mut merge, &log, LIMIT)? {
            let why = process::tail(&fs::read_to_string(&log).unwrap_or_default(), 20);
            return Err(Stop::Broken(format!(
                "{target} cannot be minimised:\n{why}"
            )));
        }
        let (kept, bytes) = commit(places, target, &few)?;
        println!("{target}: {kept} inputs, {bytes} bytes");
    }
    Ok(())
}

/// A generated folder with nothing in it.
fn empty(places: &Places, kind: &str, target: &str) -> Result<std::path::PathBuf, String> {
    let folder = places.folder(kind, target)?;
    fs::remove_dir_all(&folder)
        .and_then(|()| fs::create_dir_all(&folder))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Copies what is short enough.
fn gather(from: &Path, to: &Path) -> Result<(), String> {
    for (path, length) in files(from)? {
        if length <= LONGEST {
            copy(&path, to)?;
        }
    }
    Ok(())
}

/// Replaces the committed corpus; how many files and bytes it has now.
fn commit(places: &Places, target: &str, few: &Path) -> Result<(usize, u64), String> {
    let corpus = places.root.join("fuzz/corpus").join(target);
    let broken = |error| format!("{}: {error}", corpus.display());
    if corpus.exists() {
        fs::remove_dir_all(&corpus).map_err(broken)?;
    }
    fs::create_dir_all(&corpus).map_err(broken)?;
    let files = spread(files(few)?);
    for (path, _) in &files {
        copy(path, &corpus)?;
    }
    Ok((files.len(), files.iter().map(|(_, length)| length).sum()))
}

/// As many as are committed, from the shortest to the longest.
fn spread(mut files: Vec<(std::path::PathBuf, u64)>) -> Vec<(std::path::PathBuf, u64)> {
    files.sort_by_key(|(path, length)| (*length, path.clone()));
    let all = files.len();
    let kept = all.min(MOST);
    let mut index = 0;
    // One of each of `kept` stretches of the same length.
    files.retain(|_| {
        let (before, after) = (index * kept / all, (index + 1) * kept / all);
        index += 1;
        before != after
    });
    files
}

fn files(folder: &Path) -> Result<Vec<(std::path::PathBuf, u64)>, String> {
    let broken = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        files.push((entry.path(), entry.metadata().map_err(broken)?.len()));
    }
    Ok(files)
}

fn copy(path: &Path, folder: &Path) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().take(NAME).collect();
    fs::copy(path, folder.join(name))
        .map(drop)
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_spans_all_lengths() {
        for count in [0_u64, 1, 63, 64, 65, 1000] {
            let files = (0..count)
                .rev()
                .map(|length| (format!("{length}").into(), length));
            let kept = spread(files.collect());
            let lengths: Vec<u64> = kept.iter().map(|(_, length)| *length).collect();
            assert_eq!(lengths.len() as u64, count.min(MOST as u64));
            assert!(lengths.is_sorted());
            assert_eq!(lengths.last().copied(), count.checked_sub(1));
        }
    }
}
