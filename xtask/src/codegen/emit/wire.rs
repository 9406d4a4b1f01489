//! The file of an area that serde calls: reading, writing, copies that borrow nothing.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::members::{Member, Shape, members, variants};
use super::rust::{Scope, Telling, expr, generated, telling};
use super::text::scalar;
use crate::codegen::model::{Area, Expr, Field, Kind, Scalar, Type};

/// The whole file.
pub fn file(scope: &Scope<'_>, area: &Area) -> Result<String, String> {
    let mut body = String::new();
    for ty in generated(area).filter(|ty| ty.kind != Kind::Alias) {
        body.push_str(&one(scope, ty)?);
        body.push('\n');
    }
    let mut text = scope.header(Some(area));
    let _ = writeln!(text, "//! Reading and writing the types of [`super`].\n");
    text.push_str(&scope.imports(area, 1));
    let _ = writeln!(text, "use {}::support;\n", scope.options.support);
    text.push_str(&body);
    Ok(text)
}

fn one(scope: &Scope<'_>, ty: &Type) -> Result<String, String> {
    let _ = scope.plain(&ty.name);
    match ty.kind {
        Kind::Object => Ok(object(scope, ty)),
        Kind::Raw => Ok(raw(scope, ty)),
        Kind::Enum => Ok(open_enum(scope, ty)),
        Kind::Alias => Ok(String::new()),
        Kind::Union => match telling(scope, ty)? {
            Telling::Asked => Ok(format!(
                "{}::__asked! {{ {} }}\n",
                scope.options.support, ty.name
            )),
            Telling::Tag {
                member,
                default,
                tags,
            } => Ok(tagged(scope, ty, member, default.as_deref(), &tags)),
            Telling::Members => by_members(scope, ty),
            Telling::JsonKind => by_kind(scope, ty),
        },
    }
}

/// What each member adds to the code of its object.
#[derive(Default)]
struct Lines {
    /// Where its value is kept while the object is read.
    slots: String,
    /// What fills that place.
    arms: String,
    /// What is asked of members whose value is not stored.
    fixed: String,
    fields: String,
    writes: String,
    owned: String,
}

impl Lines {
    fn add(&mut self, member: &Member) {
        let (field, wire) = (&member.name, &member.field.name);
        // Beside the names that the reading function has for itself.
        let slot = match field.as_str() {
            "access" | "member" => format!("{field}_"),
            _ => field.clone(),
        };
        let kept = match &member.shape {
            Shape::Fixed(value) | Shape::OptionalFixed(value) => {
                format!("Fixed::new({wire:?}, {})", scalar(value))
            }
            Shape::Required | Shape::Optional => format!("Slot::new({wire:?})"),
        };
        let _ = writeln!(self.slots, "let mut {slot} = support::{kept};");
        let _ = writeln!(self.arms, "{wire:?} => {slot}.fill(&mut access)?,");
        let _ = match &member.shape {
            Shape::Fixed(_) => writeln!(self.fixed, "{slot}.required::<A::Error>()?;"),
            Shape::OptionalFixed(_) => writeln!(self.fields, "{field}: {slot}.seen(),"),
            Shape::Required => writeln!(self.fields, "{field}: {slot}.required::<A::Error>()?,"),
            Shape::Optional => writeln!(self.fields, "{field}: {slot}.optional(),"),
        };
        let _ = match &member.shape {
            Shape::Fixed(value) => {
                writeln!(self.writes, "to.member({wire:?}, {})?;", written(value))
            }
            Shape::OptionalFixed(value) => {
                writeln!(
                    self.writes,
                    "if self.{field} {{ to.member({wire:?}, {})?; }}",
                    written(value)
                )
            }
            Shape::Required => writeln!(self.writes, "to.member({wire:?}, &self.{field})?;"),
            Shape::Optional => writeln!(
                self.writes,
                "to.optional({wire:?}, self.{field}.as_ref())?;"
            ),
        };
        let _ = match &member.shape {
            Shape::Fixed(_) => Ok(()),
            Shape::OptionalFixed(_) => writeln!(self.owned, "{field}: self.{field},"),
            Shape::Required | Shape::Optional => {
                writeln!(self.owned, "{field}: support::own(self.{field}),")
            }
        };
    }
}

fn object(scope: &Scope<'_>, ty: &Type) -> String {
    let members = members(scope.model, ty);
    let name = &ty.name;
    let support = &scope.options.support;
    let mut lines = Lines::default();
    for member in &members {
        lines.add(member);
    }
    let Lines {
        slots,
        arms,
        fixed,
        fields,
        writes,
        owned,
    } = lines;
    let wire = members
        .iter()
        .map(|member| format!("{:?}", member.field.name))
        .collect::<Vec<_>>()
        .join(", ");
    let (mutable, take) = if members.is_empty() {
        ("", "extra.fill(member, &mut access)?;".to_owned())
    } else {
        (
            "mut ",
            format!("match &*member {{ {arms} _ => extra.fill(member, &mut access)?, }}"),
        )
    };
    format!(
        "{support}::__by_object! {{ {name} }}

impl {name}<'_> {{
    const MEMBERS: &'static [&'static str] = &[{wire}];

    /// A copy that borrows nothing.
    #[inline]
    pub fn into_owned(self) -> {name}<'static> {{
        {name} {{ {owned} extra: support::own(self.extra), }}
    }}
}}

