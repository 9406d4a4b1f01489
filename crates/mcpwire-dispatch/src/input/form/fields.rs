//! The kinds of fields, and what can be set on each.

use std::borrow::Cow;

use mcpwire_types::{
    BooleanSchema, Number, NumberSchema, PrimitiveSchemaDefinition, StringSchema,
    StringSchemaFormat, TitledEnumItems, TitledEnumOption, TitledMultiSelectEnumSchema,
    TitledSingleSelectEnumSchema, UntitledEnumItems, UntitledMultiSelectEnumSchema,
    UntitledSingleSelectEnumSchema,
};

use super::Form;

type Text = Cow<'static, str>;

/// What the last field of a [`Form`] can be; `()` where it has none yet.
///
/// There is nothing to gain from implementing it: only this crate makes fields.
pub trait FormField {
    #[doc(hidden)]
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>>;
}

impl FormField for () {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        None
    }
}

/// A field for text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextField(StringSchema<'static>);

impl FormField for TextField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        Some(self.0.into())
    }
}

/// A field for a whole number.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerField(NumberSchema<'static>);

impl Default for IntegerField {
    fn default() -> Self {
        Self(NumberSchema::new("integer"))
    }
}

impl FormField for IntegerField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        Some(self.0.into())
    }
}

/// A field for any number.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberField(NumberSchema<'static>);

impl Default for NumberField {
    fn default() -> Self {
        Self(NumberSchema::new("number"))
    }
}

impl FormField for NumberField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        Some(self.0.into())
    }
}

/// A field for yes or no.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BooleanField(BooleanSchema<'static>);

impl FormField for BooleanField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        Some(self.0.into())
    }
}

/// What both kinds of choices have.
#[derive(Clone, Debug, Default, PartialEq)]
struct Choice {
    values: Values,
    title: Option<Text>,
    description: Option<Text>,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Untitled(Vec<Text>),
    Titled(Vec<TitledEnumOption<'static>>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Untitled(Vec::new())
    }
}

impl Choice {
    fn untitled<V: Into<Text>>(values: impl IntoIterator<Item = V>) -> Self {
        let values = Values::Untitled(values.into_iter().map(Into::into).collect());
        Self {
            values,
            ..Self::default()
        }
    }

    fn titled<V: Into<Text>, T: Into<Text>>(values: impl IntoIterator<Item = (V, T)>) -> Self {
        let option = |(value, title): (V, T)| TitledEnumOption::new(value.into(), title.into());
        Self {
            values: Values::Titled(values.into_iter().map(option).collect()),
            ..Self::default()
        }
    }
}

/// A field for one of some values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChoiceField {
    choice: Choice,
    default: Option<Text>,
}

impl ChoiceField {
    pub(super) fn untitled<V: Into<Text>>(values: impl IntoIterator<Item = V>) -> Self {
        Self {
            choice: Choice::untitled(values),
            default: None,
        }
    }

    pub(super) fn titled<V: Into<Text>, T: Into<Text>>(
        values: impl IntoIterator<Item = (V, T)>,
    ) -> Self {
        Self {
            choice: Choice::titled(values),
            default: None,
        }
    }
}

impl FormField for ChoiceField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        let Choice {
            values,
            title,
            description,
        } = self.choice;
        Some(match values {
            Values::Untitled(values) => {
                let mut schema = UntitledSingleSelectEnumSchema::new(values);
                (schema.title, schema.description, schema.default) =
                    (title, description, self.default);
                schema.into()
            }
            Values::Titled(options) => {
                let mut schema = TitledSingleSelectEnumSchema::new(options);
                (schema.title, schema.description, schema.default) =
                    (title, description, self.default);
                schema.into()
            }
        })
    }
}

/// A field for any number of some values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChoicesField {
    choice: Choice,
    min_items: Option<i64>,
    max_items: Option<i64>,
    default: Option<Vec<Text>>,
}

impl ChoicesField {
    pub(super) fn untitled<V: Into<Text>>(values: impl IntoIterator<Item = V>) -> Self {
        Self {
            choice: Choice::untitled(values),
            ..Self::default()
        }
    }

    pub(super) fn titled<V: Into<Text>, T: Into<Text>>(
        values: impl IntoIterator<Item = (V, T)>,
    ) -> Self {
        Self {
            choice: Choice::titled(values),
            ..Self::default()
        }
    }
}

