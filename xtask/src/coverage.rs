//! `cargo xtask coverage`: which test holds which requirement, written to `docs/conformance.md`.
//!
//! A test claims a requirement by its name (`http_37_version_mismatch`, `tool_33_34_...`) or by a
//! comment in or right above it (`// CONF-02`). The list of requirements is `xtask/requirements.tsv`;
//! the reasons for gaps are `xtask/gaps.toml`. Nothing else is written by hand, so the page cannot
//! claim what no test names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const PAGE: &str = "docs/conformance.md";
const ARCHITECTURE: &str = "docs/architecture.md";

/// One row of the requirement list.
struct Requirement {
    id: String,
    level: String,
    role: String,
}

impl Requirement {
    fn section(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gaps {
    /// Section, or section and role such as `HTTP/client`, to the reason.
    sections: BTreeMap<String, String>,
    /// Single requirements to the reason.
    #[serde(default)]
    rows: BTreeMap<String, String>,
}

/// Writes the page, or with `--check` fails when it is stale.
pub fn run(root: &Path, args: &[String]) -> Result<(), String> {
    let page = page(root)?;
    let path = root.join(PAGE);
    if args.iter().any(|arg| arg == "--check") {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        if committed != page {
            return Err(format!("{PAGE} is stale: run `cargo xtask coverage`"));
        }
        return named_tests_exist(root);
    }
    std::fs::write(&path, page).map_err(|error| format!("{PAGE}: {error}"))
}

/// Each `` `file.rs`: `test` `` of the architecture page is a function of that file.
fn named_tests_exist(root: &Path) -> Result<(), String> {
    let read = |name: &str| {
        std::fs::read_to_string(root.join(name)).map_err(|error| format!("{name}: {error}"))
    };
    let mut named = 0;
    for line in read(ARCHITECTURE)?.lines() {
        let Some((before, after)) = line.split_once(".rs`: `") else {
            continue;
        };
        let (Some((_, file)), Some((test, _))) = (before.rsplit_once('`'), after.split_once('`'))
        else {
            return Err(format!("{ARCHITECTURE}: cannot read {line:?}"));
        };
        let file = format!("{file}.rs");
        if !read(&file)?.contains(&format!("fn {test}(")) {
            return Err(format!(
                "{ARCHITECTURE} names {test}, which {file} does not have"
            ));
        }
        named += 1;
    }
    if named == 0 {
        Err(format!("{ARCHITECTURE} names no test"))
    } else {
        Ok(())
    }
}

fn page(root: &Path) -> Result<String, String> {
    let read = |name: &str| {
        std::fs::read_to_string(root.join(name)).map_err(|error| format!("{name}: {error}"))
    };
    let requirements = requirements(&read("xtask/requirements.tsv")?);
    let gaps: Gaps =
        toml::from_str(&read("xtask/gaps.toml")?).map_err(|error| format!("gaps.toml: {error}"))?;
    let claims = claims(root)?;
    Ok(render(&requirements, &gaps, &claims))
}

fn requirements(table: &str) -> Vec<Requirement> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut columns = line.split('\t').map(str::to_owned);
        Some(Requirement {
            id: columns.next()?,
            level: columns.next()?,
            role: columns.next()?,
        })
    })
    .collect()
}

/// Requirement ID to the tests that name it.
type Claims = BTreeMap<String, BTreeSet<String>>;

