//! `allOf`: several parts that make one object.

use super::Importer;
use super::shape::{alternatives, is_map};
use crate::codegen::model::Type;
use crate::codegen::schema::Schema;

impl Importer<'_> {
    /// `allOf`: one object with the members of all parts. A part with alternatives makes a union with
    /// the other parts in each of them, because a choice between objects and a few members more is a
    /// choice between larger objects.
    pub(super) fn intersection(&mut self, name: &str, schema: &Schema) -> Type {
        let mut rest = self.parts(schema);
        let choices: Vec<Vec<Schema>> = rest
            .extract_if(.., |part| alternatives(part).is_some())
            .map(|part| part.any_of)
            .collect();
        let chosen = choices.iter().flatten().map(|one| self.looked_through(one));
        let objects = rest.iter().cloned().chain(chosen);
        if let Some(part) = objects
            .into_iter()
            .find(|part| !part.is_kind("object") && !part.is_any())
        {
            self.complaints.push(format!(
                "{name}: only objects can be put together, not {}",
                part.text()
            ));
        }
        for part in &rest {
            if part
                .additional_properties
                .as_deref()
                .is_some_and(|value| !value.is_any())
            {
                self.left_out.push(format!("{name}: additionalProperties"));
            }
        }
        if let Some(choice) = choices.first() {
            if choices.len() > 1 {
                self.complaints
                    .push(format!("{name}: two choices at once are no union"));
            }
            let mut wholes: Vec<Schema> = Vec::new();
            for one in choice {
                let all_of = rest.iter().chain([one]).cloned().collect();
                let whole = self.flat(&Schema {
                    all_of,
                    ..Schema::default()
                });
                if wholes.iter().all(|other| other.normal() != whole.normal()) {
                    wholes.push(whole);
                }
            }
            return match wholes.as_slice() {
                [one] => self.object(name, one),
                wholes => self.union(name, wholes),
            };
        }
        // The first part that is a name stays one; the others are written out.
        let mut all_of = schema.all_of.clone();
        let named = all_of
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, self.object_name(part)?)));
        if let Some((at, _)) = named {
            all_of.remove(at);
        }
        let mut own = self.flat(&Schema {
            all_of,
            ..Schema::default()
        });
        // A member that the base leaves optional and another part requires is said again.
        let whole = self.flat(schema);
        for name in &own.required {
            if let Some(member) = whole
                .properties
                .get(name)
                .filter(|_| own.properties.get(name).is_none())
            {
                own.properties.0.push((name.clone(), member.clone()));
            }
        }
        let refines = named.map(|(_, name)| name);
        Type {
            refines,
            ..self.object(name, &own)
        }
    }

    /// The name of the object that a reference leads to, with other names for it looked through.
    fn object_name(&self, part: &Schema) -> Option<String> {
        let name = part.target()?;
        let schema = self.defs.get(name)?;
        if schema.target().is_some() {
            return self.object_name(schema);
        }
        let object = schema.is_kind("object") && !is_map(schema);
        (object || !schema.all_of.is_empty()).then(|| name.to_owned())
    }

    /// The parts of an `allOf`, with names and nested `allOf`s looked through.
    fn parts(&self, schema: &Schema) -> Vec<Schema> {
        if let Some(target) = schema.target().and_then(|name| self.defs.get(name)) {
            return self.parts(target);
        }
        if schema.all_of.is_empty() {
            return vec![schema.clone()];
        }
        schema
            .all_of
            .iter()
            .flat_map(|part| self.parts(part))
            .collect()
    }

    /// One object with the members of all parts; where two name the same member, the later one narrows it.
    fn flat(&self, schema: &Schema) -> Schema {
        let mut whole = Schema::kind("object");
        for part in self.parts(schema) {
            for (name, inner) in part.properties.0 {
                match whole
                    .properties
                    .0
                    .iter_mut()
                    .find(|(known, _)| *known == name)
                {
                    Some((_, known)) => *known = inner,
                    None => whole.properties.0.push((name, inner)),
                }
            }
            for name in part.required {
                if !whole.required.contains(&name) {
                    whole.required.push(name);
                }
            }
            whole.other.extend(part.other);
        }
        whole
    }

    /// What a place demands once names are looked through and `allOf`s are put together.
    pub(super) fn looked_through(&self, schema: &Schema) -> Schema {
        if let Some(target) = schema.target().and_then(|name| self.defs.get(name)) {
            return self.looked_through(target);
        }
        if schema.all_of.is_empty() {
            schema.clone()
        } else {
            self.flat(schema)
        }
    }
}
