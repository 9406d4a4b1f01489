//! Reads a model from its files: one TOML document, or a folder of them in the order of their names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::check;
use super::model::{Area, Kind, Model, Type, Used};

/// Where the models of this workspace live, one folder a revision.
pub fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("model")
}

/// The model at `path`, checked; or everything that is wrong with it.
pub fn load(path: &Path) -> Result<Model, Vec<String>> {
    load_from(path, &mut Vec::new())
}

/// A model out of the texts of its files, checked. `place` finds the models that it uses.
fn assemble(
    texts: Vec<(String, String)>,
    mut place: impl FnMut(&str) -> Result<Model, Vec<String>>,
) -> Result<Model, Vec<String>> {
    let mut model = Model::default();
    let mut problems = Vec::new();
    for (file, text) in texts {
        match toml::from_str::<Area>(&text) {
            Ok(area) => model.areas.push(area),
            Err(error) => problems.push(format!("{file}: {error}")),
        }
    }
    let mut loaded: BTreeMap<String, Model> = BTreeMap::new();
    let mut listed = BTreeSet::new();
    for used in model.areas.iter().flat_map(|area| &area.uses) {
        if !loaded.contains_key(&used.model) {
            match place(&used.model) {
                Ok(other) => drop(loaded.insert(used.model.clone(), other)),
                Err(why) => {
                    problems.extend(why);
                    continue;
                }
            }
        }
        let Some(other) = loaded.get(&used.model) else {
            continue;
        };
        for name in &used.types {
            if other.resolve(name).is_none() {
                problems.push(format!(
                    "the model {:?} has no type {name} to use",
                    used.model
                ));
            }
            listed.insert(name.clone());
            take(&mut model.used, other, &used.path, name);
        }
    }
    own_first(&mut model, &listed);
    if problems.is_empty() {
        problems = check::problems(&model);
    }
    if problems.is_empty() {
        Ok(model)
    } else {
        Err(problems)
    }
}

/// What is not listed in a `[[use]]`, but came along with what is, gives way to a type of the model's
/// own, unless a member that the model takes over is of that type.
fn own_first(model: &mut Model, listed: &BTreeSet<String>) {
    let own: Vec<&Type> = model.areas.iter().flat_map(|area| &area.types).collect();
    let mut needed = listed.clone();
    for name in own.iter().flat_map(|ty| ty.names()) {
        if let Some(used) = model.used.get(&name) {
            let refined = own.iter().any(|ty| ty.refines.as_ref() == Some(&name));
            if refined || used.ty.kind == Kind::Alias {
                needed.extend(used.ty.names());
            }
        }
    }
    let own: BTreeSet<String> = own.iter().map(|ty| ty.name.clone()).collect();
    model
        .used
        .retain(|name, _| needed.contains(name) || !own.contains(name));
}

/// Takes a type over from another model, with all that it is made of.
fn take(used: &mut BTreeMap<String, Used>, other: &Model, path: &str, name: &str) {
    let Some(ty) = other.complete(name) else {
        return;
    };
    let names = ty.names();
    if used
        .insert(
            name.to_owned(),
            Used {
                path: path.to_owned(),
                ty,
            },
        )
        .is_none()
    {
        for name in names {
            take(used, other, path, &name);
        }
    }
}

fn load_from(path: &Path, under_way: &mut Vec<PathBuf>) -> Result<Model, Vec<String>> {
    let canonical = path
        .canonicalize()
        .map_err(|error| vec![format!("there is no model at {}: {error}", path.display())])?;
    if under_way.contains(&canonical) {
        return Err(vec![format!("the model {} uses itself", path.display())]);
    }
    let texts = read(&canonical).map_err(|why| vec![why])?;
    let folder = if canonical.is_dir() {
        Some(&*canonical)
    } else {
        canonical.parent()
    };
    let folder = folder.map(Path::to_owned).unwrap_or_default();
    under_way.push(canonical);
    let model = assemble(texts, |name| {
        let beside = folder.join(name);
        load_from(
            &if beside.exists() {
                beside
            } else {
                models().join(name)
            },
            under_way,
        )
    });
    under_way.pop();
    model
}

/// The texts of the files with their names.
fn read(path: &Path) -> Result<Vec<(String, String)>, String> {
    let failed =
        |path: &Path, error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files.clear();
        for entry in fs::read_dir(path).map_err(|error| failed(path, error))? {
            let file = entry.map_err(|error| failed(path, error))?.path();
            if file
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(file);
            }
        }
        files.sort();
    }
    if files.is_empty() {
        return Err(format!("there is no TOML file in {}", path.display()));
    }
    let text = |file: PathBuf| {
        let text = fs::read_to_string(&file).map_err(|error| failed(&file, error))?;
        Ok((file.display().to_string(), text))
    };
    files.into_iter().map(text).collect()
}

/// A model out of one TOML text.
pub fn from_text(text: &str) -> Result<Model, Vec<String>> {
    assemble(vec![("model".to_owned(), text.to_owned())], |name| {
        load(&models().join(name))
    })
}