impl FormField for ChoicesField {
    fn into_schema(self) -> Option<PrimitiveSchemaDefinition<'static>> {
        let Self {
            choice:
                Choice {
                    values,
                    title,
                    description,
                },
            min_items,
            max_items,
            default,
        } = self;
        Some(match values {
            Values::Untitled(values) => {
                let mut schema = UntitledMultiSelectEnumSchema::new(UntitledEnumItems::new(values));
                (schema.title, schema.description, schema.default) = (title, description, default);
                (schema.min_items, schema.max_items) = (min_items, max_items);
                schema.into()
            }
            Values::Titled(options) => {
                let mut schema = TitledMultiSelectEnumSchema::new(TitledEnumItems::new(options));
                (schema.title, schema.description, schema.default) = (title, description, default);
                (schema.min_items, schema.max_items) = (min_items, max_items);
                schema.into()
            }
        })
    }
}

/// What can be said of every field; `$inner` is where it is kept.
macro_rules! common {
    ($($kind:ident . $($inner:tt).+;)*) => {$(
        impl Form<$kind> {
            /// The user has to fill the field in.
            pub fn required(mut self) -> Self {
                self.required = true;
                self
            }

            /// The name of the field that the user sees; its own name where there is none.
            pub fn title(mut self, title: impl Into<Text>) -> Self {
                self.kind.$($inner).+.title = Some(title.into());
                self
            }

            /// What the field is for.
            pub fn description(mut self, description: impl Into<Text>) -> Self {
                self.kind.$($inner).+.description = Some(description.into());
                self
            }
        }
    )*};
}

common! {
    TextField.0;
    IntegerField.0;
    NumberField.0;
    BooleanField.0;
    ChoiceField.choice;
    ChoicesField.choice;
}

impl Form<TextField> {
    /// The least number of characters.
    pub fn min_length(mut self, characters: u32) -> Self {
        self.kind.0.min_length = Some(characters.into());
        self
    }

    /// The greatest number of characters.
    pub fn max_length(mut self, characters: u32) -> Self {
        self.kind.0.max_length = Some(characters.into());
        self
    }

    /// The text has to be an e-mail address.
    pub fn email(self) -> Self {
        self.format(StringSchemaFormat::Email)
    }

    /// The text has to be a URI.
    pub fn uri(self) -> Self {
        self.format(StringSchemaFormat::Uri)
    }

    /// The text has to be a date such as `2026-07-28`.
    pub fn date(self) -> Self {
        self.format(StringSchemaFormat::Date)
    }

    /// The text has to be a date and time such as `2026-07-28T12:00:00Z` (RFC 3339).
    pub fn date_time(self) -> Self {
        self.format(StringSchemaFormat::DateTime)
    }

    fn format(mut self, format: StringSchemaFormat<'static>) -> Self {
        self.kind.0.format = Some(format);
        self
    }

    /// What the field holds before the user changes it (ELICIT-19).
    pub fn default(mut self, text: impl Into<Text>) -> Self {
        self.kind.0.default = Some(text.into());
        self
    }
}

impl Form<IntegerField> {
    /// The least value.
    pub fn minimum(mut self, value: i64) -> Self {
        self.kind.0.minimum = Some(value.into());
        self
    }

    /// The greatest value.
    pub fn maximum(mut self, value: i64) -> Self {
        self.kind.0.maximum = Some(value.into());
        self
    }

    /// What the field holds before the user changes it (ELICIT-19).
    pub fn default(mut self, value: i64) -> Self {
        self.kind.0.default = Some(value.into());
        self
    }
}

impl Form<NumberField> {
    /// The least value.
    pub fn minimum(mut self, value: impl Into<Number>) -> Self {
        self.kind.0.minimum = Some(value.into());
        self
    }

    /// The greatest value.
    pub fn maximum(mut self, value: impl Into<Number>) -> Self {
        self.kind.0.maximum = Some(value.into());
        self
    }

    /// What the field holds before the user changes it (ELICIT-19).
    pub fn default(mut self, value: impl Into<Number>) -> Self {
        self.kind.0.default = Some(value.into());
        self
    }
}

impl Form<BooleanField> {
    /// What the field holds before the user changes it (ELICIT-19).
    pub fn default(mut self, value: bool) -> Self {
        self.kind.0.default = Some(value);
        self
    }
}

impl Form<ChoiceField> {
    /// The value that is chosen before the user changes it (ELICIT-19).
    pub fn default(mut self, value: impl Into<Text>) -> Self {
        self.kind.default = Some(value.into());
        self
    }
}

impl Form<ChoicesField> {
    /// The least number of values to choose.
    pub fn min_items(mut self, values: u32) -> Self {
        self.kind.min_items = Some(values.into());
        self
    }

    /// The greatest number of values to choose.
    pub fn max_items(mut self, values: u32) -> Self {
        self.kind.max_items = Some(values.into());
        self
    }

    /// The values that are chosen before the user changes them (ELICIT-19).
    pub fn default<V: Into<Text>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.kind.default = Some(values.into_iter().map(Into::into).collect());
        self
    }
}
