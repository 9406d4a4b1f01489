//! The named strings and integers that a schema holds: methods, error codes, `_meta` keys.

use crate::codegen::model::{Constant, Scalar, Type};
use crate::codegen::names::{last_segment, screaming};

pub(super) fn found_in(types: &[Type]) -> Vec<Constant> {
    let mut found: Vec<Constant> = Vec::new();
    let mut add = |group: &str, name: String, value: &Scalar| {
        let known = |constant: &Constant| {
            constant.group == group && (constant.name == name || constant.value == *value)
        };
        if !found.iter().any(known) {
            found.push(Constant {
                group: group.to_owned(),
                name,
                value: value.clone(),
                doc: String::new(),
            });
        }
    };
    for ty in types {
        let meta = ty.name.ends_with("MetaObject");
        for field in &ty.fields {
            match (field.name.as_str(), &field.constant) {
                ("method", Some(value @ Scalar::String(method))) => {
                    add("method", screaming(method), value);
                }
                ("code", Some(value @ Scalar::Integer(_))) => {
                    add(
                        "error_code",
                        screaming(ty.name.trim_end_matches("Error")),
                        value,
                    );
                }
                (key, None) if meta || key.contains('/') => {
                    add(
                        "meta_key",
                        screaming(last_segment(key)),
                        &Scalar::String(key.to_owned()),
                    );
                }
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    found
}
