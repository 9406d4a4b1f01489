//! The file of an area that people read: types, constructors, setters.

use std::fmt::Write;

use super::members::{Member, Shape, members, snake, variants};
use super::rust::{Scope, Telling, expr, generated, telling};
use super::text::{docs, scalar, sentence};
use crate::codegen::model::{Area, Expr, Field, Kind, Scalar, Type};

/// The whole file.
pub fn file(scope: &Scope<'_>, area: &Area) -> Result<String, String> {
    let mut body = String::new();
    for ty in generated(area) {
        body.push_str(&one(scope, ty)?);
        body.push('\n');
    }
    let mut text = scope.header(Some(area));
    text.push_str(&docs(
        &sentence(
            &area.doc,
            &format!("The area `{}` of the model.", area.area),
            &[],
        ),
        "",
        "//!",
    ));
    text.push('\n');
    if generated(area).any(|ty| ty.kind != Kind::Alias) {
        if scope.options.strategies {
            text.push_str("#[cfg(feature = \"proptest\")]\nmod strategies;\n");
        }
        text.push_str("mod wire;\n\n");
    }
    text.push_str(&scope.imports(area, 0));
    text.push('\n');
    text.push_str(&body);
    Ok(text)
}

fn one(scope: &Scope<'_>, ty: &Type) -> Result<String, String> {
    match ty.kind {
        Kind::Object => Ok(object(scope, ty)),
        Kind::Raw => Ok(raw(scope, ty)),
        Kind::Enum => Ok(open_enum(scope, ty)),
        Kind::Alias => Ok(alias(scope, ty)),
        Kind::Union => match telling(scope, ty)? {
            Telling::Asked => Ok(asked(scope, ty)),
            _ => Ok(union(scope, ty)),
        },
    }
}

fn type_docs(ty: &Type, more: &str) -> String {
    let mut text = sentence(
        &ty.doc,
        &format!("The type `{}` of the schema.", ty.name),
        &ty.see,
    );
    if !more.is_empty() {
        let _ = write!(text, "\n\n{more}");
    }
    docs(&text, "", "///")
}

fn object(scope: &Scope<'_>, ty: &Type) -> String {
    let members = members(scope.model, ty);
    let name = &ty.name;
    let mut text = type_docs(ty, &fixed_sentence(&members));
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, PartialEq)]\n#[non_exhaustive]\npub struct {name}<'a> {{"
    );
    for member in members
        .iter()
        .filter(|member| !matches!(member.shape, Shape::Fixed(_)))
    {
        text.push_str(&docs(&field_sentence(member), "    ", "///"));
        let _ = writeln!(
            text,
            "    pub {}: {},",
            member.name,
            field_type(scope, member)
        );
    }
    let extra = scope.with("Extra", "'a");
    let _ = writeln!(
        text,
        "    /// Members that the schema does not name, as they came.\n    pub extra: {extra},\n}}\n"
    );
    text.push_str(&constructor(scope, ty, &members));
    text
}

fn constructor(scope: &Scope<'_>, ty: &Type, members: &[Member]) -> String {
    let name = &ty.name;
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut setters = String::new();
    for member in members {
        let field = &member.name;
        let (argument, convert) = scope.argument(field, &member.expr);
        let optional = matches!(member.shape, Shape::Optional);
        let wrapped = |value: String| {
            if optional {
                format!("Some({value})")
            } else {
                value
            }
        };
        if matches!(member.shape, Shape::Fixed(_)) {
            continue;
        }
        if member.is_argument() {
            arguments.push(format!("{field}: {argument}"));
            let value = wrapped(convert);
            values.push(if value == *field {
                value
            } else {
                format!("{field}: {value}")
            });
            continue;
        }
        let initial = match (&member.field.preset, &member.shape) {
            (_, Shape::OptionalFixed(_)) => "false".to_owned(),
            (Some(preset), _) => wrapped(preset_value(preset, &member.expr)),
            (None, _) => "None".to_owned(),
        };
        values.push(format!("{field}: {initial}"));
        if matches!(member.shape, Shape::OptionalFixed(_)) {
            let _ = writeln!(
                setters,
                "\n    /// Sets [`{field}`](Self::{field}).\n    pub fn {field}(mut self, {field}: bool) -> Self {{
                self.{field} = {field};\n self }}"
            );
        } else {
            let value = wrapped(convert);
            let _ = writeln!(
                setters,
                "\n    /// Sets [`{field}`](Self::{field}).\n    pub fn {field}(mut self, {field}: {argument}) -> Self {{
                self.{field} = {value};\n self }}"
            );
        }
    }
    let extra = scope.plain("Extra");
    let what = if arguments.is_empty() {
        "without optional members"
    } else {
        "of its required members"
    };
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) {
        "An"
    } else {
        "A"
    };
    let mut text =
        format!(
        "impl<'a> {name}<'a> {{\n    /// {article} `{name}` {what}.\n    pub fn new({}) -> Self {{
        Self {{ {} }}\n    }}\n{setters}}}\n",
        arguments.join(", "),
        values.into_iter().chain([format!("extra: {extra}::new()")]).collect::<Vec<_>>().join(", "),
    );
    if arguments.is_empty() {
        if !setters.contains("'a") {
            text = text.replacen(
                &format!("impl<'a> {name}<'a>"),
                &format!("impl {name}<'_>"),
                1,
            );
        }
        let _ = writeln!(
            text,
            "\nimpl Default for {name}<'_> {{\n    fn default() -> Self {{\n        Self::new()\n    }}\n}}"
        );
    } else if !arguments.concat().contains("'a") && !setters.contains("'a") {
        text = text.replacen(
            &format!("impl<'a> {name}<'a>"),
            &format!("impl {name}<'_>"),
            1,
        );
    }
    text
}

