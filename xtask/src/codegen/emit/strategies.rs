//! The file of an area that property tests draw from: an `Arbitrary` for each type.

use std::fmt::Write;

use super::members::{Member, Shape, members};
use super::rust::{Scope, Telling, expr, generated, telling};
use super::text::scalar;
use crate::codegen::model::{Area, Expr, Kind, Type};

/// How many strategies a tuple of proptest may have, with room for nesting.
const TUPLE: usize = 8;

/// The whole file.
pub fn file(scope: &Scope<'_>, area: &Area) -> String {
    let mut body = String::new();
    for ty in generated(area).filter(|ty| ty.kind != Kind::Alias) {
        let _ = scope.plain(&ty.name);
        let _ = writeln!(
            body,
            "impl Arbitrary for {}<'static> {{
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {{
        {}
    }}
}}\n",
            ty.name,
            one(scope, ty)
        );
    }
    let mut text = scope.header(Some(area));
    text.push_str("//! What property tests draw the types of [`super`] from.\n\n");
    text.push_str("use proptest::arbitrary::Arbitrary;\nuse proptest::strategy::{BoxedStrategy, Strategy};\n\n");
    let imports = scope.imports(area, 1);
    text.push_str(&imports);
    let _ = writeln!(text, "use {}::support::strategy;\n", scope.options.support);
    text.push_str(&body);
    if !body.contains(".prop_") && !body.contains(".boxed()") {
        text = text.replacen("{BoxedStrategy, Strategy}", "BoxedStrategy", 1);
    }
    text
}

fn one(scope: &Scope<'_>, ty: &Type) -> String {
    match ty.kind {
        Kind::Object => object(scope, ty),
        Kind::Raw => raw(scope, ty),
        Kind::Enum => {
            let values: Vec<String> = ty
                .values
                .iter()
                .map(|value| format!("{:?}", value.value))
                .collect();
            format!(
                "strategy::value(&[{}]).prop_map(Self::from).boxed()",
                values.join(", ")
            )
        }
        Kind::Alias => String::new(),
        Kind::Union => union(scope, ty),
    }
}

fn object(scope: &Scope<'_>, ty: &Type) -> String {
    let mut parts: Vec<(String, String)> = members(scope.model, ty)
        .iter()
        .filter(|member| !matches!(member.shape, Shape::Fixed(_)))
        .map(|member| (member.name.clone(), member_strategy(scope, ty, member)))
        .collect();
    parts.push(("extra".to_owned(), "strategy::extra()".to_owned()));
    // Patterns and strategies have the same nesting.
    let nested = |texts: Vec<&str>| tuple(&texts.chunks(TUPLE).map(tuple).collect::<Vec<_>>());
    let pattern = nested(parts.iter().map(|(name, _)| &**name).collect());
    let strategy = nested(parts.iter().map(|(_, strategy)| &**strategy).collect());
    let fields: Vec<&str> = parts.iter().map(|(name, _)| &**name).collect();
    format!(
        "{strategy}.prop_map(|{pattern}| Self {{ {} }}).boxed()",
        fields.join(", ")
    )
}

