//! Drafts a model from a JSON Schema file with `$defs`: names, shapes and constants, no sentence of it.
//!
//! A draft is a model that works: shapes without a name get one from where they stand, unions get the
//! discriminator that their variants share, copies of a definition become references to it, and what a
//! base model has already is used from there. What remains for a hand is better names and the docs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::against::Slip;
use super::model::{Area, By, Field, Kind, Scalar, Type, Use, Value as EnumValue, Variant};
use super::names::pascal;
use super::schema::{Document, Kinds, Members, Schema};

mod base;
mod constants;
mod plain;
mod shape;
#[cfg(test)]
mod tests;
mod whole;

use shape::{
    alternatives, bare, nullable, own_members, singular, strings, variant_names, worth_a_name,
};

/// The types of a base model: its definitions as a schema, and what it calls itself.
#[derive(Debug)]
pub struct Base {
    /// Path of the Rust module that holds its types.
    pub path: String,
    /// How a `[[use]]` names it.
    pub model: String,
    /// What it says.
    pub document: Document,
    /// What schemas say instead where they copied a mistake of the official one.
    pub slips: Vec<Slip>,
}

/// What a schema became.
#[derive(Debug)]
pub struct Draft {
    pub area: Area,
    /// What the schema says and the draft does not, each with its place.
    pub left_out: Vec<String>,
}

/// Drafts one area out of a whole schema.
///
/// Fails with every place that it does not understand.
pub fn draft(document: &Document, area: &str, base: Option<&Base>) -> Result<Draft, Vec<String>> {
    let (defs, mut left_out) = plain::plain(&document.defs);
    let circular = plain::circular(&defs);
    if !circular.is_empty() {
        return Err(circular);
    }
    let used = base
        .map(|base| base::same(&document.defs, base))
        .unwrap_or_default();
    let mut importer = Importer::new(&defs, used);
    for (name, schema) in defs.iter() {
        if !importer.used.contains(name) {
            importer.definition(name, schema);
        }
    }
    if !importer.complaints.is_empty() {
        return Err(importer.complaints);
    }
    let referred = importer.referred();
    left_out.append(&mut importer.left_out);
    let taken = base.filter(|_| !referred.is_empty()).map(|base| Use {
        path: base.path.clone(),
        model: base.model.clone(),
        types: referred,
    });
    let area = Area {
        area: area.to_owned(),
        uses: taken.into_iter().collect(),
        constants: constants::found_in(&importer.types),
        types: importer.types,
        ..Area::default()
    };
    Ok(Draft { area, left_out })
}

struct Importer<'a> {
    defs: &'a Members,
    /// Names whose shape the base has already.
    used: BTreeSet<String>,
    /// Definitions by their normal form, for finding copies of them.
    shapes: BTreeMap<String, &'a str>,
    /// Choices that got a name, by their normal form and the member that they stood in.
    hoisted: BTreeMap<(String, String), String>,
    /// Shapes without a name whose types are not finished yet, with the names that these will have.
    under_way: BTreeMap<String, String>,
    /// Those of them that hold themselves.
    recursive: BTreeSet<String>,
    types: Vec<Type>,
    complaints: Vec<String>,
    left_out: Vec<String>,
}

