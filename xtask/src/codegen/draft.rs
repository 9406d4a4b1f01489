//! Writes an area as the TOML that a person edits: one type a block, one field a line.

use std::fmt::{self, Write};

use super::model::{Area, By, Constant, Field, Kind, Scalar, Type, Use, Value, Variant};

/// The area as a TOML document, with notes for whoever goes on with it.
pub fn toml(area: &Area, notes: &[String]) -> String {
    // What comes out of a schema may hold a line break, which would end the comment.
    let note = |note: &String| format!("# {}\n", note.replace(char::is_control, " "));
    let mut out: String = notes.iter().map(note).collect();
    if !notes.is_empty() {
        out.push('\n');
    }
    // Writing to a string does not fail.
    let _ = write_area(&mut out, area);
    out
}

fn write_area(out: &mut String, area: &Area) -> fmt::Result {
    writeln!(out, "area = {}", quoted(&area.area))?;
    writeln!(out, "doc = {}", quoted(&area.doc))?;
    for used in &area.uses {
        write_use(out, used)?;
    }
    for constant in &area.constants {
        write_constant(out, constant)?;
    }
    for ty in &area.types {
        write_type(out, ty)?;
    }
    Ok(())
}

fn write_use(out: &mut String, used: &Use) -> fmt::Result {
    writeln!(
        out,
        "\n[[use]]\npath = {}\nmodel = {}",
        quoted(&used.path),
        quoted(&used.model)
    )?;
    lines(out, "types", used.types.iter().map(|name| quoted(name)))
}

fn write_constant(out: &mut String, constant: &Constant) -> fmt::Result {
    writeln!(out, "\n[[constant]]")?;
    if !constant.group.is_empty() {
        writeln!(out, "group = {}", quoted(&constant.group))?;
    }
    writeln!(
        out,
        "name = {}\nvalue = {}",
        quoted(&constant.name),
        scalar(&constant.value)
    )?;
    writeln!(out, "doc = {}", quoted(&constant.doc))
}

fn write_type(out: &mut String, ty: &Type) -> fmt::Result {
    let kind = match ty.kind {
        Kind::Object => "object",
        Kind::Raw => "raw",
        Kind::Enum => "enum",
        Kind::Union => "union",
        Kind::Alias => "alias",
    };
    writeln!(
        out,
        "\n[[type]]\nname = {}\nkind = {}",
        quoted(&ty.name),
        quoted(kind)
    )?;
    if ty.inline {
        writeln!(out, "inline = true")?;
    }
    if ty.builtin {
        writeln!(out, "builtin = true")?;
    }
    writeln!(out, "doc = {}", quoted(&ty.doc))?;
    if !ty.see.is_empty() {
        let see: Vec<String> = ty.see.iter().map(|row| quoted(row)).collect();
        writeln!(out, "see = [{}]", see.join(", "))?;
    }
    for (key, value) in [
        ("is", &ty.target),
        ("refines", &ty.refines),
        ("additional", &ty.additional),
    ] {
        if let Some(value) = value {
            writeln!(out, "{key} = {}", quoted(value))?;
        }
    }
    if let Some(by) = &ty.by {
        let by = match by {
            By::Tag(member) => format!("{{ tag = {} }}", quoted(member)),
            By::ResultType => quoted("result-type"),
            By::Members => quoted("members"),
            By::JsonKind => quoted("json-kind"),
            By::Asked => quoted("asked"),
        };
        writeln!(out, "by = {by}")?;
    }
    lines(out, "fields", ty.fields.iter().map(field))?;
    lines(out, "values", ty.values.iter().map(value))?;
    lines(out, "variants", ty.variants.iter().map(variant))
}

fn field(field: &Field) -> String {
    let mut line = vec![
        pair("name", quoted(&field.name)),
        pair("type", quoted(&field.ty)),
    ];
    line.extend(
        field
            .constant
            .as_ref()
            .map(|constant| pair("const", scalar(constant))),
    );
    line.extend(field.optional.then(|| pair("optional", "true")));
    line.extend(
        field
            .preset
            .as_ref()
            .map(|preset| pair("preset", scalar(preset))),
    );
    line.extend(
        field
            .tolerate_absent
            .then(|| pair("tolerate_absent", "true")),
    );
    line.extend(field.minimum.map(|bound| pair("minimum", bound)));
    line.extend(field.maximum.map(|bound| pair("maximum", bound)));
    line.extend(field.max_items.map(|bound| pair("max_items", bound)));
    line.push(pair("doc", quoted(&field.doc)));
    format!("{{ {} }}", line.join(", "))
}

