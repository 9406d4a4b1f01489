//! Which definitions of a schema a base model has already.

use std::collections::BTreeSet;

use super::Base;
use crate::codegen::against::compare;
use crate::codegen::schema::{Document, Members};

/// The names that mean the same in both, all the way down.
///
/// A definition that refers to one that differs is another type, even if its own words are the same.
pub(super) fn same(defs: &Members, base: &Base) -> BTreeSet<String> {
    let alone = |name: &str, defs: &Members| {
        let schema = defs.get(name)?.clone();
        Some(Document {
            defs: Members(vec![(name.to_owned(), schema)]),
            ..Document::default()
        })
    };
    let says_the_same = |name: &str| {
        let both = alone(name, &base.document.defs).zip(alone(name, defs));
        both.is_some_and(|(base_s, own)| {
            compare(&base_s, &own, base.slips.clone())
                .differences
                .is_empty()
        })
    };
    let mut same: BTreeSet<String> = defs
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| says_the_same(name))
        .collect();
    loop {
        let differing: Vec<String> = same
            .iter()
            .filter(|name| {
                let mut references = Vec::new();
                if let Some(schema) = defs.get(name) {
                    schema.references(&mut references);
                }
                references.iter().any(|target| !same.contains(*target))
            })
            .cloned()
            .collect();
        if differing.is_empty() {
            return same;
        }
        for name in differing {
            same.remove(&name);
        }
    }
}