impl<'de: 'a, 'a> support::Object<'de> for {name}<'a> {{
    fn read<A: support::MapAccess<'de>>(mut access: A) -> core::result::Result<Self, A::Error> {{
        {slots} let mut extra = support::ExtraSlot::default();
        while let Some(member) = support::next_key(&mut access)? {{ {take} }}
        {fixed}Ok(Self {{ {fields} extra: extra.finish::<A::Error>()?, }})
    }}
}}

impl support::Serialize for {name}<'_> {{
    fn serialize<S: support::Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {{
        let {mutable}to = support::Writer::<S>::new(to)?;
        {writes}to.extra(&self.extra, Self::MEMBERS)
    }}
}}
"
    )
}

/// A fixed value as the argument of `Writer::member`.
fn written(value: &Scalar) -> String {
    match value {
        Scalar::String(_) => scalar(value),
        Scalar::Integer(_) => format!("&{}_i64", scalar(value)),
    }
}

fn raw(scope: &Scope<'_>, ty: &Type) -> String {
    let checks: Vec<String> = ty.fields.iter().map(|field| check(scope, field)).collect();
    format!(
        "{}::__raw_object!({}, [{}]);\n",
        scope.options.support,
        ty.name,
        checks.join(", ")
    )
}

fn check(scope: &Scope<'_>, field: &Field) -> String {
    let demand = match (&field.constant, expr(&field.ty)) {
        (Some(Scalar::String(text)), _) => format!("support::Demand::Text({text:?})"),
        (Some(value @ Scalar::Integer(_)), _) => {
            format!("support::Demand::Integer({})", scalar(value))
        }
        (None, Expr::Any) => "support::Demand::Any".to_owned(),
        (None, ty) => format!(
            "support::Demand::Is(|raw| support::is::<{}>(raw))",
            scope.ty(&ty, "'_")
        ),
    };
    format!(
        "support::Check {{ name: {:?}, required: {}, demand: {demand} }}",
        field.name, !field.optional
    )
}

fn open_enum(scope: &Scope<'_>, ty: &Type) -> String {
    let values: Vec<String> = variants(ty)
        .into_iter()
        .map(|(variant, value)| format!("{value:?} => {variant}"))
        .collect();
    format!(
        "{}::__open_enum! {{ {}: {} }}\n",
        scope.options.support,
        ty.name,
        values.join(", ")
    )
}

/// What all unions that are a Rust `enum` have.
fn union(scope: &Scope<'_>, ty: &Type) -> String {
    let name = &ty.name;
    let support = &scope.options.support;
    let (mut writes, mut owned, mut from) = (String::new(), String::new(), String::new());
    let mut seen = BTreeSet::new();
    for variant in &ty.variants {
        let target = expr(&variant.ty);
        let variant = &variant.name;
        let _ = writeln!(writes, "Self::{variant}(value) => value.serialize(to),");
        let _ = writeln!(
            owned,
            "Self::{variant}(value) => {name}::{variant}(support::own(value)),"
        );
        if seen.insert(scope.resolved(&target).to_string()) {
            for source in sources(scope, &target) {
                let lifetime = if source.contains("'a") {
                    ("<'a>", "'a")
                } else {
                    ("", "'_")
                };
                let _ = writeln!(
                    from,
                    "impl{} From<{source}> for {name}<{}> {{
                        fn from(value: {source}) -> Self {{ Self::{variant}(value{}) }}
                    }}\n",
                    lifetime.0,
                    lifetime.1,
                    if source == scope.ty(&target, "'a") {
                        ""
                    } else {
                        ".into()"
                    },
                );
            }
        }
    }
    format!(
        "{support}::__by_decode! {{ {name} }}

impl {name}<'_> {{
    /// A copy that borrows nothing.
    #[inline]
    pub fn into_owned(self) -> {name}<'static> {{
        match self {{ {owned} Self::Unknown(value) => {name}::Unknown(value.into_owned()), }}
    }}
}}

impl support::Serialize for {name}<'_> {{
    fn serialize<S: support::Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {{
        match self {{ {writes} Self::Unknown(value) => value.serialize(to), }}
    }}
}}

{from}"
    )
}

/// What a variant is made from.
fn sources(scope: &Scope<'_>, expr: &Expr) -> Vec<String> {
    let own = scope.ty(expr, "'a");
    match scope.resolved(expr) {
        Expr::String { .. } => vec![own, "&'a str".to_owned(), "support::String".to_owned()],
        Expr::Number => vec![own, "f64".to_owned(), "i64".to_owned()],
        // What a peer sends under `Unknown` is this type too.
        Expr::Any | Expr::Object => Vec::new(),
        _ => vec![own],
    }
}