fn pair(key: &str, value: impl fmt::Display) -> String {
    format!("{key} = {value}")
}

fn value(value: &Value) -> String {
    format!(
        "{{ value = {}, doc = {} }}",
        quoted(&value.value),
        quoted(&value.doc)
    )
}

fn variant(variant: &Variant) -> String {
    let mut line = vec![
        pair("name", quoted(&variant.name)),
        pair("type", quoted(&variant.ty)),
    ];
    line.extend(variant.tag.as_ref().map(|tag| pair("tag", quoted(tag))));
    if !variant.when.is_empty() {
        let when: Vec<String> = variant
            .when
            .iter()
            .map(|condition| quoted(condition))
            .collect();
        line.push(pair("when", format_args!("[{}]", when.join(", "))));
    }
    line.extend(variant.default.then(|| pair("default", "true")));
    line.push(pair("doc", quoted(&variant.doc)));
    format!("{{ {} }}", line.join(", "))
}

/// An array with one element a line, or nothing where it is empty.
fn lines(out: &mut String, key: &str, elements: impl Iterator<Item = String>) -> fmt::Result {
    let mut elements = elements.peekable();
    if elements.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{key} = [")?;
    for element in elements {
        writeln!(out, "    {element},")?;
    }
    writeln!(out, "]")
}

fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Integer(number) => number.to_string(),
        Scalar::String(text) => quoted(text),
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.extend(format!("\\u{:04X}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading what was written gives the same area, whatever is in it.
    #[test]
    fn what_is_written_is_read_back() {
        let text = r#"
            area = "test"
            doc = "A \"quoted\" sentence with a \\ and a \u0001."
            [[use]]
            path = "mcpwire_types"
            model = "2026-07-28"
            types = ["Tool"]
            [[constant]]
            group = "error_code"
            name = "LOST"
            value = -5
            doc = "Lost."
            [[type]]
            name = "One"
            kind = "object"
            refines = "Tool"
            additional = "any"
            see = ["TOOL-01"]
            fields = [
                { name = "type", type = "string", const = "one", doc = "Fixed." },
                { name = "n", type = "integer", optional = true, preset = 0, minimum = -1, maximum = 2, doc = "" },
                { name = "l", type = "string[]", tolerate_absent = true, max_items = 3, doc = "" },
            ]
            [[type]]
            name = "Level"
            kind = "enum"
            inline = true
            values = [{ value = "low", doc = "" }]
            [[type]]
            name = "Text"
            kind = "alias"
            builtin = true
            is = "string"
            [[type]]
            name = "Either"
            kind = "union"
            by = { tag = "type" }
            variants = [
                { name = "One", type = "One", tag = "one", default = true, doc = "" },
                { name = "Two", type = "One", when = ["a=b", "!c"], doc = "Two." },
            ]
        "#;
        let area: Area = toml::from_str(text).unwrap();
        let again: Area =
            toml::from_str(&super::toml(&area, &["A note.\nOf two lines.".to_owned()])).unwrap();
        assert_eq!(format!("{area:?}"), format!("{again:?}"));
    }

    proptest::proptest! {
        #[test]
        fn every_string_is_read_back(text in proptest::prelude::any::<String>(), number in proptest::prelude::any::<i64>()) {
            let value = Value { value: text.clone(), doc: text.clone() };
            let area = Area {
                area: text.clone(),
                doc: text.clone(),
                constants: vec![Constant { group: String::new(), name: text, value: Scalar::Integer(number), doc: String::new() }],
                types: vec![Type { values: vec![value], ..toml::from_str("name = 'One'\nkind = 'enum'").unwrap() }],
                ..Area::default()
            };
            let again: Area = toml::from_str(&super::toml(&area, std::slice::from_ref(&area.doc))).unwrap();
            proptest::prop_assert_eq!(format!("{area:?}"), format!("{again:?}"));
        }
    }
}
