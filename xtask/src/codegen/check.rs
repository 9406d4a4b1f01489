//! What can be wrong with a model by itself, before any schema or any Rust is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{By, Expr, Field, Kind, Model, Scalar, Type, Variant};

/// Everything that is wrong, one sentence each, with the name of the type it is about.
pub fn problems(model: &Model) -> Vec<String> {
    let mut check = Check {
        model,
        problems: Vec::new(),
    };
    check.names();
    for ty in model.areas.iter().flat_map(|area| &area.types) {
        check.ty(ty);
    }
    check.problems
}

/// The places without a sentence. A draft is full of them; a model that is committed has none.
pub fn without_doc(model: &Model) -> Vec<String> {
    let mut places = Vec::new();
    let mut need = |doc: &str, place: String| {
        if doc.trim().is_empty() {
            places.push(place);
        }
    };
    for area in &model.areas {
        need(&area.doc, format!("area {}", area.area));
        for constant in &area.constants {
            need(&constant.doc, format!("constant {}", constant.name));
        }
        for ty in &area.types {
            need(&ty.doc, ty.name.clone());
            for field in &ty.fields {
                need(&field.doc, format!("{}.{}", ty.name, field.name));
            }
            for value in &ty.values {
                need(&value.doc, format!("{}={}", ty.name, value.value));
            }
        }
    }
    places
}

struct Check<'a> {
    model: &'a Model,
    problems: Vec<String>,
}

