//! Forms: what the user is asked to fill in (ELICIT-09 to ELICIT-17).
//!
//! Whether an answer fits a form is the business of [`check`](super::check).

mod fields;

use std::borrow::Cow;
use std::fmt;

use mcpwire_types::{
    ElicitRequestFormParams, ElicitRequestedSchema, ElicitValue, Map, PrimitiveSchemaDefinition,
};

pub use self::fields::{
    BooleanField, ChoiceField, ChoicesField, FormField, IntegerField, NumberField, TextField,
};
use super::answers::member;
use super::check;

/// A question to the user and the fields for the answer: flat, of primitive types.
///
/// Each field is named first; what follows belongs to it until the next one is named. A field may be
/// left empty unless it is [`required`](Form::required). Which settings a field has depends on its
/// type, which is what `K` keeps; [`finish`](Form::finish) forgets it, for a form that grows in a loop.
///
/// Ask for no passwords, keys or other secrets here: a form goes through the client. Send the user to
/// a URL for those ([`Input::open_url`](crate::Input::open_url), ELICIT-30, ELICIT-31).
///
/// ```
/// use mcpwire_dispatch::Form;
///
/// let form = Form::new("Where should the parcel go?")
///     .string("name").title("Full name").max_length(80).required()
///     .string("email").email()
///     .integer("floor").minimum(0).maximum(40).default(0)
///     .choice("speed", ["normal", "express"]).default("normal")
///     .titled_choices("days", [("mo", "Monday"), ("tu", "Tuesday")]).max_items(1)
///     .boolean("gift").description("Wrap it up");
/// # let _ = form;
/// ```
#[derive(Clone, PartialEq)]
pub struct Form<K = ()> {
    message: Cow<'static, str>,
    done: Vec<Field>,
    name: Cow<'static, str>,
    required: bool,
    kind: K,
}

/// A finished field.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: Cow<'static, str>,
    required: bool,
    schema: PrimitiveSchemaDefinition<'static>,
}

impl Form {
    /// A form without fields, which the user can accept or decline. `message` says what is asked and
    /// why (ELICIT-37).
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            done: Vec::new(),
            name: "".into(),
            required: false,
            kind: (),
        }
    }
}

impl<K: FormField> Form<K> {
    /// A field for text (ELICIT-11).
    pub fn string(self, name: impl Into<Cow<'static, str>>) -> Form<TextField> {
        self.field(name, TextField::default())
    }

    /// A field for a whole number (ELICIT-12).
    pub fn integer(self, name: impl Into<Cow<'static, str>>) -> Form<IntegerField> {
        self.field(name, IntegerField::default())
    }

    /// A field for any number (ELICIT-12).
    pub fn number(self, name: impl Into<Cow<'static, str>>) -> Form<NumberField> {
        self.field(name, NumberField::default())
    }

    /// A field for yes or no (ELICIT-13).
    pub fn boolean(self, name: impl Into<Cow<'static, str>>) -> Form<BooleanField> {
        self.field(name, BooleanField::default())
    }

    /// A field for one of some values, shown as they are (ELICIT-14).
    pub fn choice<V: Into<Cow<'static, str>>>(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) -> Form<ChoiceField> {
        self.field(name, ChoiceField::untitled(values))
    }

    /// A field for one of some values, each with a title that is shown for it (ELICIT-15).
    pub fn titled_choice<V: Into<Cow<'static, str>>, T: Into<Cow<'static, str>>>(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = (V, T)>,
    ) -> Form<ChoiceField> {
        self.field(name, ChoiceField::titled(values))
    }

    /// A field for any number of some values, shown as they are (ELICIT-16).
    pub fn choices<V: Into<Cow<'static, str>>>(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) -> Form<ChoicesField> {
        self.field(name, ChoicesField::untitled(values))
    }

    /// A field for any number of some values, each with a title that is shown for it (ELICIT-17).
    pub fn titled_choices<V: Into<Cow<'static, str>>, T: Into<Cow<'static, str>>>(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = (V, T)>,
    ) -> Form<ChoicesField> {
        self.field(name, ChoicesField::titled(values))
    }

    /// The same form as a plain `Form`, whatever its last field is.
    pub fn finish(self) -> Form {
        self.field("", ())
    }

    fn field<N>(mut self, name: impl Into<Cow<'static, str>>, kind: N) -> Form<N> {
        if let Some(schema) = self.kind.into_schema() {
            self.done.push(Field {
                name: self.name,
                required: self.required,
                schema,
            });
        }
        Form {
            message: self.message,
            done: self.done,
            name: name.into(),
            required: false,
            kind,
        }
    }
}

impl Form {
    /// What a programmer got wrong, before the user sees it.
    pub(super) fn problem(&self) -> Option<String> {
        let mut names = Vec::new();
        for Field { name, schema, .. } in &self.done {
            if name.is_empty() {
                return Some("a field has no name".to_owned());
            }
            if names.contains(&name) {
                return Some(format!("the field {name:?} is there twice"));
            }
            names.push(name);
            if let Some(problem) = check::schema_problem(schema) {
                return Some(format!("the field {name:?} {problem}"));
            }
        }
        None
    }