fn tagged(
    scope: &Scope<'_>,
    ty: &Type,
    member: &str,
    default: Option<&str>,
    tags: &[String],
) -> String {
    let name = &ty.name;
    let mut arms = String::new();
    for (variant, tag) in ty.variants.iter().zip(tags) {
        let _ = writeln!(
            arms,
            "{tag:?} => members.read().map(Self::{}),",
            variant.name
        );
    }
    format!(
        "impl<'de: 'a, 'a> support::Decode<'de> for {name}<'a> {{
    fn decode<D: support::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {{
        support::tagged(from)
    }}
}}

impl<'de: 'a, 'a> support::Tagged<'de> for {name}<'a> {{
    const TAG: &'static str = {member:?};
    const DEFAULT: Option<&'static str> = {default:?};

    fn variant<A: support::MapAccess<'de>>(
        tag: &str, members: support::Replay<'de, A>
    ) -> core::result::Result<Self, A::Error> {{
        match tag {{ {arms} _ => members.unknown().map(Self::Unknown), }}
    }}
}}

{}",
        union(scope, ty)
    )
}

fn by_members(scope: &Scope<'_>, ty: &Type) -> Result<String, String> {
    let name = &ty.name;
    let mut looked_at = BTreeSet::new();
    let mut body = String::new();
    for variant in &ty.variants {
        let mut conditions = Vec::new();
        for when in &variant.when {
            conditions.push(condition(when, &mut looked_at));
        }
        if conditions.is_empty() {
            return Err(format!("{name}: variant {} needs a `when`", variant.name));
        }
        let _ = writeln!(
            body,
            "if {} {{ return look.read().map(Self::{}); }}",
            conditions.join(" && "),
            variant.name
        );
    }
    let looked_at = looked_at
        .iter()
        .map(|name| format!("{name:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(format!(
        "impl<'de: 'a, 'a> support::Decode<'de> for {name}<'a> {{
    fn decode<D: support::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {{
        let look = support::Look::at(from, &[{looked_at}])?;
        {body}
        Ok(Self::Unknown(look.unknown()))
    }}
}}

{}",
        union(scope, ty)
    ))
}

/// `name`, `name=value`, `!name`, `a.b`, `a.b=value` as a call of `Look`.
fn condition(when: &str, looked_at: &mut BTreeSet<String>) -> String {
    let (not, when) = match when.strip_prefix('!') {
        Some(when) => ("!", when),
        None => ("", when),
    };
    let (path, value) = match when.split_once('=') {
        Some((path, value)) => (path, Some(value)),
        None => (when, None),
    };
    let (outer, inner) = match path.split_once('.') {
        Some((outer, inner)) => (outer, Some(inner)),
        None => (path, None),
    };
    looked_at.insert(outer.to_owned());
    match (inner, value) {
        (None, None) => format!("{not}look.has({outer:?})"),
        (None, Some(value)) => format!("{not}look.is({outer:?}, {value:?})"),
        (Some(inner), None) => format!("{not}look.has_in({outer:?}, {inner:?})"),
        (Some(inner), Some(value)) => format!("{not}look.is_in({outer:?}, {inner:?}, {value:?})"),
    }
}

fn by_kind(scope: &Scope<'_>, ty: &Type) -> Result<String, String> {
    let name = &ty.name;
    let has_integer = ty
        .variants
        .iter()
        .any(|variant| scope.resolved(&expr(&variant.ty)) == Expr::Integer);
    let mut arms = String::new();
    for variant in &ty.variants {
        let target = expr(&variant.ty);
        let kinds = match scope.resolved(&target) {
            Expr::String { .. } => "String",
            Expr::Integer => "Integer",
            Expr::Number if has_integer => "Number",
            Expr::Number => "Number | support::JsonKind::Integer",
            Expr::Boolean => "Boolean",
            Expr::Array(_) => "Array",
            Expr::Object | Expr::Map(_) => "Object",
            Expr::Named(_) => match scope.named(&target).map(|ty| (ty.kind, &*ty.name)) {
                Some((Kind::Enum, _)) => "String",
                Some((_, "JSONArray")) => "Array",
                _ => "Object",
            },
            Expr::Any | Expr::Nullable(_) => {
                return Err(format!(
                    "{name}: variant {} can be of any kind",
                    variant.name
                ));
            }
        };
        let _ = writeln!(
            arms,
            "support::JsonKind::{kinds} => kept.read().map(Self::{}),",
            variant.name
        );
    }
    Ok(format!(
        "impl<'de: 'a, 'a> support::Decode<'de> for {name}<'a> {{
    fn decode<D: support::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {{
        let (kind, kept) = support::by_kind(from)?;
        match kind {{ {arms} _ => Ok(Self::Unknown(kept.unknown())), }}
    }}
}}

{}",
        union(scope, ty)
    ))
}
