//! What the client answered.

use std::borrow::Cow;

use mcpwire_types::{
    CreateMessageResult, ElicitAction, ElicitResult, ElicitValue, JSONValue, ListRootsResult, Map,
    Root,
};
use serde::de::DeserializeOwned;

use super::ask::Question;
use crate::error::HandlerError;

/// What the user did with a form (ELICIT-22, ELICIT-24).
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a handler has to deal with each of the three (ELICIT-29)"
)]
pub enum ElicitAnswer {
    /// Filled it in.
    Accept(FormValues),
    /// Said no.
    Decline,
    /// Went away without a choice.
    Cancel,
}

impl ElicitAnswer {
    /// What was filled in, unless the user declined or cancelled.
    pub fn accepted(self) -> Option<FormValues> {
        match self {
            Self::Accept(values) => Some(values),
            Self::Decline | Self::Cancel => None,
        }
    }

    /// What was filled in; ends the handler where the user declined or cancelled, for a tool with a
    /// tool error that says so.
    pub fn require(self) -> Result<FormValues, HandlerError> {
        match self {
            Self::Accept(values) => Ok(values),
            Self::Decline => Err(HandlerError::tool("the user declined to answer")),
            Self::Cancel => Err(HandlerError::tool("the user cancelled the question")),
        }
    }
}

/// What the user did when asked to open a URL.
///
/// `Accept` says that the user agreed to open it, not that anything came of it (ELICIT-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a handler has to deal with each of the three (ELICIT-29)"
)]
pub enum Consent {
    /// Agreed to open it.
    Accept,
    /// Said no.
    Decline,
    /// Went away without a choice.
    Cancel,
}

/// The values of a form that the user filled in: they fit the form, and fields that it does not have
/// are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormValues(Map<'static, ElicitValue<'static>>);

impl FormValues {
    /// The value of a field; `None` where an optional field was left empty.
    pub fn get(&self, field: &str) -> Option<&ElicitValue<'static>> {
        self.0.get(field)
    }

    /// The value of a text field or single choice.
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.get(field)? {
            ElicitValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an integer field.
    pub fn integer(&self, field: &str) -> Option<i64> {
        match self.get(field)? {
            ElicitValue::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The value of a number or integer field.
    pub fn number(&self, field: &str) -> Option<f64> {
        match self.get(field)? {
            ElicitValue::Number(number) => Some(number.as_f64()),
            _ => None,
        }
    }

    /// The value of a boolean field.
    pub fn boolean(&self, field: &str) -> Option<bool> {
        match self.get(field)? {
            ElicitValue::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The values of a choice of several.
    pub fn list(&self, field: &str) -> Option<Vec<&str>> {
        match self.get(field)? {
            ElicitValue::Strings(values) => Some(values.iter().map(|value| &**value).collect()),
            _ => None,
        }
    }

    /// All values as a type of yours, with a member for each field; optional fields are `Option`s.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, HandlerError> {
        let parsed = serde_json::to_vec(&self.0).and_then(|json| serde_json::from_slice(&json));
        parsed.map_err(|error| {
            HandlerError::internal(format!(
                "the type does not fit the form that it is read from: {error}"
            ))
        })
    }
}

/// The answers of one round, by the keys of their questions.
///
/// A key that was not asked for, or for something else, is a mistake of the handler and `-32603`.
#[derive(Clone, Debug, Default)]
pub struct Answers(pub(super) Vec<(Cow<'static, str>, Answer)>);

impl Answers {
    /// What the user did with a form.
    pub fn elicit(&self, key: &str) -> Result<ElicitAnswer, HandlerError> {
        match self.find(key) {
            Some(Answer::Elicit(answer)) => Ok(answer.clone()),
            _ => Err(not_asked(key)),
        }
    }

    /// What the user did when asked to open a URL.
    pub fn open_url(&self, key: &str) -> Result<Consent, HandlerError> {
        match self.find(key) {
            Some(Answer::Consent(consent)) => Ok(*consent),
            _ => Err(not_asked(key)),
        }
    }

    /// What the client's model wrote.
    pub fn sample(&self, key: &str) -> Result<CreateMessageResult<'static>, HandlerError> {
        match self.find(key) {
            Some(Answer::Message(message)) => Ok((**message).clone()),
            _ => Err(not_asked(key)),
        }
    }

    /// The folders that the user has opened.
    pub fn roots(&self, key: &str) -> Result<Vec<Root<'static>>, HandlerError> {
        match self.find(key) {
            Some(Answer::Roots(roots)) => Ok(roots.clone()),
            _ => Err(not_asked(key)),
        }
    }

    fn find(&self, key: &str) -> Option<&Answer> {
        self.0
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, answer)| answer)
    }
}

fn not_asked(key: &str) -> HandlerError {
    HandlerError::internal(format!(
        "the handler reads an answer under {key:?} that it did not ask for"
    ))
}

/// An answer, read as its question demands (MRTR-24).
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Elicit(ElicitAnswer),
    Consent(Consent),
    Message(Box<CreateMessageResult<'static>>),
    Roots(Vec<Root<'static>>),
}

impl Answer {
    /// Reads and checks an answer (MRTR-25). The error is a path from the answer on and what is wrong
    /// there, such as `.content.age: is missing`.
    pub(super) fn read(question: &Question, json: &JSONValue<'_>) -> Result<Self, String> {
        match question {
            Question::Form(form) => {
                let ElicitResult {
                    action, content, ..
                } = parse::<ElicitResult<'_>>(json)?.into_owned();
                Ok(Self::Elicit(match action {
                    ElicitAction::Accept => {
                        let content = content.unwrap_or_default();
                        let values = form
                            .check(content)
                            .map_err(|fault| format!(".content{fault}"))?;
                        ElicitAnswer::Accept(FormValues(values))
                    }
                    ElicitAction::Decline => ElicitAnswer::Decline,
                    ElicitAction::Cancel => ElicitAnswer::Cancel,
                    other => return Err(unknown_action(&other)),
                }))
            }
            Question::Url { .. } => match parse::<ElicitResult<'_>>(json)?.action {
                ElicitAction::Accept => Ok(Self::Consent(Consent::Accept)),
                ElicitAction::Decline => Ok(Self::Consent(Consent::Decline)),
                ElicitAction::Cancel => Ok(Self::Consent(Consent::Cancel)),
                other => Err(unknown_action(&other)),
            },
            Question::Message(_) => Ok(Self::Message(Box::new(
                parse::<CreateMessageResult<'_>>(json)?.into_owned(),
            ))),
            Question::Roots => {
                let roots = parse::<ListRootsResult<'_>>(json)?.into_owned().roots;
                // ROOTS-05
                match roots
                    .iter()
                    .position(|root| !root.uri.starts_with("file://"))
                {
                    Some(index) => Err(format!(".roots[{index}].uri: does not begin with file://")),
                    None => Ok(Self::Roots(roots)),
                }
            }
        }
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a JSONValue<'_>) -> Result<T, String> {
    json.parse().map_err(|error| {
        let path = error.path().strip_prefix('$').unwrap_or_default();
        format!("{path}: {}", error.message())
    })
}

fn unknown_action(action: &ElicitAction<'_>) -> String {
    format!(
        ".action: {:?} is none of accept, decline and cancel",
        action.as_str()
    )
}

/// One step of a path, as the errors of decoding write it.
pub(super) fn member(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if bare {
        format!(".{name}")
    } else {
        format!("[{name:?}]")
    }
}
