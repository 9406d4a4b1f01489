//! The workspace's own model.

use std::path::{Path, PathBuf};

use super::{
    REVISION, against, as_drafted, check, draft, import, load, lower, model::Model, schema_at,
};

fn own() -> Model {
    load::load(&load::models().join(REVISION)).unwrap()
}

/// A file of the specification, where it is at hand.
fn spec(file: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec");
    let folder = std::env::var_os("MCPWIRE_SPEC_DIR").map_or(beside, PathBuf::from);
    let path = folder.join(file);
    if !path.exists() {
        println!("left out: there is no {}", path.display());
    }
    path.exists().then_some(path)
}

#[test]
fn every_place_of_the_model_has_a_sentence() {
    let without = check::without_doc(&own());
    assert!(
        without.is_empty(),
        "{} places without a sentence: {without:#?}",
        without.len()
    );
}

/// SCHEMA-16
#[test]
fn the_model_says_what_the_official_schema_says() {
    let Some(file) = spec("2026-07-28/schema.json") else {
        return;
    };
    let slips = against::slips(&load::models().join(REVISION)).unwrap();
    let listed = slips.len();
    let report = against::compare(&lower::document(&own()), &schema_at(&file).unwrap(), slips);
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!(report.known.len(), listed);
}

#[test]
fn a_draft_of_the_official_schema_says_all_of_it() {
    let Some(file) = spec("2026-07-28/schema.json") else {
        return;
    };
    let official = schema_at(&file).unwrap();
    let area = import::draft(&official, "revision", None).unwrap().area;
    let drafted = load::from_text(&draft::toml(&area, &[])).unwrap();
    let report = against::compare(&lower::document(&drafted), &official, Vec::new());
    assert!(report.is_clean(), "{report:#?}");
}

#[test]
fn a_draft_quotes_no_sentence_of_the_schema() {
    let Some(file) = spec("2026-07-28/schema.json") else {
        return;
    };
    let area = import::draft(&schema_at(&file).unwrap(), "revision", None)
        .unwrap()
        .area;
    for ty in &area.types {
        assert!(
            ty.doc.is_empty() && ty.fields.iter().all(|field| field.doc.is_empty()),
            "{ty:?}"
        );
    }
}

#[test]
fn the_official_schema_is_all_of_our_own_model() {
    // The other way round: drafting the schema over our own model leaves nothing to draft.
    let Some(file) = spec("2026-07-28/schema.json") else {
        return;
    };
    let area = import::draft(
        &schema_at(&file).unwrap(),
        "revision",
        Some(&super::base(REVISION).unwrap()),
    )
    .unwrap()
    .area;
    let names: Vec<&str> = area.types.iter().map(|ty| ty.name.as_str()).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn an_extension_is_compared_in_the_spelling_of_a_draft() {
    let Some(file) = spec("ext-tasks/schema.json") else {
        return;
    };
    let mut schema = schema_at(&file).unwrap();
    let area = import::draft(&schema, "tasks", Some(&super::base(REVISION).unwrap()))
        .unwrap()
        .area;
    let ours = lower::document(&load::from_text(&draft::toml(&area, &[])).unwrap());
    let clean = against::compare(&ours, &as_drafted(&schema).unwrap(), Vec::new());
    assert!(clean.is_clean(), "{clean:#?}");

    let (_, status) = schema
        .defs
        .0
        .iter_mut()
        .find(|(name, _)| name == "TaskStatus")
        .unwrap();
    status.any_of.pop();
    let changed = against::compare(&ours, &as_drafted(&schema).unwrap(), Vec::new());
    assert!(
        changed
            .differences
            .iter()
            .any(|difference| difference.path.starts_with("$defs/TaskStatus/")),
        "{changed:#?}"
    );
}
