//! `cargo xtask codegen`: from the protocol model to Rust, and between the model and JSON Schema.
//!
//! `model` is the shape of a model, `load` reads it and `check` finds what is wrong with it. `schema` is
//! JSON Schema, `lower` says a model in it, `against` compares, `import` goes the other way and `draft`
//! writes down what it finds. `emit` makes Rust of it, `output`
//! puts that on disk.

use std::fs;
use std::path::{Path, PathBuf};

mod against;
mod check;
mod draft;
mod emit;
mod import;
mod load;
mod lower;
mod model;
mod names;
mod output;
mod schema;

use model::Model;
use schema::Document;

/// The revision that this workspace speaks: its model is `xtask/model/REVISION`.
const REVISION: &str = "2026-07-28";
/// Where the types of that model live in Rust.
const TYPES: &str = "mcpwire_types";

const USAGE: &str = "\
usage: cargo xtask codegen [--model PATH] [--check] [--out DIR [--support-path PATH]]
       cargo xtask codegen [--model PATH] --against SCHEMA.json
       cargo xtask codegen --import SCHEMA.json [--name NAME] [--base MODEL|none] [--out FILE]

Without options: writes everything that is generated out of the workspace's own model.
  --model PATH         another model: a TOML file, or a folder with one for each area
  --check              write nothing, fail and name each file that is stale
  --out DIR            generate the model's types into this folder, for a crate of your own
  --support-path PATH  where that crate finds the support code (default: mcpwire_types)
  --against FILE       print every difference between the model and a JSON Schema, fail on any
  --import FILE        draft a model out of a JSON Schema, on stdout or into the file --out
  --name NAME          name of the drafted area (default: that of the schema's file)
  --base MODEL         what is not drafted again but used from there (default: the workspace's
                       own model; `none` drafts everything, as for a new revision)
";

#[derive(Default)]
struct Options {
    model: Option<PathBuf>,
    check: bool,
    out: Option<PathBuf>,
    support_path: Option<String>,
    against: Option<PathBuf>,
    import: Option<PathBuf>,
    name: Option<String>,
    base: Option<String>,
}

/// Does what the arguments ask for; what is found goes to stdout, what fails comes back.
pub fn run(root: &Path, args: &[String]) -> Result<(), String> {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let options = parse(args).map_err(|why| format!("{why}\n\n{USAGE}"))?;
    if let Some(file) = &options.import {
        return import_schema(file, &options);
    }
    let path = options
        .model
        .clone()
        .unwrap_or_else(|| load::models().join(REVISION));
    let model =
        load::load(&path).map_err(|problems| listed("the model is not sound", &problems))?;
    match &options.against {
        Some(file) => compare(&path, &model, file),
        None => generate(root, &path, &model, &options),
    }
}

fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || {
            args.next()
                .cloned()
                .ok_or_else(|| format!("{arg} needs a value"))
        };
        match arg.as_str() {
            "--check" => options.check = true,
            "--model" => options.model = Some(value()?.into()),
            "--out" => options.out = Some(value()?.into()),
            "--support-path" => options.support_path = Some(value()?),
            "--against" => options.against = Some(value()?.into()),
            "--import" => options.import = Some(value()?.into()),
            "--name" => options.name = Some(value()?),
            "--base" => options.base = Some(value()?),
            other => return Err(format!("no option {other:?}")),
        }
    }
    let modes = [
        options.check,
        options.against.is_some(),
        options.import.is_some(),
    ];
    if modes.into_iter().filter(|on| *on).count() > 1 {
        return Err("--check, --against and --import exclude each other".to_owned());
    }
    let import = options.import.is_some();
    if !import && (options.name.is_some() || options.base.is_some()) {
        return Err("--name and --base belong to --import".to_owned());
    }
    if options.support_path.is_some() && (import || options.out.is_none()) {
        return Err("--support-path belongs to --out DIR".to_owned());
    }
    if !import && options.model.is_some() && options.out.is_none() && options.against.is_none() {
        return Err(
            "another model than the workspace's own is generated into --out DIR".to_owned(),
        );
    }
    Ok(options)
}