/// What `new` fills in.
fn preset_value(preset: &Scalar, expr: &Expr) -> String {
    match (preset, expr) {
        (Scalar::Integer(_), Expr::Integer) => scalar(preset),
        _ => format!("{}.into()", scalar(preset)),
    }
}

fn field_type(scope: &Scope<'_>, member: &Member) -> String {
    match member.shape {
        Shape::Fixed(_) | Shape::OptionalFixed(_) => "bool".to_owned(),
        Shape::Required => scope.ty(&member.expr, "'a"),
        Shape::Optional => format!("Option<{}>", scope.ty(&member.expr, "'a")),
    }
}

/// `On the wire, `jsonrpc` is always `"2.0"`.`
fn fixed_sentence(members: &[Member]) -> String {
    let fixed: Vec<String> = members
        .iter()
        .filter_map(|member| match &member.shape {
            Shape::Fixed(Scalar::String(text)) => {
                Some(format!("`{}` is always `{text:?}`", member.field.name))
            }
            Shape::Fixed(Scalar::Integer(n)) => {
                Some(format!("`{}` is always `{n}`", member.field.name))
            }
            _ => None,
        })
        .collect();
    match fixed.as_slice() {
        [] => String::new(),
        fixed => format!("On the wire, {}.", fixed.join(" and ")),
    }
}

/// What is said of a member besides the model's sentence: its bounds, its format, what may be absent.
pub fn notes(field: &Field) -> Vec<String> {
    let mut notes = Vec::new();
    match (field.minimum, field.maximum) {
        (Some(low), Some(high)) => notes.push(format!("From {low} to {high}.")),
        (Some(low), None) => notes.push(format!("At least {low}.")),
        (None, Some(high)) => notes.push(format!("At most {high}.")),
        (None, None) => {}
    }
    if let Some(most) = field.max_items {
        notes.push(format!("At most {most} items."));
    }
    match expr(&field.ty) {
        Expr::String {
            format: Some(format),
        } if format == "uri" => notes.push("A URI.".to_owned()),
        Expr::String {
            format: Some(format),
        } if format == "byte" => notes.push("Base64.".to_owned()),
        Expr::String {
            format: Some(format),
        } if format == "uri-template" => {
            notes.push("A URI template (RFC 6570).".to_owned());
        }
        Expr::String {
            format: Some(format),
        } => notes.push(format!("A `{format}`.")),
        _ => {}
    }
    if field.tolerate_absent {
        notes.push(
            "Always written; `None` only when read from a peer that leaves it out.".to_owned(),
        );
    }
    notes
}

fn field_sentence(member: &Member) -> String {
    let wire = &member.field.name;
    if let Shape::OptionalFixed(value) = &member.shape {
        let doc = sentence(&member.field.doc, &format!("The member `{wire}`."), &[]);
        return format!(
            "{doc}\n\nWhether `{wire}`, which is always `{}`, is written; it may be left out.",
            scalar(value)
        );
    }
    let mut text = sentence(&member.field.doc, &format!("The member `{wire}`."), &[]);
    for note in notes(&member.field) {
        let _ = write!(text, " {note}");
    }
    text
}

