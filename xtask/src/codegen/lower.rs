//! The JSON Schema that a model says, in the form of the official file.
//!
//! That form has its ways, and the model has none of them: shapes without a definition stand where they
//! are used, a union inside a union is spread out, kinds of plain values share one `type`, and a union of
//! one is a copy of its only variant.

use super::model::{By, Expr, Field, Kind, Model, Scalar, Type, Variant};
use super::schema::{DIALECT, Document, Kinds, Members, Schema};

/// All definitions of the model, without those that it uses from another.
pub fn document(model: &Model) -> Document {
    let lower = Lower { model };
    let mut defs: Vec<(String, Schema)> = model
        .areas
        .iter()
        .flat_map(|area| &area.types)
        .filter(|ty| !ty.inline)
        .map(|ty| (ty.name.clone(), lower.shape(ty)))
        .collect();
    defs.sort_by(|a, b| a.0.cmp(&b.0));
    Document {
        dialect: DIALECT.to_owned(),
        defs: Members(defs),
        ..Document::default()
    }
}

struct Lower<'a> {
    model: &'a Model,
}

impl Lower<'_> {
    fn shape(&self, ty: &Type) -> Schema {
        match ty.kind {
            Kind::Object | Kind::Raw => match &ty.refines {
                Some(base) => {
                    let all_of = vec![Schema::reference(base), self.object(ty)];
                    Schema {
                        all_of,
                        ..Schema::default()
                    }
                }
                None => self.object(ty),
            },
            Kind::Enum => {
                let values = ty
                    .values
                    .iter()
                    .map(|value| value.value.clone().into())
                    .collect();
                Schema {
                    values,
                    ..Schema::kind("string")
                }
            }
            Kind::Union => self.union(ty),
            Kind::Alias => self.text(ty.target.as_deref().unwrap_or_default()),
        }
    }

    fn object(&self, ty: &Type) -> Schema {
        let properties = ty
            .fields
            .iter()
            .map(|field| (field.name.clone(), self.field(field)))
            .collect();
        let additional = ty.additional.as_deref().map(|text| match text {
            "never" => Schema {
                not: Some(Box::default()),
                ..Schema::default()
            },
            text => self.text(text),
        });
        let mut required: Vec<String> = ty
            .fields
            .iter()
            .filter(|field| !field.optional)
            .map(|field| field.name.clone())
            .collect();
        required.sort();
        Schema {
            properties: Members(properties),
            required,
            additional_properties: additional.map(Box::new),
            ..Schema::kind("object")
        }
    }

    fn field(&self, field: &Field) -> Schema {
        let mut schema = self.text(&field.ty);
        let bounded = match schema.any_of.first_mut() {
            Some(first) if field.ty.ends_with("|null") => first,
            _ => &mut schema,
        };
        bounded.minimum = field.minimum.map(Into::into);
        bounded.maximum = field.maximum.map(Into::into);
        schema.max_items = field.max_items;
        schema.constant = field.constant.as_ref().map(|constant| match constant {
            Scalar::Integer(number) => (*number).into(),
            Scalar::String(text) => text.clone().into(),
        });
        schema
    }

    fn text(&self, text: &str) -> Schema {
        // A model that was loaded has been checked, so that every expression can be read.
        Expr::parse(text)
            .map(|expr| self.expression(&expr))
            .unwrap_or_default()
    }

    fn expression(&self, expr: &Expr) -> Schema {
        match expr {
            Expr::String { format } => Schema {
                format: format.clone(),
                ..Schema::kind("string")
            },
            Expr::Integer => Schema::kind("integer"),
            Expr::Number => Schema::kind("number"),
            Expr::Boolean => Schema::kind("boolean"),
            Expr::Any => Schema::default(),
            Expr::Object => Schema {
                additional_properties: Some(Box::default()),
                ..Schema::kind("object")
            },
            Expr::Array(item) => Schema {
                items: Some(Box::new(self.expression(item))),
                ..Schema::kind("array")
            },
            Expr::Map(value) => Schema {
                additional_properties: Some(Box::new(self.expression(value))),
                ..Schema::kind("object")
            },
            Expr::Nullable(value) => Schema {
                any_of: vec![self.expression(value), Schema::kind("null")],
                ..Schema::default()
            },
            Expr::Named(name) => match self.model.resolve(name) {
                Some(ty) if ty.inline => self.shape(ty),
                _ => Schema::reference(name),
            },
        }
    }

    fn union(&self, ty: &Type) -> Schema {
        if let ([only], Some(By::Tag(_))) = (ty.variants.as_slice(), &ty.by) {
            return self
                .model
                .resolve(&only.ty)
                .map(|ty| self.shape(ty))
                .unwrap_or_default();
        }
        let mut any_of = Vec::new();
        let mut kinds = Vec::new();
        for choice in self.choices(ty) {
            // A kind without any further demand joins the others of its sort.
            match &choice.kind {
                Some(Kinds::One(kind)) if choice == Schema::kind(kind) => {
                    if !kinds.contains(kind) {
                        kinds.push(kind.clone());
                    }
                }
                _ => any_of.push(choice),
            }
        }
        let kinds = match kinds.as_slice() {
            [] => None,
            [one] => Some(Schema::kind(one)),
            _ => Some(Schema {
                kind: Some(Kinds::Many(kinds)),
                ..Schema::default()
            }),
        };
        match kinds {
            Some(kinds) if any_of.is_empty() => kinds,
            kinds => {
                any_of.extend(kinds);
                Schema {
                    any_of,
                    ..Schema::default()
                }
            }
        }
    }

    /// What each variant demands, with those of a variant that is a union of names in its place.
    fn choices(&self, ty: &Type) -> Vec<Schema> {
        // A shape without a definition, in a list or a map as well, may hold the union it stands in.
        let is_inline = |name: &str| self.model.resolve(name).is_some_and(|ty| ty.inline);
        let named = |variant: &Variant| {
            Expr::parse(&variant.ty).is_ok_and(|expr| !expr.name().is_some_and(is_inline))
        };
        ty.variants
            .iter()
            .flat_map(|variant| match self.model.resolve(&variant.ty) {
                Some(inner)
                    if inner.kind == Kind::Union
                        && inner.variants.len() > 1
                        && inner.variants.iter().all(named) =>
                {
                    self.choices(inner)
                }
                _ => vec![self.text(&variant.ty)],
            })
            .collect()
    }
}
