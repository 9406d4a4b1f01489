//! What is left out of account when two answers are compared.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::transcript::Item;

type Hook = Arc<dyn Fn(&str, &mut Value) + Send + Sync>;

/// Which parts of answers may differ.
///
/// The default leaves the value of `requestState` out, and keeps that there is one: it is sealed with a
/// nonce, so that it never is the same twice. Everything else counts until it is named here.
///
/// Paths and hooks work on one item of an answer as JSON: `{"notification": {..}}` with the whole
/// message, `{"result": {..}}` or `{"error": {..}}`.
///
/// ```
/// use mcpwire_testkit::Mask;
///
/// let mask = Mask::default()
///     // A JSON Pointer; `*` stands for any one member or index.
///     .pointer("/result/structuredContent/takenAt")
///     .pointer("/result/content/*/annotations/lastModified")
///     // Whatever a pointer cannot say; the first argument is the method of the request.
///     .with(|method, item| {
///         if method == "tools/list" {
///             item["result"]["ttlMs"].take();
///         }
///     });
/// # drop(mask);
/// ```
#[derive(Clone)]
pub struct Mask {
    request_state: bool,
    pointers: Vec<Vec<String>>,
    hooks: Vec<Hook>,
}

impl Default for Mask {
    fn default() -> Self {
        Self {
            request_state: true,
            ..Self::nothing()
        }
    }
}

/// What stands in the place of a masked value.
const MASKED: &str = "(masked)";

impl Mask {
    /// Everything counts, `requestState` byte for byte.
    pub fn nothing() -> Self {
        Self {
            request_state: false,
            pointers: Vec::new(),
            hooks: Vec::new(),
        }
    }

    /// Leaves out the value at a JSON Pointer (RFC 6901) into an item; `*` stands for any one member or
    /// index. That there is a value still counts.
    pub fn pointer(mut self, pointer: &str) -> Self {
        let steps = pointer.split('/').skip(1);
        let steps = steps.map(|step| step.replace("~1", "/").replace("~0", "~"));
        self.pointers.push(steps.collect());
        self
    }

    /// Has `hook` change an item before it is compared; it is given the method of the request too.
    pub fn with(mut self, hook: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// The item as it is compared.
    pub(crate) fn apply(&self, method: &str, item: &Item) -> Value {
        let mut value = item.to_json();
        if self.request_state
            && let Some(state) = value.pointer_mut("/result/requestState")
        {
            *state = MASKED.into();
        }
        for pointer in &self.pointers {
            mask(&mut value, pointer);
        }
        for hook in &self.hooks {
            hook(method, &mut value);
        }
        value
    }

    /// Where two items first differ, if they do.
    pub(crate) fn compare(&self, method: &str, one: &Item, other: &Item) -> Option<Difference> {
        if one == other {
            return None;
        }
        difference(&self.apply(method, one), &self.apply(method, other), "$")
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask")
            .field("request_state", &self.request_state)
            .field("pointers", &self.pointers)
            .field("hooks", &self.hooks.len())
            .finish()
    }
}

fn mask(value: &mut Value, pointer: &[String]) {
    let Some((step, rest)) = pointer.split_first() else {
        *value = MASKED.into();
        return;
    };
    match value {
        Value::Object(members) if step == "*" => {
            members.values_mut().for_each(|member| mask(member, rest));
        }
        Value::Array(items) if step == "*" => items.iter_mut().for_each(|item| mask(item, rest)),
        Value::Object(members) => {
            if let Some(member) = members.get_mut(step) {
                mask(member, rest);
            }
        }
        Value::Array(items) => {
            if let Some(item) = step
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index))
            {
                mask(item, rest);
            }
        }
        _ => {}
    }
}

/// The first place where two answers are not the same.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Where, such as `$.result.content[0].text`.
    pub path: String,
    /// What was to be there; `None` for nothing.
    pub expected: Option<Value>,
    /// What is there instead.
    pub found: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), |value| shown(&value.to_string()))
        };
        let (expected, found) = (side(&self.expected), side(&self.found));
        write!(f, "{}: {expected} became {found}", self.path)
    }
}

/// Characters of one JSON text in a message.
const MAX_SHOWN: usize = 600;

/// A text short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!(
            "{}... ({} bytes)",
            text.get(..end).unwrap_or_default(),
            text.len()
        ),
    }
}

fn difference(one: &Value, other: &Value, path: &str) -> Option<Difference> {
    let differing = |path: String, expected: Option<&Value>, found: Option<&Value>| {
        Some(Difference {
            path,
            expected: expected.cloned(),
            found: found.cloned(),
        })
    };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (name, value) in one {
                let path = format!("{path}.{name}");
                match other.get(name) {
                    Some(same) => {
                        if let Some(found) = difference(value, same, &path) {
                            return Some(found);
                        }
                    }
                    None => return differing(path, Some(value), None),
                }
            }
            let more = other.iter().find(|(name, _)| !one.contains_key(*name))?;
            differing(format!("{path}.{}", more.0), None, Some(more.1))
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                let path = format!("{path}[{index}]");
                match (one.get(index), other.get(index)) {
                    (Some(one), Some(other)) => {
                        if let Some(found) = difference(one, other, &path) {
                            return Some(found);
                        }
                    }
                    (one, other) => return differing(path, one, other),
                }
            }
            None
        }
        _ if one == other => None,
        _ => differing(path.to_owned(), Some(one), Some(other)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result(value: &Value) -> Item {
        Item::Result(value.to_string().into())
    }

    #[test]
    fn the_first_difference_has_a_path() {
        let one = result(&json!({"content": [{"text": "a"}, {"text": "b"}]}));
        let other = result(&json!({"content": [{"text": "a"}, {"text": "c"}]}));
        let found = Mask::default().compare("tools/call", &one, &other).unwrap();
        assert_eq!(
            found.to_string(),
            r#"$.result.content[1].text: "b" became "c""#
        );
        let masked = Mask::default().pointer("/result/content/*/text");
        assert_eq!(masked.compare("tools/call", &one, &other), None);
    }

    #[test]
    fn request_state_counts_as_there_or_not() {
        let (one, other) = (json!({"requestState": "x"}), json!({"requestState": "y"}));
        let compare = |mask: Mask, other| mask.compare("m", &result(&one), &result(other));
        assert_eq!(compare(Mask::default(), &other), None);
        assert!(compare(Mask::nothing(), &other).is_some());
        assert!(compare(Mask::default(), &json!({})).is_some());
    }
}
