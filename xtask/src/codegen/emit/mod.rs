//! From a model to text: Rust types with their serde code, property-test strategies, a fuzz dictionary
//! and the reference page.
//!
//! `outputs` gives all files with their text; what to do with them (write, compare) is up to the
//! caller. What a generated file says is decided in `types`, `wire` and `strategies`, one each for what
//! people read, what serde calls, and what property tests draw from; the support code they all call is
//! written by hand in `mcpwire_types::support`.

mod dictionary;
mod index;
mod members;
mod reference;
mod rust;
mod strategies;
mod text;
mod types;
mod wire;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::model::Model;
use rust::Scope;
pub use rust::TAKEN;

/// Where the generated files go, and what they refer to.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the generated modules.
    pub rust: PathBuf,
    /// Rust path of the crate with the support code: `crate` for our own, else `mcpwire_types`.
    pub support: String,
    /// What the first line of a file calls the model, such as `xtask/model/2026-07-28`. A model of
    /// several files gets the name of the area's file behind it.
    pub model: String,
    /// Whether each area gets a file with strategies, behind the feature `proptest`.
    pub strategies: bool,
    /// The workspace whose dictionary, reference page and index of types are generated too.
    pub workspace: Option<PathBuf>,
}

impl Options {
    /// For the types of this workspace.
    pub fn workspace(root: &Path) -> Self {
        Self {
            rust: root.join("crates/mcpwire-types/src/generated"),
            support: "crate".to_owned(),
            model: "xtask/model/2026-07-28".to_owned(),
            strategies: true,
            workspace: Some(root.to_owned()),
        }
    }

    /// For somebody's own extension: a folder of modules that refer to `support`.
    pub fn extension(out: &Path, support: &str, model: &str) -> Self {
        Self {
            rust: out.to_owned(),
            support: support.to_owned(),
            model: model.to_owned(),
            strategies: false,
            workspace: None,
        }
    }
}

/// All generated files with their text, formatted.
pub fn outputs(model: &Model, options: &Options) -> Result<Vec<(PathBuf, String)>, String> {
    let scope = Scope::new(model, options)?;
    let mut files = vec![(
        options.rust.join("mod.rs"),
        rustfmt(&index::module(&scope))?,
    )];
    if let Some(text) = index::constants(&scope) {
        files.push((options.rust.join("constants.rs"), rustfmt(&text)?));
    }
    for area in rust::generated_areas(model) {
        let folder = options.rust.join(&area.area);
        files.push((
            options.rust.join(format!("{}.rs", area.area)),
            rustfmt(&types::file(&scope, area)?)?,
        ));
        files.push((folder.join("wire.rs"), rustfmt(&wire::file(&scope, area)?)?));
        if options.strategies {
            files.push((
                folder.join("strategies.rs"),
                rustfmt(&strategies::file(&scope, area))?,
            ));
        }
    }
    if let Some(root) = &options.workspace {
        let types = root.join("crates/mcpwire-types");
        let lib = types.join("src/lib.rs");
        let text = std::fs::read_to_string(&lib)
            .map_err(|error| format!("cannot read {}: {error}", lib.display()))?;
        files.push((lib, rustfmt(&index::with_exports(&scope, &text)?)?));
        files.push((
            types.join("tests/every_type/mod.rs"),
            rustfmt(&index::every_type(&scope))?,
        ));
        files.push((
            root.join("fuzz/dictionaries/mcp.dict"),
            dictionary::text(&scope),
        ));
        files.push((root.join("docs/reference.md"), reference::page(&scope)));
    }
    Ok(files)
}

/// The text as `cargo fmt` would leave it.
fn rustfmt(text: &str) -> Result<String, String> {
    let failed = |why: &dyn std::fmt::Display| format!("rustfmt: {why}");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&format_args!("cannot be started: {error}")))?;
    let Some(mut stdin) = child.stdin.take() else {
        return Err(failed(&"no standard input"));
    };
    let input = text.to_owned();
    // Written from a thread of its own, or both sides could wait for the other to read.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    let _ = writer.join();
    if !output.status.success() {
        return Err(failed(&format_args!(
            "{}\n{text}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(&error))
}