fn generate(root: &Path, path: &Path, model: &Model, options: &Options) -> Result<(), String> {
    let target = match &options.out {
        Some(out) => {
            let support = options
                .support_path
                .clone()
                .unwrap_or_else(|| TYPES.to_owned());
            let label = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            emit::Options::extension(out, &support, &label)
        }
        None => emit::Options::workspace(root),
    };
    if options.check && options.out.is_none() {
        let without = check::without_doc(model);
        if !without.is_empty() {
            return Err(listed("places of the model without a sentence", &without));
        }
    }
    let outputs = emit::outputs(model, &target)?;
    let count = outputs.len();
    let differing = output::differing(outputs, &target.rust)?;
    if options.check {
        let stale: Vec<String> = differing.iter().map(|change| change.stale(root)).collect();
        return match stale.as_slice() {
            [] => {
                println!("{count} generated files, none of them stale");
                Ok(())
            }
            stale => Err(listed("stale, run `cargo xtask codegen`", stale)),
        };
    }
    for change in &differing {
        println!("{}", change.apply(root)?);
    }
    println!("{count} generated files, {} changes", differing.len());
    Ok(())
}

fn compare(path: &Path, model: &Model, file: &Path) -> Result<(), String> {
    let slips = against::slips(path)?;
    let mut schema = schema_at(file)?;
    if !model.used.is_empty() {
        schema = as_drafted(&schema)?;
    }
    let report = against::compare(&lower::document(model), &schema, slips);
    for slip in &report.known {
        println!("known slip: {slip}");
    }
    for slip in &report.stale {
        println!("listed slip that the schema does not make: {slip}");
    }
    for difference in &report.differences {
        println!("difference: {difference}");
    }
    let found = format!(
        "{} differences, {} known slips, {} listed slips that do not apply",
        report.differences.len(),
        report.known.len(),
        report.stale.len()
    );
    if report.is_clean() {
        println!(
            "{} says what {} says: {found}",
            path.display(),
            file.display()
        );
        Ok(())
    } else {
        Err(format!(
            "{} does not say what {} says: {found}",
            path.display(),
            file.display()
        ))
    }
}

fn import_schema(file: &Path, options: &Options) -> Result<(), String> {
    let document = schema_at(file)?;
    let base = match options.base.as_deref() {
        Some("none") => None,
        name => Some(base(name.unwrap_or(REVISION))?),
    };
    let stem = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = names::snake(options.name.as_deref().unwrap_or(&stem));
    let import::Draft { area, left_out } = import::draft(&document, &name, base.as_ref())
        .map_err(|complaints| listed("the schema says what no model can say", &complaints))?;
    let mut notes = vec![
        format!(
            "Drafted by `cargo xtask codegen --import` from {}.",
            shown(file)
        ),
        "Types with `inline` have no name in the schema: theirs is made up, rename them freely."
            .to_owned(),
    ];
    notes.extend(left_out.iter().map(|place| format!("Left out: {place}")));
    let text = draft::toml(&area, &notes);
    match &options.out {
        Some(out) => {
            output::write(out, &text)?;
            println!("drafted {} types into {}", area.types.len(), out.display());
            for place in &left_out {
                println!("left out: {place}");
            }
        }
        None => print!("{text}"),
    }
    Ok(())
}

fn shown(file: &Path) -> std::borrow::Cow<'_, str> {
    file.file_name().unwrap_or_default().to_string_lossy()
}

/// A schema the way a draft of it says it.
///
/// An extension's schema copies definitions where a model refers to them, and puts objects together
/// with `allOf` where a model has one object. Both sides have to be spelled in one way.
fn as_drafted(schema: &Document) -> Result<Document, String> {
    let import::Draft { area, left_out } = import::draft(schema, "schema", Some(&base(REVISION)?))
        .map_err(|complaints| listed("the schema says what no model can say", &complaints))?;
    for place in left_out {
        println!("not compared: {place}");
    }
    let model = load::from_text(&draft::toml(&area, &[]))
        .map_err(|problems| listed("the schema makes no sound model", &problems))?;
    Ok(lower::document(&model))
}

/// The model that a draft uses types from.
fn base(name: &str) -> Result<import::Base, String> {
    let path = load::models().join(name);
    let model = load::load(&path).map_err(|problems| listed("the base is not sound", &problems))?;
    Ok(import::Base {
        path: TYPES.to_owned(),
        model: name.to_owned(),
        document: lower::document(&model),
        slips: against::slips(&path)?,
    })
}

fn schema_at(file: &Path) -> Result<Document, String> {
    let text =
        fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    serde_json::from_slice(&text)
        .map_err(|error| format!("{} is no JSON Schema: {error}", file.display()))
}

fn listed(what: &str, lines: &[String]) -> String {
    format!("{what}:\n  {}", lines.join("\n  "))
}

#[cfg(test)]
mod tests;