impl<'a> Importer<'a> {
    fn new(defs: &'a Members, used: BTreeSet<String>) -> Self {
        let mut shapes = BTreeMap::new();
        for (name, schema) in defs.iter() {
            if worth_a_name(schema) && !bare(schema) {
                shapes.entry(schema.normal().text()).or_insert(name);
            }
        }
        Self {
            defs,
            used,
            shapes,
            hoisted: BTreeMap::new(),
            under_way: BTreeMap::new(),
            recursive: BTreeSet::new(),
            types: Vec::new(),
            complaints: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// The used types that the drafted ones name.
    fn referred(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.types.iter().flat_map(Type::names).collect();
        names
            .into_iter()
            .filter(|name| self.used.contains(name))
            .collect()
    }

    fn definition(&mut self, name: &str, schema: &Schema) {
        self.complain_of_unknown(name, schema);
        let ty = match self.named(name, schema) {
            Some(ty) => ty,
            None => Type {
                target: Some(self.expression(name, "value", schema)),
                ..blank(name, Kind::Alias)
            },
        };
        self.types.push(ty);
    }

    /// The type that a shape makes, if it is one that needs a name in Rust.
    fn named(&mut self, name: &str, schema: &Schema) -> Option<Type> {
        if !worth_a_name(schema) {
            return None;
        }
        if let Some(values) = strings(schema) {
            let values = values
                .into_iter()
                .map(|value| EnumValue {
                    value,
                    doc: String::new(),
                })
                .collect();
            Some(Type {
                values,
                ..blank(name, Kind::Enum)
            })
        } else if !schema.all_of.is_empty() {
            Some(self.intersection(name, schema))
        } else if let Some(alternatives) = alternatives(schema) {
            Some(self.union(name, alternatives))
        } else {
            Some(self.object(name, schema))
        }
    }

    fn object(&mut self, name: &str, schema: &Schema) -> Type {
        let fields = schema
            .properties
            .iter()
            .map(|(member, inner)| {
                self.field(
                    name,
                    member,
                    inner,
                    schema.required.iter().any(|required| required == member),
                )
            })
            .collect();
        for member in &schema.required {
            if schema.properties.get(member).is_none() {
                self.left_out.push(format!("{name}: required {member}"));
            }
        }
        let additional = schema.additional_properties.as_deref().map(|inner| {
            if inner.is_never() {
                "never".to_owned()
            } else {
                self.expression(name, "value", inner)
            }
        });
        Type {
            additional,
            fields,
            ..blank(name, Kind::Object)
        }
    }

    fn field(&mut self, owner: &str, member: &str, schema: &Schema, required: bool) -> Field {
        // The bounds of a nullable integer stand inside its `anyOf`.
        let inner = nullable(schema);
        if inner.is_some() {
            self.complain_of_unknown(&format!("{owner}.{member}"), schema);
        }
        let said = inner.as_ref().unwrap_or(schema);
        let bare = Schema {
            constant: None,
            minimum: None,
            maximum: None,
            max_items: None,
            ..said.clone()
        };
        let mut ty = self.expression(owner, member, &bare);
        let number = ty == "integer" || ty == "number";
        let bound =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_i64).filter(|_| number);
        let constant = match &said.constant {
            Some(Value::String(text))
                if ty.starts_with("string") && !ty.ends_with("[]") && inner.is_none() =>
            {
                Some(Scalar::String(text.clone()))
            }
            Some(value) if number && inner.is_none() => value.as_i64().map(Scalar::Integer),
            _ => None,
        };
        let (minimum, maximum) = (bound(&said.minimum), bound(&said.maximum));
        let max_items = said
            .max_items
            .filter(|_| ty.ends_with("[]") && inner.is_none());
        for (keyword, there, kept) in [
            ("const", said.constant.is_some(), constant.is_some()),
            ("minimum", said.minimum.is_some(), minimum.is_some()),
            ("maximum", said.maximum.is_some(), maximum.is_some()),
            ("maxItems", said.max_items.is_some(), max_items.is_some()),
        ] {
            if there && !kept {
                self.left_out.push(format!("{owner}.{member}: {keyword}"));
            }
        }
        if inner.is_some() {
            ty += "|null";
        }
        Field {
            name: member.to_owned(),
            ty,
            optional: !required,
            constant,
            preset: None,
            tolerate_absent: false,
            minimum,
            maximum,
            max_items,
            doc: String::new(),
        }
    }

    /// The type expression of a place, with a new type for it where it needs one.
    fn expression(&mut self, owner: &str, member: &str, schema: &Schema) -> String {
        if let Some(name) = schema.target() {
            if self.defs.get(name).is_none() {
                self.complaints
                    .push(format!("{owner}.{member}: there is no definition {name}"));
            }
            return name.to_owned();
        }
        let place = format!("{owner}.{member}");
        self.complain_of_unknown(&place, schema);
        // Only the members of an object have these; `field` has taken them off.
        for (keyword, there) in [
            (
                "const",
                schema.constant.is_some() && strings(schema).is_none(),
            ),
            ("minimum", schema.minimum.is_some()),
            ("maximum", schema.maximum.is_some()),
            ("maxItems", schema.max_items.is_some()),
        ] {
            if there {
                self.left_out.push(format!("{place}: {keyword}"));
            }
        }
        if let Some(inner) = nullable(schema) {
            return format!("{}|null", self.expression(owner, member, &inner));
        }
        if worth_a_name(schema) {
            let shape = schema.normal().text();
            if let Some(name) = self.shapes.get(&shape) {
                return (*name).to_owned();
            }
            // A shape that holds itself is the one that is being drafted.
            if let Some(name) = self.under_way.get(&shape).cloned() {
                self.recursive.insert(name.clone());
                return name;
            }
            let key = (shape.clone(), member.to_owned());
            if let Some(name) = self.hoisted.get(&key) {
                return name.clone();
            }
            let name = self.free_name(&format!("{owner}{}", pascal(member)));
            self.under_way.insert(shape.clone(), name.clone());
            let ty = self.named(&name, schema);
            self.under_way.remove(&shape);
            if let Some(ty) = ty {
                // The same choice twice is one type; equal objects of two owners may part ways.
                if matches!(ty.kind, Kind::Enum | Kind::Union) {
                    self.hoisted.insert(key, name.clone());
                }
                // It could not stand where it is used without end.
                let inline = !self.recursive.contains(&name);
                self.types.push(Type { inline, ..ty });
                return name;
            }
        }
        match schema.kind.as_ref().map(Kinds::names) {
            None if *schema
                == (Schema {
                    other: schema.other.clone(),
                    ..Schema::default()
                }) =>
            {
                "any".to_owned()
            }
            Some([kind]) => match kind.as_str() {
                "string" => schema
                    .format
                    .as_ref()
                    .map_or("string".to_owned(), |format| format!("string:{format}")),
                "integer" | "number" | "boolean" => kind.clone(),
                "array" => match schema.items.as_deref() {
                    Some(items) => {
                        format!("{}[]", self.expression(owner, &singular(member), items))
                    }
                    None => "any[]".to_owned(),
                },
                "object" => match schema.additional_properties.as_deref() {
                    Some(value) if !value.is_any() => {
                        format!("map<{}>", self.expression(owner, member, value))
                    }
                    _ => "object".to_owned(),
                },
                _ => self.not_understood(owner, member, schema),
            },
            _ => self.not_understood(owner, member, schema),
        }
    }

    fn not_understood(&mut self, owner: &str, member: &str, schema: &Schema) -> String {
        self.complaints
            .push(format!("{owner}.{member}: no model says {}", schema.text()));
        "any".to_owned()
    }

    fn complain_of_unknown(&mut self, place: &str, schema: &Schema) {
        for keyword in schema.other.keys() {
            self.complaints.push(format!(
                "{place}: the keyword {keyword:?} has no place in a model"
            ));
        }
    }

    fn union(&mut self, name: &str, alternatives: &[Schema]) -> Type {
        let alternatives = self.fold_unions(alternatives);
        let shapes: Vec<Schema> = alternatives
            .iter()
            .map(|one| self.looked_through(one))
            .collect();
        let by = shape::discriminator(&alternatives, &shapes);
        let names = variant_names(&by, &alternatives, &shapes);
        let mut variants = Vec::new();
        for ((one, shape), variant) in alternatives.iter().zip(&shapes).zip(names) {
            let tag = (by == By::ResultType).then(|| shape::result_type(one).to_owned());
            let ty = self.expression(name, &variant, one);
            let default = matches!(&by, By::Tag(member) if !shape.required.contains(member));
            let when = if by == By::Members {
                own_members(shape, &shapes)
            } else {
                Vec::new()
            };
            variants.push(Variant {
                name: variant,
                ty,
                tag,
                when,
                default,
                doc: String::new(),
            });
        }
        Type {
            by: Some(by),
            variants,
            ..blank(name, Kind::Union)
        }
    }

    /// Puts the name of a union in the place of its variants where all of them are there among others.
    fn fold_unions(&self, alternatives: &[Schema]) -> Vec<Schema> {
        let texts: Vec<String> = alternatives.iter().map(|one| one.normal().text()).collect();
        for (name, schema) in self.defs.iter() {
            let inner: Vec<String> = schema
                .any_of
                .iter()
                .map(|one| one.normal().text())
                .collect();
            if inner.len() > 1
                && inner.len() < texts.len()
                && inner.iter().all(|one| texts.contains(one))
            {
                let rest = alternatives
                    .iter()
                    .zip(&texts)
                    .filter(|(_, text)| !inner.contains(text))
                    .map(|(one, _)| one.clone());
                // Only beside values of another kind: among objects the variants are better told apart flat.
                let rest: Vec<Schema> = rest.collect();
                if rest
                    .iter()
                    .all(|one| one.target().is_none() && !one.is_kind("object"))
                {
                    return [Schema::reference(name)].into_iter().chain(rest).collect();
                }
            }
        }
        alternatives.to_vec()
    }

    /// The wanted name, or one with a number if the schema has that name already.
    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            self.defs.get(name).is_some()
                || self.types.iter().any(|ty| ty.name == name)
                || self.under_way.values().any(|taken| taken == name)
        };
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        [wanted.to_owned()]
            .into_iter()
            .chain(numbered)
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}

fn blank(name: &str, kind: Kind) -> Type {
    Type {
        name: name.to_owned(),
        kind,
        doc: String::new(),
        see: Vec::new(),
        inline: false,
        builtin: false,
        refines: None,
        additional: None,
        fields: Vec::new(),
        values: Vec::new(),
        target: None,
        by: None,
        variants: Vec::new(),
    }
}