impl Check<'_> {
    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn names(&mut self) {
        let model = self.model;
        let mut areas = BTreeSet::new();
        let mut types = BTreeMap::new();
        let mut constants = BTreeSet::new();
        for area in &model.areas {
            if area.area.is_empty()
                || !area
                    .area
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            {
                self.problem(format!(
                    "the area {:?} is no name of a Rust module",
                    area.area
                ));
            }
            if !areas.insert(&area.area) {
                self.problem(format!("two files call their area {:?}", area.area));
            }
            for ty in &area.types {
                if let Some(other) = types.insert(&ty.name, &area.area) {
                    self.problem(format!(
                        "{} is defined in {other} and again in {}",
                        ty.name, area.area
                    ));
                }
                if model.used.contains_key(&ty.name) {
                    self.problem(format!(
                        "{} is defined here and also used from another model",
                        ty.name
                    ));
                }
                if Expr::parse(&ty.name) != Ok(Expr::Named(ty.name.clone())) {
                    self.problem(format!("{:?} is no name of a type: it begins with a capital and has letters and digits", ty.name));
                }
            }
            for constant in &area.constants {
                if !constants.insert((&constant.group, &constant.name)) {
                    self.problem(format!(
                        "the constant {} is there twice in group {:?}",
                        constant.name, constant.group
                    ));
                }
            }
        }
    }

    fn ty(&mut self, ty: &Type) {
        let name = &ty.name;
        let has = [
            (
                "fields",
                !ty.fields.is_empty(),
                matches!(ty.kind, Kind::Object | Kind::Raw),
            ),
            (
                "additional",
                ty.additional.is_some(),
                matches!(ty.kind, Kind::Object | Kind::Raw),
            ),
            ("refines", ty.refines.is_some(), ty.kind == Kind::Object),
            ("values", !ty.values.is_empty(), ty.kind == Kind::Enum),
            ("is", ty.target.is_some(), ty.kind == Kind::Alias),
            ("by", ty.by.is_some(), ty.kind == Kind::Union),
            ("variants", !ty.variants.is_empty(), ty.kind == Kind::Union),
        ];
        for (key, there, allowed) in has {
            if there && !allowed {
                self.problem(format!(
                    "{name}: `{key}` has no meaning for this kind of type"
                ));
            }
            let needed = matches!(key, "values" | "is" | "by" | "variants");
            if !there && allowed && needed {
                self.problem(format!("{name}: `{key}` is missing"));
            }
        }
        if let Some(base) = &ty.refines {
            match self.model.resolve(base) {
                Some(base) if base.kind == Kind::Object => {}
                Some(_) => self.problem(format!("{name} refines {base}, which is no object")),
                None => self.problem(format!("{name} refines {base}, which is not known")),
            }
        }
        if let Some(additional) = ty.additional.as_deref().filter(|text| *text != "never") {
            self.expression(name, additional);
        }
        if let Some(target) = &ty.target {
            self.expression(name, target);
        }
        self.means_something(ty);
        self.inline_ends(ty);
        let mut members = BTreeSet::new();
        for field in &ty.fields {
            if !members.insert(&field.name) {
                self.problem(format!("{name}.{}: the member is there twice", field.name));
            }
            self.field(name, field);
        }
        let mut values = BTreeSet::new();
        for value in &ty.values {
            if !values.insert(&value.value) {
                self.problem(format!(
                    "{name}: the value {:?} is there twice",
                    value.value
                ));
            }
        }
        if let Some(by) = &ty.by {
            self.union(ty, by);
        }
    }

    fn field(&mut self, owner: &str, field: &Field) {
        let place = format!("{owner}.{}", field.name);
        let Some(expr) = self.expression(&place, &field.ty) else {
            return;
        };
        for (key, scalar) in [("const", &field.constant), ("preset", &field.preset)] {
            let fits = match (scalar, &expr) {
                (None, _)
                | (Some(Scalar::String(_)), Expr::String { .. })
                | (Some(Scalar::Integer(_)), Expr::Integer | Expr::Number) => true,
                (Some(Scalar::String(text)), Expr::Named(name)) => {
                    self.model.resolve(name).is_some_and(|ty| {
                        ty.kind == Kind::Enum && ty.values.iter().any(|value| value.value == *text)
                    })
                }
                _ => false,
            };
            if !fits {
                self.problem(format!("{place}: the `{key}` is no {}", field.ty));
            }
        }
        if field.tolerate_absent && field.optional {
            self.problem(format!(
                "{place}: an optional member needs no `tolerate_absent`"
            ));
        }
        let number = match &expr {
            Expr::Nullable(inner) => matches!(**inner, Expr::Integer | Expr::Number),
            other => matches!(other, Expr::Integer | Expr::Number),
        };
        if (field.minimum.is_some() || field.maximum.is_some()) && !number {
            self.problem(format!("{place}: only numbers have a minimum or a maximum"));
        }
        if field.max_items.is_some() && !matches!(expr, Expr::Array(_)) {
            self.problem(format!("{place}: only arrays have `max_items`"));
        }
    }

    /// Reads a type expression, whose name has to be known.
    fn expression(&mut self, place: &str, text: &str) -> Option<Expr> {
        match Expr::parse(text) {
            Err(why) => {
                self.problem(format!("{place}: {why}"));
                None
            }
            Ok(expr) => {
                if let Some(name) = expr
                    .name()
                    .filter(|name| self.model.resolve(name).is_none())
                {
                    self.problem(format!("{place}: there is no type {name}"));
                    return None;
                }
                Some(expr)
            }
        }
    }

    /// An alias or a union that is itself, with nothing in between, means nothing.
    fn means_something(&mut self, ty: &Type) {
        let stands_for = |ty: &Type| {
            let variants = ty.variants.iter().map(|variant| variant.ty.clone());
            variants.chain(ty.target.clone()).collect::<Vec<_>>()
        };
        let mut seen = BTreeSet::new();
        let mut next = stands_for(ty);
        while let Some(name) = next.pop() {
            if name == ty.name {
                self.problem(format!("{name}: the type leads back to itself"));
                return;
            }
            if seen.insert(name.clone()) {
                next.extend(
                    self.model
                        .resolve(&name)
                        .map(stands_for)
                        .unwrap_or_default(),
                );
            }
        }
    }

    /// An inline shape that holds itself could not be written down where it is used.
    fn inline_ends(&mut self, ty: &Type) {
        let mut seen = BTreeSet::new();
        let mut next = if ty.inline {
            ty.names()
        } else {
            BTreeSet::new()
        };
        while let Some(name) = next.pop_first() {
            if name == ty.name {
                self.problem(format!("{name}: an `inline` type cannot hold itself"));
                return;
            }
            let inner = self.model.resolve(&name).filter(|inner| inner.inline);
            if let Some(inner) = inner.filter(|_| seen.insert(name)) {
                next.extend(inner.names());
            }
        }
    }

    fn union(&mut self, ty: &Type, by: &By) {
        let mut names = BTreeSet::new();
        for variant in &ty.variants {
            let place = format!("{}::{}", ty.name, variant.name);
            if !names.insert(&variant.name) {
                self.problem(format!("{place}: the variant is there twice"));
            }
            let well_formed = Expr::parse(&variant.name) == Ok(Expr::Named(variant.name.clone()));
            if !well_formed || variant.name == "Unknown" {
                self.problem(format!("{place}: this is no name for a variant"));
            }
            self.expression(&place, &variant.ty);
        }
        let defaults = ty.variants.iter().filter(|variant| variant.default).count();
        if defaults > 1 {
            self.problem(format!("{}: only one variant can be the default", ty.name));
        }
        match by {
            By::Tag(member) => self.told_apart(ty, &format!("`{member}`"), |model, variant| {
                tag(model, variant, member).into_iter().collect()
            }),
            By::ResultType => self.told_apart(ty, "`resultType`", |_, variant| {
                variant.tag.clone().into_iter().collect()
            }),
            By::JsonKind => self.told_apart(ty, "the kind of JSON value", |model, variant| {
                Expr::parse(&variant.ty)
                    .map(|expr| kinds(model, &expr))
                    .unwrap_or_default()
            }),
            By::Members => self.by_members(ty),
            By::Asked => {}
        }
    }

    /// Each variant has at least one mark, and no two have the same.
    fn told_apart(
        &mut self,
        ty: &Type,
        what: &str,
        marks: impl Fn(&Model, &Variant) -> Vec<String>,
    ) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for variant in &ty.variants {
            let marks = marks(self.model, variant);
            if marks.is_empty() {
                self.problem(format!(
                    "{}::{}: {what} does not say that it is this one",
                    ty.name, variant.name
                ));
            }
            for mark in marks {
                if let Some(other) = seen.insert(mark.clone(), &variant.name) {
                    self.problem(format!(
                        "{}: {other} and {} cannot be told apart, {what} is {mark:?} for both",
                        ty.name, variant.name
                    ));
                }
            }
        }
    }

    /// The first match wins, so that no later variant may demand all that an earlier one demands.
    fn by_members(&mut self, ty: &Type) {
        for (at, variant) in ty.variants.iter().enumerate() {
            if variant.when.is_empty() {
                self.problem(format!("{}::{}: `when` is missing", ty.name, variant.name));
            }
            for earlier in ty.variants.iter().take(at) {
                if earlier
                    .when
                    .iter()
                    .all(|condition| variant.when.contains(condition))
                {
                    self.problem(format!(
                        "{}: {} is never reached, {} before it takes all of its values",
                        ty.name, variant.name, earlier.name
                    ));
                }
            }
            for condition in &variant.when {
                let path = condition
                    .trim_start_matches('!')
                    .split('=')
                    .next()
                    .unwrap_or_default();
                let member = path.split('.').next().unwrap_or_default();
                let target = Expr::parse(&variant.ty)
                    .ok()
                    .and_then(|expr| self.model.resolve(expr.name()?));
                let known = |ty: &Type| {
                    self.model
                        .members(ty)
                        .iter()
                        .any(|field| field.name == member)
                };
                let absent = condition.starts_with('!');
                if !absent && !target.is_some_and(known) {
                    self.problem(format!(
                        "{}::{}: {} has no member {member:?}",
                        ty.name, variant.name, variant.ty
                    ));
                }
            }
        }
    }
}

