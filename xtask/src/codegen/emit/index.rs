//! Lists of everything: the module of the generated files, the constants, the exports of the crate, the
//! types that tests go through.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::rust::{Scope, generated, generated_areas};
use super::text::{docs, grouped, sentence};
use crate::codegen::model::{Area, Constant, Kind, Scalar};

const BEGIN: &str = "// Exports: written by `cargo xtask codegen` from here";
const END: &str = "// to here.";

/// `mod.rs` of the generated files.
pub fn module(scope: &Scope<'_>) -> String {
    let own = scope.options.workspace.is_some();
    let visibility = if own { "pub(crate) " } else { "" };
    let mut text = scope.header(None);
    let what = "The types of the protocol model, one module an area; their serde code stands beside each in `wire`.";
    text.push_str(&docs(what, "", "//!"));
    text.push_str(
        "
#![allow(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = \"a box would cost an allocation for each content block, and stand in the way of patterns\"
)]
#![allow(clippy::semicolon_if_nothing_returned, reason = \"rustfmt breaks an arm where a name is long\")]
#![allow(clippy::struct_excessive_bools, reason = \"so is the schema\")]
#![allow(clippy::too_many_arguments, reason = \"as many as the schema requires members\")]
#![allow(clippy::too_many_lines, reason = \"one line a member\")]
#![allow(clippy::struct_field_names, reason = \"the schema's names, letter for letter\")]
#![allow(clippy::enum_variant_names, reason = \"the schema's names, letter for letter\")]

",
    );
    if !own {
        text.push_str(
            "#![allow(clippy::pedantic, clippy::module_inception, reason = \"not written with your lints in mind\")]\n\n",
        );
    }
    if constants(scope).is_some() {
        let _ = writeln!(text, "{visibility}mod constants;");
    }
    for area in generated_areas(scope.model) {
        let _ = writeln!(text, "{visibility}mod {};", area.area);
    }
    if !own {
        text.push('\n');
        for (path, names) in exports(scope) {
            let _ = writeln!(text, "pub use {path}::{{{}}};", names.join(", "));
        }
    }
    text
}

/// The names of each module, in its order.
fn exports(scope: &Scope<'_>) -> Vec<(String, Vec<String>)> {
    let mut exports = Vec::new();
    let groups = groups(scope);
    if !groups.is_empty() {
        let mut names = Vec::new();
        for (group, constants) in groups {
            if group.is_empty() {
                names.extend(constants.iter().map(|constant| constant.name.clone()));
            } else {
                names.push(group.to_owned());
            }
        }
        exports.push(("constants".to_owned(), names));
    }
    for area in generated_areas(scope.model) {
        exports.push((
            area.area.clone(),
            generated(area).map(|ty| ty.name.clone()).collect(),
        ));
    }
    exports
}

/// `lib.rs` with the list of exports between its two marks renewed.
pub fn with_exports(scope: &Scope<'_>, lib: &str) -> Result<String, String> {
    let parts = lib
        .split_once(BEGIN)
        .and_then(|(front, rest)| Some((front, rest.split_once(END)?.1)));
    let Some((front, back)) = parts else {
        return Err(format!("lib.rs needs the lines {BEGIN:?} and {END:?}"));
    };
    let mut text = format!("{front}{BEGIN}\n");
    for (path, names) in exports(scope) {
        let _ = writeln!(text, "pub use generated::{path}::{{{}}};", names.join(", "));
    }
    let _ = write!(text, "{END}{back}");
    Ok(text)
}

fn groups<'m>(scope: &Scope<'m>) -> BTreeMap<&'m str, Vec<&'m Constant>> {
    let mut groups: BTreeMap<&str, Vec<&Constant>> = BTreeMap::new();
    for constant in scope.model.areas.iter().flat_map(|area| &area.constants) {
        groups.entry(&constant.group).or_default().push(constant);
    }
    groups
}

/// The file of the constants, if there are any.
pub fn constants(scope: &Scope<'_>) -> Option<String> {
    let groups = groups(scope);
    if groups.is_empty() {
        return None;
    }
    let mut text = scope.header(None);
    text.push_str("//! Names and numbers of the protocol.\n\n");
    for (group, constants) in groups {
        if group.is_empty() {
            text.extend(constants.into_iter().map(one));
            continue;
        }
        let what = match group {
            "error_code" => "Codes of JSON-RPC errors.",
            "meta_key" => "Keys of `_meta` that the protocol defines.",
            "method" => "Methods of requests and notifications.",
            _ => "Names and numbers of one kind.",
        };
        let _ = writeln!(text, "/// {what}\npub mod {group} {{");
        text.extend(constants.into_iter().map(one));
        text.push_str("}\n\n");
    }
    Some(text)
}

fn one(constant: &Constant) -> String {
    let (ty, value) = match &constant.value {
        Scalar::String(value) => ("&str", format!("{value:?}")),
        Scalar::Integer(value) => ("i64", grouped(*value)),
    };
    let shown = match &constant.value {
        Scalar::String(value) => value.clone(),
        Scalar::Integer(value) => value.to_string(),
    };
    let doc = docs(
        &sentence(&constant.doc, &format!("`{shown}`."), &[]),
        "",
        "///",
    );
    format!("{doc}pub const {}: {ty} = {value};\n", constant.name)
}

/// Macros for tests that go through all types.
pub fn every_type(scope: &Scope<'_>) -> String {
    let all = |filter: &dyn Fn(&Area) -> Vec<String>| {
        scope
            .model
            .areas
            .iter()
            .flat_map(filter)
            .collect::<Vec<_>>()
            .join("\n            ")
    };
    let types = all(&|area| {
        generated(area)
            .filter(|ty| ty.kind != Kind::Alias)
            .map(|ty| ty.name.clone())
            .collect()
    });
    let names = all(&|area| area.types.iter().map(|ty| ty.name.clone()).collect());
    format!(
        "{}//! Lists of all types, for tests that go through them.

/// Calls a macro with every generated type.
#[allow(unused_macros, reason = \"not every test uses both\")]
macro_rules! every_type {{
    ($each:ident) => {{
        $each! {{
            {types}
        }}
    }};
}}

/// Calls a macro with every name of the model, aliases and hand-written types among them.
#[allow(unused_macros, reason = \"not every test uses both\")]
macro_rules! every_name {{
    ($each:ident) => {{
        $each! {{
            {names}
        }}
    }};
}}
",
        scope.header(None)
    )
}
