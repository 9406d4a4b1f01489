//! Every difference between a model and a JSON Schema, and the few that are the schema's own slips.
//!
//! Nothing is a difference but what the two say: sentences are left out, and so is the order of what is
//! a set. A slip is listed with both sides, so that it covers exactly one difference; once the schema is
//! mended the list has to be mended too.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::schema::Document;

/// Two places that do not say the same. `None`: that side says nothing there.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// From the root of the schema, `$defs/Tool/properties/name`; `*` is an element of a set.
    pub path: String,
    pub model: Option<Value>,
    pub schema: Option<Value>,
}

/// A difference that is a mistake of the schema, as its other sources tell.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    pub path: String,
    /// JSON text of the model's side; empty where it says nothing.
    #[serde(default)]
    pub model: String,
    /// JSON text of the schema's side; empty where it says nothing.
    #[serde(default)]
    pub schema: String,
    /// Why the model is right.
    pub reason: String,
    /// The requirement that tells of it.
    pub see: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slips {
    #[serde(default)]
    slip: Vec<Slip>,
}

/// What a comparison has found.
#[derive(Debug, Default)]
pub struct Report {
    pub differences: Vec<Difference>,
    pub known: Vec<Slip>,
    /// Listed slips that the schema does not make, or not any more.
    pub stale: Vec<Slip>,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.stale.is_empty()
    }
}

/// Holds what the model says against what the schema says.
pub fn compare(model: &Document, schema: &Document, slips: Vec<Slip>) -> Report {
    let mut report = Report {
        differences: differences(model, schema),
        ..Report::default()
    };
    for slip in slips {
        match report
            .differences
            .iter()
            .position(|difference| slip.is(difference))
        {
            Some(at) => {
                report.differences.remove(at);
                report.known.push(slip);
            }
            None => report.stale.push(slip),
        }
    }
    report
}

/// The slips that are listed for a model, in `NAME.slips.toml` beside it.
pub fn slips(model: &Path) -> Result<Vec<Slip>, String> {
    let file = slips_file(model);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let slips: Slips =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(slips.slip)
}

fn slips_file(model: &Path) -> PathBuf {
    // A folder's name may hold dots (`2026-07-28` does not, but `1.0` does), a file's ends with `.toml`.
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    model.with_file_name(format!("{}.slips.toml", name.trim_end_matches(".toml")))
}

fn differences(model: &Document, schema: &Document) -> Vec<Difference> {
    let side = |document: &Document| {
        let mut root: Map<String, Value> = document.other.clone().into_iter().collect();
        root.remove("description");
        let defs = document
            .defs
            .iter()
            .map(|(name, schema)| (name.to_owned(), schema.normal().to_value()));
        root.insert("$schema".to_owned(), document.dialect.clone().into());
        root.insert("$defs".to_owned(), Value::Object(defs.collect()));
        Value::Object(root)
    };
    let mut found = Vec::new();
    values("", Some(&side(model)), Some(&side(schema)), &mut found);
    found
}

fn values(path: &str, model: Option<&Value>, schema: Option<&Value>, found: &mut Vec<Difference>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}/{key}")
        }
    };
    match (model, schema) {
        (Some(model), Some(schema)) if model == schema => {}
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                values(&below(key), ours.get(key), theirs.get(key), found);
            }
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            let ours_only = without(ours, theirs);
            let theirs_only = without(theirs, ours);
            // One element against one: the same thing said differently, rather than two things.
            if let ([one], [other]) = (ours_only.as_slice(), theirs_only.as_slice()) {
                return values(&below("*"), Some(one), Some(other), found);
            }
            for only in ours_only {
                found.push(Difference {
                    path: below("*"),
                    model: Some(only),
                    schema: None,
                });
            }
            for only in theirs_only {
                found.push(Difference {
                    path: below("*"),
                    model: None,
                    schema: Some(only),
                });
            }
        }
        (model, schema) => {
            found.push(Difference {
                path: path.to_owned(),
                model: model.cloned(),
                schema: schema.cloned(),
            });
        }
    }
}

/// The elements of one list that the other has not, counting equal ones.
fn without(list: &[Value], other: &[Value]) -> Vec<Value> {
    let mut left = other.to_vec();
    let mut only = Vec::new();
    for element in list {
        match left.iter().position(|candidate| candidate == element) {
            Some(at) => drop(left.swap_remove(at)),
            None => only.push(element.clone()),
        }
    }
    only
}

impl Slip {
    fn is(&self, difference: &Difference) -> bool {
        let same = |text: &str, value: &Option<Value>| match value {
            None => text.is_empty(),
            Some(value) => serde_json::from_str::<Value>(text).is_ok_and(|slip| slip == *value),
        };
        self.path == difference.path
            && same(&self.model, &difference.model)
            && same(&self.schema, &difference.schema)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), Value::to_string)
        };
        write!(
            f,
            "{}\n    model:  {}\n    schema: {}",
            self.path,
            side(&self.model),
            side(&self.schema)
        )
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})\n    {}", self.path, self.see, self.reason)
    }
}

#[cfg(test)]
mod tests;