/// The value of the tag for one variant: given, or fixed by its type.
pub fn tag(model: &Model, variant: &Variant, member: &str) -> Option<String> {
    if variant.tag.is_some() {
        return variant.tag.clone();
    }
    let ty = model.resolve(&variant.ty)?;
    let field = model
        .members(ty)
        .into_iter()
        .find(|field| field.name == member)?;
    match field.constant {
        Some(Scalar::String(tag)) => Some(tag),
        _ => None,
    }
}

/// The kinds of JSON value that an expression allows.
pub fn kinds(model: &Model, expr: &Expr) -> Vec<String> {
    let one = |kind: &str| vec![kind.to_owned()];
    match expr {
        Expr::String { .. } => one("string"),
        // A reader sees a number, and only then whether it has a fraction.
        Expr::Integer | Expr::Number => one("number"),
        Expr::Boolean => one("boolean"),
        Expr::Any => ["string", "number", "boolean", "array", "object", "null"]
            .map(str::to_owned)
            .to_vec(),
        Expr::Object | Expr::Map(_) => one("object"),
        Expr::Array(_) => one("array"),
        Expr::Nullable(inner) => kinds(model, inner).into_iter().chain(one("null")).collect(),
        Expr::Named(name) => match model.resolve(name) {
            Some(ty) => match (ty.kind, &ty.by) {
                (Kind::Enum, _) => one("string"),
                (Kind::Union, Some(By::JsonKind)) => {
                    let inner = |variant: &Variant| {
                        Expr::parse(&variant.ty).map(|expr| kinds(model, &expr))
                    };
                    ty.variants
                        .iter()
                        .flat_map(|variant| inner(variant).unwrap_or_default())
                        .collect()
                }
                (Kind::Alias, _) => {
                    let target = ty
                        .target
                        .as_deref()
                        .and_then(|target| Expr::parse(target).ok());
                    target
                        .map(|target| kinds(model, &target))
                        .unwrap_or_default()
                }
                _ => one("object"),
            },
            // Behind a used type: what a union of ours is made of is an object unless it says otherwise.
            None => one("object"),
        },
    }
}

#[cfg(test)]
mod tests;
