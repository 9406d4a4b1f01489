//! Whether what a user filled in fits the field that it is for (ELICIT-39).

use std::borrow::Cow;

use mcpwire_types::{
    ElicitValue, Number, NumberSchema, NumberSchemaType, PrimitiveSchemaDefinition, StringSchema,
};

use super::format;

/// The value, if it fits; a whole number written as `3.0` becomes `3`.
pub(super) fn value(
    schema: &PrimitiveSchemaDefinition<'_>,
    value: ElicitValue<'static>,
) -> Result<ElicitValue<'static>, String> {
    match (schema, &value) {
        (PrimitiveSchemaDefinition::String(schema), ElicitValue::String(text)) => {
            check_text(schema, text)?;
        }
        (PrimitiveSchemaDefinition::Number(schema), ElicitValue::Number(number)) => {
            return check_number(schema, *number).map(ElicitValue::Number);
        }
        (PrimitiveSchemaDefinition::Boolean(_), ElicitValue::Boolean(_)) => {}
        (schema, _) => {
            let (values, bounds) = choices(schema);
            match (&value, bounds) {
                (ElicitValue::String(chosen), None) if !values.is_empty() => {
                    one_of(&values, chosen)?;
                }
                (ElicitValue::Strings(chosen), Some(bounds)) => any_of(&values, bounds, chosen)?,
                _ => return Err(format!("is not {}", expected(schema))),
            }
        }
    }
    Ok(value)
}

/// JSON `null`, which some clients send for a field that was left empty.
pub(super) fn is_null(value: &ElicitValue<'_>) -> bool {
    matches!(value, ElicitValue::Unknown(json) if json.is_null())
}

/// What a programmer got wrong about a field.
pub(super) fn schema_problem(schema: &PrimitiveSchemaDefinition<'static>) -> Option<String> {
    let default = match schema {
        PrimitiveSchemaDefinition::String(schema) => {
            if is_above(schema.min_length, schema.max_length) {
                return Some("has a minLength above its maxLength".to_owned());
            }
            schema.default.clone().map(ElicitValue::String)
        }
        PrimitiveSchemaDefinition::Number(schema) => {
            let bound = |number: Option<Number>| number.map(|number| number.as_f64());
            if is_above(bound(schema.minimum), bound(schema.maximum)) {
                return Some("has a minimum above its maximum".to_owned());
            }
            schema.default.map(ElicitValue::Number)
        }
        PrimitiveSchemaDefinition::UntitledSingleSelect(schema) => {
            schema.default.clone().map(ElicitValue::String)
        }
        PrimitiveSchemaDefinition::TitledSingleSelect(schema) => {
            schema.default.clone().map(ElicitValue::String)
        }
        PrimitiveSchemaDefinition::UntitledMultiSelect(schema) => {
            schema.default.clone().map(ElicitValue::Strings)
        }
        PrimitiveSchemaDefinition::TitledMultiSelect(schema) => {
            schema.default.clone().map(ElicitValue::Strings)
        }
        _ => return None,
    };
    if !matches!(
        schema,
        PrimitiveSchemaDefinition::String(_) | PrimitiveSchemaDefinition::Number(_)
    ) {
        let (values, bounds) = choices(schema);
        if values.is_empty() {
            return Some("offers no values".to_owned());
        }
        if values
            .iter()
            .enumerate()
            .any(|(index, value)| values.iter().skip(index + 1).any(|other| other == value))
        {
            return Some("offers a value twice".to_owned());
        }
        if bounds.is_some_and(|bounds| is_above(bounds.min, bounds.max)) {
            return Some("has a minItems above its maxItems".to_owned());
        }
    }
    let fault = value(schema, default?).err()?;
    Some(format!("has a default that {fault}"))
}

fn is_above<T: PartialOrd>(low: Option<T>, high: Option<T>) -> bool {
    low.zip(high).is_some_and(|(low, high)| low > high)
}