fn raw(scope: &Scope<'_>, ty: &Type) -> String {
    let demands: Vec<String> = ty
        .fields
        .iter()
        .filter_map(|field| match (&field.constant, field.optional) {
            (Some(value), false) => Some(format!("`{}` is `{}`", field.name, scalar(value))),
            (Some(value), true) => Some(format!(
                "`{}`, if there, is `{}`",
                field.name,
                scalar(value)
            )),
            (None, false) => Some(format!("there is a `{}`", field.name)),
            (None, true) => None,
        })
        .collect();
    let mut more = "Kept as the JSON text that it came as.".to_owned();
    if !demands.is_empty() {
        let _ = write!(more, " Checked when read or made: {}.", demands.join(", "));
    }
    let object = scope.with("JSONObject", "'a");
    format!(
        "{}#[derive(Clone, PartialEq)]\npub struct {}<'a>({object});\n",
        type_docs(ty, &more),
        ty.name
    )
}

fn open_enum(scope: &Scope<'_>, ty: &Type) -> String {
    let name = &ty.name;
    let mut text = type_docs(ty, "");
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, PartialEq, Eq, Hash)]\n#[non_exhaustive]\npub enum {name}<'a> {{"
    );
    let mut arms = String::new();
    for (value, (variant, _)) in ty.values.iter().zip(variants(ty)) {
        text.push_str(&docs(
            &sentence(&value.doc, &format!("`{}`", value.value), &[]),
            "    ",
            "///",
        ));
        let _ = writeln!(text, "    {variant},");
        let _ = writeln!(arms, "Self::{variant} => {:?},", value.value);
    }
    let other = scope.ty(&Expr::String { format: None }, "'a");
    let _ = writeln!(
        text,
        "    /// A value that this revision does not know, as it came.\n    Unknown({other}),\n}}\n"
    );
    let _ = writeln!(
        text,
        "impl {name}<'_> {{\n    /// The value on the wire.\n    pub fn as_str(&self) -> &str {{
        match self {{ {arms} Self::Unknown(value) => value, }} }} }}"
    );
    text
}

fn alias(scope: &Scope<'_>, ty: &Type) -> String {
    let target = expr(ty.target.as_deref().unwrap_or("any"));
    let lifetime = if scope.borrows(&target) { "<'a>" } else { "" };
    format!(
        "{}pub type {}{lifetime} = {};\n",
        type_docs(ty, ""),
        ty.name,
        scope.ty(&target, "'a")
    )
}

fn union(scope: &Scope<'_>, ty: &Type) -> String {
    let name = &ty.name;
    let mut text = type_docs(ty, "");
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, PartialEq)]\n#[non_exhaustive]\npub enum {name}<'a> {{"
    );
    for variant in &ty.variants {
        let target = expr(&variant.ty);
        text.push_str(&docs(
            &sentence(&variant.doc, &format!("A `{}`.", variant.ty), &[]),
            "    ",
            "///",
        ));
        let _ = writeln!(text, "    {}({}),", variant.name, scope.ty(&target, "'a"));
    }
    let other = scope.with("JSONValue", "'a");
    let _ = writeln!(
        text,
        "    /// What this revision does not know, as it came.\n    Unknown({other}),\n}}"
    );
    text
}

fn asked(scope: &Scope<'_>, ty: &Type) -> String {
    let name = &ty.name;
    let value = scope.with("JSONValue", "'a");
    let error = scope.plain("DecodeError");
    let more = "Which of its types it is cannot be seen; whoever asked knows. Kept as the JSON text that it came as, \
                with one reading for each type.";
    let mut text = type_docs(ty, more);
    let _ = writeln!(
        text,
        "#[derive(Clone, PartialEq)]\npub struct {name}<'a>({value});\n\nimpl {name}<'_> {{"
    );
    for (at, variant) in ty.variants.iter().enumerate() {
        let target = scope.ty(&expr(&variant.ty), "'_");
        if at > 0 {
            text.push('\n');
        }
        let doc = sentence(
            &variant.doc,
            &format!("Reads it as a `{}`.", variant.ty),
            &[],
        );
        text.push_str(&docs(&doc, "    ", "///"));
        let _ = writeln!(
            text,
            "    #[inline]\n    pub fn as_{}(&self) -> core::result::Result<{target}, {error}> {{ self.0.parse() }}",
            snake(&variant.name)
        );
    }
    text.push_str("}\n");
    text
}