/// `a` or `(a, b)`.
fn tuple(texts: &[impl AsRef<str>]) -> String {
    match texts {
        [one] => one.as_ref().to_owned(),
        some => format!(
            "({})",
            some.iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

fn member_strategy(scope: &Scope<'_>, ty: &Type, member: &Member) -> String {
    if matches!(member.shape, Shape::OptionalFixed(_)) {
        return "strategy::boolean()".to_owned();
    }
    let optional = matches!(member.shape, Shape::Optional);
    if reaches(scope, &member.expr, &ty.name, &mut Vec::new()) {
        return if optional {
            "strategy::just(None)".to_owned()
        } else {
            "strategy::just(Default::default())".to_owned()
        };
    }
    let field = &member.field;
    let mut text = match scope.resolved(&member.expr) {
        Expr::Integer => format!(
            "strategy::integer({:?}, {:?})",
            field.minimum, field.maximum
        ),
        Expr::Number => format!("strategy::number({:?}, {:?})", field.minimum, field.maximum),
        Expr::Array(item) => format!(
            "strategy::array({}, {:?})",
            strategy(scope, &item),
            field.max_items
        ),
        _ => strategy(scope, &member.expr),
    };
    if let Some(preset) = &field.preset {
        let into = if matches!(scope.resolved(&member.expr), Expr::Integer) {
            ""
        } else {
            ".into()"
        };
        text = format!("strategy::mostly({}{into}, {text})", scalar(preset));
    }
    if optional {
        format!("strategy::optional({text})")
    } else {
        text
    }
}

fn strategy(scope: &Scope<'_>, expr: &Expr) -> String {
    match scope.resolved(expr) {
        Expr::String { .. } => "strategy::text()".to_owned(),
        Expr::Integer => "strategy::integer(None, None)".to_owned(),
        Expr::Number => "strategy::number(None, None)".to_owned(),
        Expr::Boolean => "strategy::boolean()".to_owned(),
        Expr::Any => "strategy::value_of_any_kind()".to_owned(),
        Expr::Object => "strategy::object()".to_owned(),
        Expr::Array(item) => format!("strategy::array({}, None)", strategy(scope, &item)),
        Expr::Map(value) => format!("strategy::map({})", strategy(scope, &value)),
        Expr::Nullable(value) => format!("strategy::optional({})", strategy(scope, &value)),
        Expr::Named(name) => format!("strategy::any::<{}>()", scope.with(&name, "'static")),
    }
}

fn raw(scope: &Scope<'_>, ty: &Type) -> String {
    let fixed: Vec<String> = ty
        .fields
        .iter()
        .filter(|field| !field.optional)
        .map(|field| match &field.constant {
            Some(value) => format!(
                "strategy::fixed_member({:?}, {})",
                field.name,
                scalar(value)
            ),
            None => format!(
                "strategy::member({:?}, {})",
                field.name,
                strategy(scope, &expr(&field.ty))
            ),
        })
        .collect();
    format!(
        "strategy::object_with(vec![{}]).prop_filter_map(\"fits\", |object| Self::try_from(object).ok()).boxed()",
        fixed.join(", ")
    )
}

fn union(scope: &Scope<'_>, ty: &Type) -> String {
    let unknown = match telling(scope, ty) {
        Ok(Telling::Asked) => {
            return "strategy::object().prop_map(|object| Self::from_value(object.into())).boxed()"
                .to_owned();
        }
        Ok(Telling::Tag { member, .. }) => format!("strategy::unknown_tag({member:?})"),
        Ok(Telling::Members) => "strategy::unknown_members()".to_owned(),
        _ => "strategy::null()".to_owned(),
    };
    let mut variants: Vec<String> = ty
        .variants
        .iter()
        .filter(|variant| !reaches(scope, &expr(&variant.ty), &ty.name, &mut Vec::new()))
        .map(|variant| {
            format!(
                "{}.prop_map(Self::{}).boxed()",
                strategy(scope, &expr(&variant.ty)),
                variant.name
            )
        })
        .collect();
    variants.push(format!("{unknown}.prop_map(Self::Unknown).boxed()"));
    format!(
        "strategy::union(vec![{}], |text| {}::decode_str::<{name}<'_>>(text).ok().map({name}::into_owned))",
        variants.join(", "),
        scope.options.support,
        name = ty.name,
    )
}

/// Whether values of this type can hold a value of the type `name`; strategies would never end.
fn reaches(scope: &Scope<'_>, from: &Expr, name: &str, seen: &mut Vec<String>) -> bool {
    match from {
        Expr::Array(inner) | Expr::Map(inner) | Expr::Nullable(inner) => {
            reaches(scope, inner, name, seen)
        }
        Expr::Named(next) if next == name => true,
        Expr::Named(next) if !seen.contains(next) => {
            seen.push(next.clone());
            let Some(ty) = scope.model.resolve(next).filter(|ty| !ty.builtin) else {
                return false;
            };
            let fields = scope.model.members(ty).into_iter().map(|field| field.ty);
            let variants = ty.variants.iter().map(|variant| variant.ty.clone());
            let mut parts = fields.chain(variants).chain(ty.target.clone());
            parts.any(|part| reaches(scope, &expr(&part), name, seen))
        }
        _ => false,
    }
}