fn check_text(schema: &StringSchema<'_>, text: &str) -> Result<(), String> {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if let Some(min) = schema.min_length.filter(|min| length < *min) {
        return Err(format!("has {length} characters, and {min} is the least"));
    }
    if let Some(max) = schema.max_length.filter(|max| length > *max) {
        return Err(format!("has {length} characters, and {max} is the most"));
    }
    match &schema.format {
        Some(format) if !format::fits(format, text) => Err(format!("is no {}", format.as_str())),
        _ => Ok(()),
    }
}

fn check_number(schema: &NumberSchema<'_>, number: Number) -> Result<Number, String> {
    let mut number = number;
    let float = number.as_f64();
    if !float.is_finite() {
        return Err("is no finite number".to_owned());
    }
    if schema.type_ == NumberSchemaType::Integer && number.as_i64().is_none() {
        if float.fract() != 0.0 || float.abs() > 9_007_199_254_740_991.0 {
            return Err("is no whole number".to_owned());
        }
        #[expect(clippy::cast_possible_truncation, reason = "integral and in range")]
        let integer = float as i64;
        number = Number::from(integer);
    }
    if let Some(min) = schema.minimum.filter(|min| float < min.as_f64()) {
        return Err(format!("is {number}, and {min} is the least"));
    }
    if let Some(max) = schema.maximum.filter(|max| float > max.as_f64()) {
        return Err(format!("is {number}, and {max} is the most"));
    }
    Ok(number)
}

/// How many values may be chosen.
#[derive(Clone, Copy)]
struct Bounds {
    min: Option<i64>,
    max: Option<i64>,
}

/// The values on offer, and for a choice of several how many may be chosen.
fn choices<'a>(schema: &'a PrimitiveSchemaDefinition<'_>) -> (Vec<&'a str>, Option<Bounds>) {
    let plain = |values: &'a [Cow<'_, str>]| values.iter().map(|value| &**value).collect();
    match schema {
        PrimitiveSchemaDefinition::UntitledSingleSelect(schema) => (plain(&schema.enum_), None),
        PrimitiveSchemaDefinition::LegacyTitled(schema) => (plain(&schema.enum_), None),
        PrimitiveSchemaDefinition::TitledSingleSelect(schema) => (
            schema.one_of.iter().map(|option| &*option.const_).collect(),
            None,
        ),
        PrimitiveSchemaDefinition::UntitledMultiSelect(schema) => (
            plain(&schema.items.enum_),
            Some(Bounds {
                min: schema.min_items,
                max: schema.max_items,
            }),
        ),
        PrimitiveSchemaDefinition::TitledMultiSelect(schema) => {
            let values = schema
                .items
                .any_of
                .iter()
                .map(|option| &*option.const_)
                .collect();
            (
                values,
                Some(Bounds {
                    min: schema.min_items,
                    max: schema.max_items,
                }),
            )
        }
        _ => (Vec::new(), None),
    }
}

fn one_of(values: &[&str], chosen: &str) -> Result<(), String> {
    if values.contains(&chosen) {
        Ok(())
    } else {
        Err(format!("is not one of {}", values.join(", ")))
    }
}

fn any_of(values: &[&str], bounds: Bounds, chosen: &[Cow<'_, str>]) -> Result<(), String> {
    for (index, value) in chosen.iter().enumerate() {
        one_of(values, value).map_err(|fault| format!("at {index} {fault}"))?;
    }
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    if let Some(min) = bounds.min.filter(|min| count < *min) {
        return Err(format!("has {count} values, and {min} is the least"));
    }
    if let Some(max) = bounds.max.filter(|max| count > *max) {
        return Err(format!("has {count} values, and {max} is the most"));
    }
    Ok(())
}

fn expected(schema: &PrimitiveSchemaDefinition<'_>) -> &'static str {
    match schema {
        PrimitiveSchemaDefinition::Number(_) => "a number",
        PrimitiveSchemaDefinition::Boolean(_) => "a boolean",
        PrimitiveSchemaDefinition::UntitledMultiSelect(_)
        | PrimitiveSchemaDefinition::TitledMultiSelect(_) => "an array of strings",
        _ => "a string",
    }
}
