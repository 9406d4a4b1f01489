//! JSON Schema (2020-12) as far as protocol schemas use it: its shape, and a normal form in which two
//! schemas are equal exactly when they say the same.
//!
//! Members keep the order they have in the file, because a draft wants them in that order. Keywords
//! that this module does not know are kept in `other`, so that they show up as differences and as
//! complaints instead of being lost.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The dialect that protocol schemas are written in.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Document {
    #[serde(rename = "$schema", default)]
    pub dialect: String,
    /// `definitions` before 2019-09.
    #[serde(rename = "$defs", alias = "definitions")]
    pub defs: Members,
    /// Whatever else stands at the root.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Named schemas in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(pub Vec<(String, Schema)>);

/// What one place of a schema demands.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kinds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(rename = "const", skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Value>,
    #[serde(skip_serializing_if = "Members::is_empty")]
    pub properties: Members,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_properties: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<Schema>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_of: Vec<Schema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Schema>>,
    /// Keywords without a place of their own above.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// The kinds of JSON value that are allowed, sorted.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Kinds {
    One(String),
    Many(Vec<String>),
}

impl Kinds {
    pub fn of(mut names: Vec<String>) -> Self {
        match (names.len(), names.pop()) {
            (1, Some(only)) => Self::One(only),
            (_, last) => Self::Many(names.into_iter().chain(last).collect()),
        }
    }

    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

impl Members {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, schema)| schema)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Schema)> {
        self.0.iter().map(|(name, schema)| (name.as_str(), schema))
    }
}

impl Schema {
    pub fn reference(name: &str) -> Self {
        Self {
            reference: Some(format!("#/$defs/{name}")),
            ..Self::default()
        }
    }

    pub fn kind(name: &str) -> Self {
        Self {
            kind: Some(Kinds::One(name.to_owned())),
            ..Self::default()
        }
    }

    /// The definition that this place stands for, if it is only a reference.
    pub fn target(&self) -> Option<&str> {
        let reference = self.reference.as_deref()?;
        let mut places = ["#/$defs/", "#/definitions/"].into_iter();
        Some(
            places
                .find_map(|place| reference.strip_prefix(place))
                .unwrap_or(reference),
        )
    }

    /// Whether values of this kind are what is asked for, and nothing else.
    pub fn is_kind(&self, name: &str) -> bool {
        self.kind
            .as_ref()
            .is_some_and(|kinds| kinds.names() == [name])
    }

    /// Whether it lets everything through.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it lets nothing through (`{"not": {}}`, `false`).
    pub fn is_never(&self) -> bool {
        self.not.as_deref().is_some_and(Self::is_any)
    }

    /// The same demand in the one order that is compared: members by name, and what is a set sorted.
    pub fn normal(&self) -> Self {
        let mut schema = self.clone();
        let boxed =
            |inner: &Option<Box<Self>>| inner.as_ref().map(|inner| Box::new(inner.normal()));
        schema.properties = Members(
            self.properties
                .iter()
                .map(|(name, inner)| (name.to_owned(), inner.normal()))
                .collect(),
        );
        schema.properties.0.sort_by(|a, b| a.0.cmp(&b.0));
        schema.required.sort();
        schema.values.sort_by_key(Value::to_string);
        schema.additional_properties = boxed(&self.additional_properties);
        schema.items = boxed(&self.items);
        schema.not = boxed(&self.not);
        schema.all_of = self.all_of.iter().map(Self::normal).collect();
        schema.any_of = self.any_of.iter().map(Self::normal).collect();
        schema.any_of.sort_by_key(Self::text);
        if let Some(Kinds::Many(names)) = &mut schema.kind {
            names.sort();
        }
        schema
    }

    /// Its JSON text, with the members of every object sorted.
    pub fn text(&self) -> String {
        self.to_value().to_string()
    }

    pub fn to_value(&self) -> Value {
        // Every part of a schema has strings as keys, so that this cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The names of all definitions that it refers to.
    pub fn references<'a>(&'a self, found: &mut Vec<&'a str>) {
        found.extend(self.target());
        let inner = self
            .properties
            .0
            .iter()
            .map(|(_, inner)| inner)
            .chain(&self.any_of)
            .chain(&self.all_of);
        let boxed = [&self.additional_properties, &self.items, &self.not]
            .into_iter()
            .flatten()
            .map(|inner| &**inner);
        for schema in inner.chain(boxed) {
            schema.references(found);
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, schema) in &self.0 {
            map.serialize_entry(name, schema)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of schemas")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keywords;

        impl<'de> Visitor<'de> for Keywords {
            type Value = Schema;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON Schema: an object, true or false")
            }

            fn visit_bool<E>(self, everything: bool) -> Result<Schema, E> {
                let not = (!everything).then(Box::default);
                Ok(Schema {
                    not,
                    ..Schema::default()
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Schema, A::Error> {
                let mut schema = Schema::default();
                while let Some(keyword) = map.next_key::<String>()? {
                    match keyword.as_str() {
                        "$ref" => schema.reference = Some(map.next_value()?),
                        "type" => schema.kind = Some(map.next_value()?),
                        "format" => schema.format = Some(map.next_value()?),
                        "const" => schema.constant = Some(map.next_value()?),
                        "enum" => schema.values = map.next_value()?,
                        "minimum" => schema.minimum = Some(map.next_value()?),
                        "maximum" => schema.maximum = Some(map.next_value()?),
                        "properties" => schema.properties = map.next_value()?,
                        "required" => schema.required = map.next_value()?,
                        "additionalProperties" => {
                            schema.additional_properties = Some(map.next_value()?);
                        }
                        "items" => schema.items = Some(map.next_value()?),
                        "maxItems" => schema.max_items = Some(map.next_value()?),
                        "anyOf" => schema.any_of = map.next_value()?,
                        "allOf" => schema.all_of = map.next_value()?,
                        "not" => schema.not = Some(map.next_value()?),
                        // Prose, and the dialect that the file states anyway.
                        "description" | "$schema" => drop(map.next_value::<Value>()?),
                        _ => {
                            let value: Value = map.next_value()?;
                            // All names of members are strings, so that this says nothing.
                            if keyword != "propertyNames"
                                || value != serde_json::json!({"type": "string"})
                            {
                                schema.other.insert(keyword, value);
                            }
                        }
                    }
                }
                Ok(schema)
            }
        }

        deserializer.deserialize_any(Keywords)
    }
}