    /// The values of this form's fields, if they fit; others are dropped (MRTR-27). The error says
    /// which field is at fault and why (ELICIT-39).
    pub(super) fn check(
        &self,
        mut content: Map<'static, ElicitValue<'static>>,
    ) -> Result<Map<'static, ElicitValue<'static>>, String> {
        let mut values = Map::new();
        for Field {
            name,
            required,
            schema,
        } in &self.done
        {
            let value = content.remove(name).filter(|value| !check::is_null(value));
            match value {
                Some(value) => {
                    let value = check::value(schema, value)
                        .map_err(|fault| format!("{}: {fault}", member(name)))?;
                    values.insert(name.clone(), value);
                }
                None if *required => {
                    return Err(format!("{}: is missing, and it is required", member(name)));
                }
                None => {}
            }
        }
        Ok(values)
    }

    pub(super) fn into_params(self) -> ElicitRequestFormParams<'static> {
        let required: Vec<_> = self
            .done
            .iter()
            .filter(|field| field.required)
            .map(|field| field.name.clone())
            .collect();
        let mut schema = ElicitRequestedSchema::new(
            self.done
                .into_iter()
                .map(|field| (field.name, field.schema)),
        );
        if !required.is_empty() {
            schema = schema.required(required);
        }
        ElicitRequestFormParams::new(self.message, schema).explicit_mode(true)
    }
}

impl<K> fmt::Debug for Form<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wire(form: Form) -> Value {
        assert_eq!(form.problem(), None);
        serde_json::to_value(form.into_params()).unwrap()
    }

    #[test]
    fn elicit_10_to_17_every_kind_of_field_has_its_schema() {
        let form = Form::new("Why?")
            .string("s")
            .title("S")
            .description("text")
            .min_length(1)
            .max_length(5)
            .default("abc")
            .required()
            .string("e")
            .email()
            .string("u")
            .uri()
            .string("d")
            .date()
            .string("t")
            .date_time()
            .integer("i")
            .minimum(1)
            .maximum(9)
            .default(3)
            .required()
            .number("n")
            .minimum(0.5)
            .maximum(1.5)
            .default(1.0)
            .boolean("b")
            .default(true)
            .choice("c", ["x", "y"])
            .default("y")
            .titled_choice("tc", [("x", "X"), ("y", "Y")])
            .choices("m", ["x", "y"])
            .min_items(1)
            .max_items(2)
            .default(["x"])
            .titled_choices("tm", [("x", "X")]);
        assert_eq!(
            wire(form.finish()),
            json!({"mode": "form", "message": "Why?", "requestedSchema": {
                "type": "object",
                "properties": {
                    "s": {"type": "string", "title": "S", "description": "text", "minLength": 1, "maxLength": 5,
                        "default": "abc"},
                    "e": {"type": "string", "format": "email"},
                    "u": {"type": "string", "format": "uri"},
                    "d": {"type": "string", "format": "date"},
                    "t": {"type": "string", "format": "date-time"},
                    "i": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
                    "n": {"type": "number", "minimum": 0.5, "maximum": 1.5, "default": 1.0},
                    "b": {"type": "boolean", "default": true},
                    "c": {"type": "string", "enum": ["x", "y"], "default": "y"},
                    "tc": {"type": "string", "oneOf": [{"const": "x", "title": "X"}, {"const": "y", "title": "Y"}]},
                    "m": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}, "minItems": 1,
                        "maxItems": 2, "default": ["x"]},
                    "tm": {"type": "array", "items": {"anyOf": [{"const": "x", "title": "X"}]}},
                },
                "required": ["s", "i"],
            }})
        );
    }

    #[test]
    fn a_form_may_have_no_fields() {
        assert_eq!(
            wire(Form::new("Go on?")),
            json!({"mode": "form", "message": "Go on?", "requestedSchema": {"type": "object", "properties": {}}})
        );
    }

    #[test]
    fn mistakes_are_found_before_the_user_sees_them() {
        for (form, told) in [
            (Form::new("?").string("").finish(), "no name"),
            (Form::new("?").string("a").boolean("a").finish(), "twice"),
            (
                Form::new("?")
                    .string("a")
                    .min_length(3)
                    .max_length(2)
                    .finish(),
                "minLength",
            ),
            (
                Form::new("?")
                    .string("a")
                    .max_length(2)
                    .default("abc")
                    .finish(),
                "default",
            ),
            (
                Form::new("?").integer("a").minimum(3).maximum(2).finish(),
                "minimum",
            ),
            (
                Form::new("?").integer("a").minimum(3).default(2).finish(),
                "default",
            ),
            (
                Form::new("?").number("a").default(f64::NAN).finish(),
                "default",
            ),
            (Form::new("?").choice("a", [""; 0]).finish(), "no values"),
            (Form::new("?").choice("a", ["x", "x"]).finish(), "twice"),
            (
                Form::new("?").choice("a", ["x"]).default("y").finish(),
                "default",
            ),
            (
                Form::new("?")
                    .choices("a", ["x"])
                    .min_items(2)
                    .max_items(1)
                    .finish(),
                "minItems",
            ),
            (
                Form::new("?").choices("a", ["x"]).default(["y"]).finish(),
                "default",
            ),
        ] {
            let problem = form.problem().unwrap();
            assert!(problem.contains(told), "{problem}");
        }
    }
}
