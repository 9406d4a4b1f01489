//! Members as fields and values as variants: what each is called in Rust, and how it is kept.

use std::collections::BTreeSet;

use super::rust::expr;
use crate::codegen::model::{Expr, Field, Model, Scalar, Type};
use crate::codegen::names;

/// How a member becomes a field.
pub enum Shape {
    /// Its value is fixed, and it is always there.
    Fixed(Scalar),
    /// Its value is fixed, and it may be absent: a `bool` says which.
    OptionalFixed(Scalar),
    /// Always there.
    Required,
    /// May be absent.
    Optional,
}

/// A member with everything that the emitters ask of it.
pub struct Member {
    pub field: Field,
    pub expr: Expr,
    /// Name of the Rust field.
    pub name: String,
    pub shape: Shape,
}

impl Member {
    /// Whether `new` asks for it.
    pub fn is_argument(&self) -> bool {
        !self.field.optional && self.field.preset.is_none() && !self.is_fixed()
    }

    pub fn is_fixed(&self) -> bool {
        matches!(self.shape, Shape::Fixed(_) | Shape::OptionalFixed(_))
    }
}

/// The members of an object in order, those that it refines first.
pub fn members(model: &Model, ty: &Type) -> Vec<Member> {
    let mut seen = BTreeSet::from(["extra".to_owned()]);
    let mut members = Vec::new();
    for field in model.members(ty) {
        let shape = match (&field.constant, field.optional) {
            (Some(value), false) => Shape::Fixed(value.clone()),
            (Some(value), true) => Shape::OptionalFixed(value.clone()),
            (None, optional) if optional || field.tolerate_absent => Shape::Optional,
            (None, _) => Shape::Required,
        };
        let mut name = field_name(&field.name);
        if matches!(shape, Shape::OptionalFixed(_)) {
            name = format!("explicit_{}", name.trim_end_matches('_'));
        }
        let name = numbered(&name, "_", &mut seen);
        members.push(Member {
            expr: expr(&field.ty),
            name,
            shape,
            field,
        });
    }
    members
}

/// `inputSchema` to `input_schema`, `_meta` to `meta`, `io.example/logLevel` to `log_level`, `ref` to `ref_`.
fn field_name(wire: &str) -> String {
    let name = names::screaming(names::last_segment(wire)).to_lowercase();
    let name = match name.as_str() {
        "" => "member".to_owned(),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("_{name}"),
        _ => name,
    };
    if KEYWORDS.contains(&&*name) {
        format!("{name}_")
    } else {
        name
    }
}

/// `toolChoice` to `tool_choice`: the name of an accessor.
pub fn snake(name: &str) -> String {
    names::screaming(name).to_lowercase()
}

/// The Rust variants of an enum, each with its value on the wire.
pub fn variants(ty: &Type) -> Vec<(String, &str)> {
    let mut seen = BTreeSet::from(["Unknown".to_owned(), "Self".to_owned()]);
    let mut variants = Vec::new();
    for value in &ty.values {
        let name = names::pascal(&value.value);
        let name = match name.as_str() {
            "" => "Value".to_owned(),
            "Unknown" | "Self" => format!("{name}Value"),
            _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("V{name}"),
            _ => name,
        };
        variants.push((numbered(&name, "", &mut seen), value.value.as_str()));
    }
    variants
}

/// The name, or the first of `name2`, `name3` ... that is still free.
fn numbered(name: &str, separator: &str, seen: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2_u32;
    while !seen.insert(free.clone()) {
        free = format!("{name}{separator}{number}");
        number += 1;
    }
    free
}

const KEYWORDS: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "into_owned",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "new",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::load;

    #[test]
    fn members_become_fields() {
        for (wire, field) in [
            ("inputSchema", "input_schema"),
            ("_meta", "meta"),
            ("$schema", "schema"),
            ("io.modelcontextprotocol/logLevel", "log_level"),
            ("ref", "ref_"),
            ("websiteUrl", "website_url"),
            ("ttlMs", "ttl_ms"),
            ("2fa", "_2fa"),
            ("日本", "member"),
        ] {
            assert_eq!(field_name(wire), field);
        }
    }

    #[test]
    fn values_become_variants_of_different_names() {
        let model = load::from_text(
            r#"
            area = "a"
            [[type]]
            name = "Switch"
            kind = "enum"
            values = [ { value = "on" }, { value = "On" }, { value = "" }, { value = "unknown" }, { value = "4k" } ]
            "#,
        )
        .unwrap();
        let names: Vec<String> = variants(&model.areas[0].types[0])
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["On", "On2", "Value", "UnknownValue", "V4k"]);
    }
}
