//! The protocol model: what a revision (or an extension) of the protocol is made of.
//!
//! A model is one TOML file or a folder of them, one per area. This module owns the shapes; reading
//! them from files is in `load`, and every check that needs no schema is in `check`. It knows neither
//! JSON Schema (see `schema`, `lower` and `import`) nor Rust (see `emit`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Everything that a model says: the areas in file-name order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub areas: Vec<Area>,
    /// The types that the areas take from other models (`[[use]]`), by name, with all that they are
    /// made of.
    pub used: BTreeMap<String, Used>,
}

/// A type of another model, generated into another crate.
#[derive(Clone, Debug)]
pub struct Used {
    /// Path of the Rust module that holds the type, such as `mcpwire_types`.
    pub path: String,
    /// What that model says of it, complete in itself: it refines nothing, and an alias of another
    /// type says what that type says.
    pub ty: Type,
}

/// One file of a model.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named as in the file")]
pub struct Area {
    /// Module name of the generated file, such as `tools`.
    pub area: String,
    /// First sentence of the generated module and of its section in the reference.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// Types that another crate has already, instead of drafting them again.
    #[serde(default, rename = "use", skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// Named strings and integers: methods, `_meta` keys, error codes, the revision itself.
    #[serde(default, rename = "constant", skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    #[serde(default, rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<Type>,
}

/// Types taken from another model: the generated code refers to `path::Name` and makes none of its own.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// Path of the Rust module that holds the types, such as `mcpwire_types`.
    pub path: String,
    /// The model that the types are from: a revision in `xtask/model/`, or a file or folder beside this one.
    pub model: String,
    pub types: Vec<String>,
}

/// `group` is the Rust module that holds the constant (`method`, `meta_key`, `error_code`, or empty for the root).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    pub name: String,
    pub value: Scalar,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

/// A value that a member can be fixed to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    Integer(i64),
    String(String),
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// The schema's name, letter for letter; our own where the schema has an anonymous shape (`inline`).
    pub name: String,
    pub kind: Kind,
    /// A sentence of our own. A draft leaves it empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// Requirement IDs, shown in the docs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see: Vec<String>,
    /// The schema has no definition of this name: the shape stands where the type is used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inline: bool,
    /// Written by hand in the types crate; the generator only refers to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub builtin: bool,
    /// `object`: the type whose members this one also has (`allOf` in the schema).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refines: Option<String>,
    /// `object`, `raw`: the type expression that the schema demands of members without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// `object`, `raw`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// `enum`: the known values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// `alias`: what it stands for.
    #[serde(default, rename = "is", skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `union`: how a reader tells the variants apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// `union`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A JSON object with named members; unknown ones survive.
    Object,
    /// An object that is kept as the JSON text it came as; its `fields` are only checked.
    Raw,
    /// A string out of an open set.
    Enum,
    /// One of several types.
    Union,
    /// Another name for a type expression.
    Alias,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The member's name on the wire.
    pub name: String,
    /// A type expression: `string`, `string:uri`, `integer`, `number`, `boolean`, `any`, `object`, a
    /// type's name, `T[]`, `map<T>`, `T|null`.
    #[serde(rename = "type")]
    pub ty: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The one value that the member can have.
    #[serde(default, rename = "const", skip_serializing_if = "Option::is_none")]
    pub constant: Option<Scalar>,
    /// What the constructor fills in without being asked; a setter still changes it (`resultType`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Scalar>,
    /// A reader lets a required member be absent; the constructor still makes a writer send it
    /// (`ttlMs` and `cacheScope` by CACHE-09, `resultType` by BASE-18).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tolerate_absent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    pub value: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

/// How the variants of a union are told apart: always by looking, never by trial.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// By the value of this member, which each variant fixes with a `const` (`type`, `method`, `mode`).
    Tag(String),
    /// By the value of `resultType`, given per variant in `tag`; a missing one means `complete`.
    ResultType,
    /// By the members that each variant's `when` names, first match wins.
    Members,
    /// By the kind of JSON value (string, number, boolean, array, object).
    JsonKind,
    /// Not by itself: what was asked decides. Kept as raw JSON with one accessor per variant.
    Asked,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name of the Rust variant.
    pub name: String,
    /// A type expression.
    #[serde(rename = "type")]
    pub ty: String,
    /// The tag's value where the variant's type does not fix it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// `members`: all of these hold. `name` is present, `name=value` is present with that string,
    /// `name=one|other` with one of these strings, `!name` is absent, `a.b` looks one object deeper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// `tag`: taken when the tag is absent (`mode` of an elicitation).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

/// A parsed type expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    String {
        format: Option<String>,
    },
    Integer,
    Number,
    Boolean,
    Any,
    Object,
    Array(Box<Expr>),
    Map(Box<Expr>),
    /// `T|null`: the member is there, with a value or with JSON `null`.
    Nullable(Box<Expr>),
    Named(String),
}

impl Type {
    /// The types that this one names.
    pub fn names(&self) -> BTreeSet<String> {
        let fields = self.fields.iter().map(|field| &field.ty);
        let variants = self.variants.iter().map(|variant| &variant.ty);
        let expressions = fields
            .chain(variants)
            .chain(&self.additional)
            .chain(&self.target)
            .chain(&self.refines);
        expressions
            .filter_map(|text| Expr::parse(text).ok()?.name().map(str::to_owned))
            .collect()
    }
}