fn claims(root: &Path) -> Result<Claims, String> {
    let mut claims = Claims::new();
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        sources(&root.join(folder), &mut files)?;
    }
    files.sort();
    for file in files {
        let text =
            std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file
            .strip_prefix(root)
            .unwrap_or(&file)
            .display()
            .to_string();
        for (test, id) in claims_in(&text) {
            claims
                .entry(id)
                .or_default()
                .insert(format!("`{name}`: `{test}`"));
        }
    }
    Ok(claims)
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The pairs of test function and requirement ID in one source file.
fn claims_in(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut test: Option<String> = None;
    let mut above: Vec<String> = Vec::new();
    let mut attribute = false;
    let mut in_proptest = false;
    for line in source.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("proptest!") {
            in_proptest = true;
        } else if line.starts_with('}') {
            (in_proptest, test) = (false, None);
        }
        if trimmed.starts_with("#[") && trimmed.contains("test") && !trimmed.contains("cfg") {
            attribute = true;
        } else if let Some(name) = function(trimmed) {
            let is_test = attribute || (in_proptest && !trimmed.starts_with("pub"));
            attribute = false;
            let ids = std::mem::take(&mut above);
            test = is_test.then(|| name.to_owned());
            if is_test {
                let own = ids_in_name(name);
                found.extend(own.into_iter().chain(ids).map(|id| (name.to_owned(), id)));
            }
        } else if let Some((_, comment)) = trimmed.split_once("//") {
            let ids = ids_in_text(comment);
            match (&test, trimmed.starts_with("//")) {
                // What stands above the next test belongs to that one.
                (_, true) if trimmed.starts_with("///") => above.extend(ids),
                (Some(name), _) => found.extend(ids.into_iter().map(|id| (name.clone(), id))),
                (None, _) => above.extend(ids),
            }
        } else if trimmed.is_empty() && test.is_none() {
            above.clear();
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("async ")
        .unwrap_or(line)
        .strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

const SECTIONS: &[&str] = &[
    "BASE", "META", "ERR", "VER", "DISC", "EXT", "TRANS", "HTTP", "HDR", "HTTPC", "STDIO",
    "CANCEL", "PROG", "SUB", "MRTR", "CACHE", "PAGE", "TOOL", "CONTENT", "RES", "PROMPT", "COMP",
    "LOG", "ELICIT", "SAMPLE", "ROOTS", "SCHEMA", "ICON", "SEC", "GW", "DEP", "CONF",
];

/// `http_37_41_missing` names HTTP-37 and HTTP-41, `hdr_04_to_06_names` three.
fn ids_in_name(name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut section = None;
    let mut last: Option<u32> = None;
    let mut range = false;
    for word in name.split('_') {
        let upper = word.to_ascii_uppercase();
        let number = (word.len() == 2)
            .then(|| word.parse::<u32>().ok())
            .flatten();
        match (&section, number) {
            _ if SECTIONS.contains(&upper.as_str()) => (section, last) = (Some(upper), None),
            (Some(section), Some(number)) => {
                let from = last.filter(|_| range).map_or(number, |last| last + 1);
                ids.extend((from..=number).map(|n| format!("{section}-{n:02}")));
                last = Some(number);
            }
            _ if matches!(word, "to" | "and") && last.is_some() => {}
            _ => (section, last) = (None, None),
        }
        range = word == "to";
    }
    ids
}

/// `HTTP-37 to HTTP-39` names three, `HTTP-37, -41` two.
fn ids_in_text(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut last: Option<(String, u32)> = None;
    let mut range = false;
    for word in text.split(|c: char| c.is_whitespace() || ",.;:()[]`'\"".contains(c)) {
        if matches!(word, "to" | "..") {
            range = true;
            continue;
        }
        let Some((section, number)) = word.rsplit_once('-') else {
            range = range && word.is_empty();
            continue;
        };
        let known = SECTIONS.contains(&section);
        let Some(number) = (number.len() == 2).then(|| number.parse().ok()).flatten() else {
            range = false;
            continue;
        };
        let section = match &last {
            Some((section_before, _)) if section.is_empty() => section_before.clone(),
            _ if known => section.to_owned(),
            _ => continue,
        };
        let from = match &last {
            Some((before, first)) if range && *before == section => first + 1,
            _ => number,
        };
        ids.extend((from..=number).map(|n| format!("{section}-{n:02}")));
        last = Some((section, number));
        range = false;
    }
    ids
}

fn render(requirements: &[Requirement], gaps: &Gaps, claims: &Claims) -> String {
    let page = String::from(HEADER);
    let mut sections: Vec<&str> = Vec::new();
    for requirement in requirements {
        if !sections.contains(&requirement.section()) {
            sections.push(requirement.section());
        }
    }
    let (mut summary, mut details) = (String::new(), String::new());
    for section in sections {
        let rows: Vec<_> = requirements
            .iter()
            .filter(|r| r.section() == section)
            .collect();
        let held = rows.iter().filter(|r| claims.contains_key(&r.id)).count();
        let total = rows.len();
        if let Some(reason) = gaps.sections.get(section) {
            let _ = writeln!(summary, "| {section} | {total} | {held} | {reason} |");
            if held == 0 {
                continue;
            }
        } else {
            let _ = writeln!(summary, "| {section} | {total} | {held} | |");
        }
        let _ = writeln!(
            details,
            "\n## {section}\n\n| Requirement | Level | Held by |\n| --- | --- | --- |"
        );
        let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in rows {
            let Requirement { id, level, role } = row;
            if let Some(tests) = claims.get(id) {
                let tests: Vec<_> = tests.iter().map(String::as_str).collect();
                let _ = writeln!(details, "| {id} | {level} | {} |", tests.join("<br>"));
                continue;
            }
            let by_role = gaps.sections.get(&format!("{section}/{role}"));
            let reason = gaps.rows.get(id).or(by_role).or(gaps.sections.get(section));
            let reason = reason.or(gaps.sections.get(&format!("*/{role}")));
            open.entry(reason.map_or("no test names it", String::as_str))
                .or_default()
                .push(id);
        }
        for (reason, ids) in open {
            let _ = writeln!(details, "| {} | | {reason} |", ids.join(", "));
        }
    }
    page + &summary + &details
}

const HEADER: &str = "\
<!-- @generated by `cargo xtask coverage` from the tests, xtask/requirements.tsv and xtask/gaps.toml. Do not edit. -->

# Requirements and the tests that hold them

Each row is a requirement of revision 2026-07-28 by its ID, and the tests that name it. A row without
a test says why. The official conformance suite (`cargo xtask conformance server`, `cargo xtask
conformance client`) and the clients and servers of the TypeScript and Python SDKs (`cargo xtask peers`)
run on top of these and are not counted here.

| Section | Requirements | Named by a test | |
| --- | --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_claim_requirements() {
        assert_eq!(
            ids_in_name("http_37_41_missing_header"),
            ["HTTP-37", "HTTP-41"]
        );
        assert_eq!(ids_in_name("base_09_meta_13_x"), ["BASE-09", "META-13"]);
        assert_eq!(
            ids_in_name("hdr_04_to_06_x"),
            ["HDR-04", "HDR-05", "HDR-06"]
        );
        assert_eq!(ids_in_name("res_26_and_27_x"), ["RES-26", "RES-27"]);
        assert!(ids_in_name("http_two_streams").is_empty());
    }

    #[test]
    fn comments_claim_requirements() {
        assert_eq!(
            ids_in_text(" HTTP-37, HTTP-41: both"),
            ["HTTP-37", "HTTP-41"]
        );
        assert_eq!(ids_in_text(" CANCEL-09, -12"), ["CANCEL-09", "CANCEL-12"]);
        assert_eq!(
            ids_in_text(" HDR-04 to HDR-06"),
            ["HDR-04", "HDR-05", "HDR-06"]
        );
        assert!(ids_in_text(" CVE-2026-25536, UTF-08").is_empty());
    }

    #[test]
    fn only_tests_claim() {
        let source =
            "/// HTTP-01\nfn helper() {}\n\n/// HTTP-02\n#[test]\nfn a() {\n    // HTTP-03\n}\n";
        let claims = claims_in(source);
        assert_eq!(
            claims,
            [
                ("a".into(), "HTTP-02".into()),
                ("a".into(), "HTTP-03".into())
            ]
        );
    }
}
