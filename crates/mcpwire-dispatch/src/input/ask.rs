//! What a handler can ask for, alone or several things in one round.

use std::borrow::Cow;

use mcpwire_types::{
    CreateMessageRequest, CreateMessageRequestParams, ElicitRequest, ElicitRequestURLParams,
    InputRequest, ListRootsRequest, ListRootsRequestParams,
};

use super::form::{Form, FormField};
use super::sampling;
use crate::uri;

/// Several questions for one round ([`Input::ask`](crate::Input::ask)).
///
/// Each has a key, by which its answer is found (MRTR-08).
#[derive(Clone, Debug, Default)]
pub struct Ask(Vec<(Cow<'static, str>, Question)>);

/// One question, of a kind that decides how its answer is read (MRTR-24).
#[derive(Clone, Debug)]
pub(super) enum Question {
    Form(Form),
    Url {
        message: Cow<'static, str>,
        url: Cow<'static, str>,
    },
    Message(Box<CreateMessageRequestParams<'static>>),
    Roots,
}

impl Ask {
    /// Asks for nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a form for the user, see [`Input::elicit`](crate::Input::elicit).
    pub fn elicit<K: FormField>(self, key: impl Into<Cow<'static, str>>, form: Form<K>) -> Self {
        self.add(key, Question::Form(form.finish()))
    }

    /// Adds a URL for the user to open, see [`Input::open_url`](crate::Input::open_url).
    pub fn open_url(
        self,
        key: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
        url: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.add(
            key,
            Question::Url {
                message: message.into(),
                url: url.into(),
            },
        )
    }

    /// Adds a message for the client's model to write, see [`Input::sample`](crate::Input::sample).
    pub fn sample(
        self,
        key: impl Into<Cow<'static, str>>,
        params: CreateMessageRequestParams<'static>,
    ) -> Self {
        self.add(key, Question::Message(Box::new(params)))
    }

    /// Adds the folders that the user has opened, see [`Input::roots`](crate::Input::roots).
    pub fn roots(self, key: impl Into<Cow<'static, str>>) -> Self {
        self.add(key, Question::Roots)
    }

    fn add(mut self, key: impl Into<Cow<'static, str>>, question: Question) -> Self {
        self.0.push((key.into(), question));
        self
    }

    pub(super) fn into_questions(self) -> Vec<(Cow<'static, str>, Question)> {
        self.0
    }
}

impl Question {
    /// How the state of a request remembers the kind.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Form(_) => "form",
            Self::Url { .. } => "url",
            Self::Message(_) => "message",
            Self::Roots => "roots",
        }
    }

    /// What a programmer got wrong, before the client sees it.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Form(form) => form.problem(),
            // ELICIT-20
            Self::Url { url, .. } => uri::check(url)
                .err()
                .map(|error| format!("the URL {error}")),
            Self::Message(params) => sampling::problem(params),
            Self::Roots => None,
        }
    }

    /// The request on the wire (MRTR-06).
    pub(super) fn into_request(self) -> InputRequest<'static> {
        match self {
            Self::Form(form) => ElicitRequest::new(form.into_params()).into(),
            Self::Url { message, url } => {
                ElicitRequest::new(ElicitRequestURLParams::new(message, url)).into()
            }
            Self::Message(params) => CreateMessageRequest::new(*params).into(),
            Self::Roots => ListRootsRequest::new()
                .params(ListRootsRequestParams::new())
                .into(),
        }
    }
}