impl Expr {
    /// Reads `string:uri`, `Tool[]`, `map<string>` and the like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(value) = text
            .strip_prefix("map<")
            .and_then(|rest| rest.strip_suffix('>'))
        {
            return Ok(Self::Map(Box::new(Self::parse(value)?)));
        }
        if let Some(value) = text.strip_suffix("|null") {
            return Ok(Self::Nullable(Box::new(Self::parse(value)?)));
        }
        if let Some(item) = text.strip_suffix("[]") {
            return Ok(Self::Array(Box::new(Self::parse(item)?)));
        }
        Ok(match text {
            "string" => Self::String { format: None },
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "any" => Self::Any,
            "object" => Self::Object,
            _ => {
                if let Some(format) = text.strip_prefix("string:") {
                    Self::String {
                        format: Some(format.to_owned()),
                    }
                } else if text.starts_with(|c: char| c.is_ascii_uppercase())
                    && text.chars().all(|c| c.is_ascii_alphanumeric())
                {
                    Self::Named(text.to_owned())
                } else {
                    return Err(format!("{text:?} is not a type expression"));
                }
            }
        })
    }
}

impl Model {
    /// The types of the model's own, by name.
    pub fn by_name(&self) -> BTreeMap<&str, &Type> {
        self.areas
            .iter()
            .flat_map(|area| &area.types)
            .map(|ty| (ty.name.as_str(), ty))
            .collect()
    }
    /// What a name means, be it of the model's own or used from another.
    pub fn resolve(&self, name: &str) -> Option<&Type> {
        self.areas
            .iter()
            .flat_map(|area| &area.types)
            .find(|ty| ty.name == name)
            .or_else(|| self.used.get(name).map(|used| &used.ty))
    }

    /// All members of an object: its own, and before them those of the type that it refines, except
    /// where it says something narrower itself.
    pub fn members(&self, ty: &Type) -> Vec<Field> {
        let mut members = Vec::new();
        if let Some(base) = ty.refines.as_deref().and_then(|name| self.resolve(name)) {
            members = self.members(base);
        }
        for field in &ty.fields {
            match members.iter_mut().find(|member| member.name == field.name) {
                Some(member) => {
                    *member = Field {
                        optional: member.optional && field.optional,
                        ..field.clone()
                    }
                }
                None => members.push(field.clone()),
            }
        }
        members
    }
}

impl Model {
    /// The type as another model can take it: with all members, and aliases of types looked through.
    pub fn complete(&self, name: &str) -> Option<Type> {
        let ty = self.resolve(name)?;
        let target = ty.target.as_deref().and_then(|target| self.resolve(target));
        if let Some(target) = target {
            return Some(Type {
                name: ty.name.clone(),
                ..self.complete(&target.name)?
            });
        }
        Some(Type {
            fields: self.members(ty),
            refines: None,
            ..ty.clone()
        })
    }
}

impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::String { format: None } => f.write_str("string"),
            Self::String {
                format: Some(format),
            } => write!(f, "string:{format}"),
            Self::Integer => f.write_str("integer"),
            Self::Number => f.write_str("number"),
            Self::Boolean => f.write_str("boolean"),
            Self::Any => f.write_str("any"),
            Self::Object => f.write_str("object"),
            Self::Array(item) => write!(f, "{item}[]"),
            Self::Map(value) => write!(f, "map<{value}>"),
            Self::Nullable(value) => write!(f, "{value}|null"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl Expr {
    /// The type that it names, however deep.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Array(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.name(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expressions() -> impl Strategy<Value = Expr> {
        let leaf = prop_oneof![
            prop_oneof!["[a-z-]{1,9}".prop_map(Some), Just(None)]
                .prop_map(|format| Expr::String { format }),
            "[A-Z][A-Za-z0-9]{0,9}".prop_map(Expr::Named),
            proptest::sample::select(vec![
                Expr::Integer,
                Expr::Number,
                Expr::Boolean,
                Expr::Any,
                Expr::Object
            ]),
        ];
        leaf.prop_recursive(4, 8, 1, |inner| {
            let boxed = inner.prop_map(Box::new);
            prop_oneof![
                boxed.clone().prop_map(Expr::Array),
                boxed.clone().prop_map(Expr::Map),
                boxed.prop_map(Expr::Nullable),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_expression_is_read_as_it_is_written(expr in expressions()) {
            prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
        }

        #[test]
        fn no_text_brings_the_reader_down(text in any::<String>()) {
            if let Ok(expr) = Expr::parse(&text) {
                prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
            }
        }
    }

    #[test]
    fn members_of_what_is_refined_come_first_and_are_narrowed() {
        let text = r#"
            area = "test"
            [[type]]
            name = "Base"
            kind = "object"
            fields = [
                { name = "code", type = "integer" },
                { name = "data", type = "any", optional = true },
                { name = "message", type = "string" },
            ]
            [[type]]
            name = "Narrow"
            kind = "object"
            refines = "Base"
            fields = [
                { name = "data", type = "string" },
                { name = "code", type = "integer", const = 5, optional = true },
                { name = "more", type = "string" },
            ]
        "#;
        let model = crate::codegen::load::from_text(text).unwrap();
        let members = model.members(model.resolve("Narrow").unwrap());
        let shown: Vec<_> = members
            .iter()
            .map(|field| (field.name.as_str(), field.ty.as_str(), field.optional))
            .collect();
        let wanted = [
            ("code", "integer", false),
            ("data", "string", false),
            ("message", "string", false),
            ("more", "string", false),
        ];
        assert_eq!(shown, wanted, "required by either is required");
        assert_eq!(members[0].constant, Some(Scalar::Integer(5)));
    }
}
