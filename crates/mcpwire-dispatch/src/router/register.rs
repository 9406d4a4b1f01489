//! What can be wrong with a registration, and what a handler's extractors ask for.
//!
//! Mistakes of the programmer show when the server is put together, not when the first client
//! calls.

use std::fmt;

use mcpwire_service::{BoxError, Extensions};
use mcpwire_types::JSONObject;
use serde::Serialize;

use crate::handler::call::CallKind;

/// Why something cannot be registered.
#[derive(Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name is taken.
    Duplicate {
        /// What was to be registered, such as ``tool `add` ``.
        what: String,
    },
    /// A part of the definition is not well-formed.
    Invalid {
        /// What was to be registered, such as ``tool `add` ``.
        what: String,
        /// The part, such as `inputSchema`.
        part: &'static str,
        /// What is wrong with it.
        source: BoxError,
    },
    /// The handler takes a [`State`](crate::State) that the router was not given.
    MissingState {
        /// What was to be registered.
        what: String,
        /// The type of the state.
        state: &'static str,
    },
    /// The handler takes something that a call of this kind does not have.
    Misplaced {
        /// What was to be registered.
        what: String,
        /// The extractor.
        extractor: &'static str,
        /// The calls that have it.
        belongs: &'static str,
    },
    /// Something that has to be registered before is not there.
    Unknown {
        /// What was to be registered.
        what: String,
        /// What is not there.
        missing: String,
    },
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { what } => write!(f, "{what} is registered already"),
            Self::Invalid { what, part, source } => write!(f, "{what}: bad {part}: {source}"),
            Self::MissingState { what, state } => write!(
                f,
                "{what}: the handler takes State<{state}>, call Router::state with one before \
                 registering it"
            ),
            Self::Misplaced {
                what,
                extractor,
                belongs,
            } => {
                write!(
                    f,
                    "{what}: the handler takes {extractor}, which only {belongs} has"
                )
            }
            Self::Unknown { what, missing } => {
                write!(f, "{what}: {missing} is not registered, register it before")
            }
        }
    }
}

impl std::error::Error for RegisterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

/// What the parameters and the output of a handler ask for, gathered when it is registered.
///
/// An extractor of your own that wraps others calls their
/// [`describe`](crate::FromCall::describe) with it.
#[derive(Debug)]
pub struct Signature<'a> {
    what: String,
    kind: CallKind,
    states: &'a Extensions,
    input_schema: Option<JSONObject<'static>>,
    takes_arguments: bool,
    logs: bool,
    problem: Option<RegisterError>,
}

impl<'a> Signature<'a> {
    pub(crate) fn new(kind: CallKind, name: &str, states: &'a Extensions) -> Self {
        Self {
            what: format!("{kind} `{name}`"),
            kind,
            states,
            input_schema: None,
            takes_arguments: false,
            logs: false,
            problem: None,
        }
    }

    /// What is being registered, in words for an error message.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The kind of call that the handler is for.
    pub fn kind(&self) -> CallKind {
        self.kind
    }

    /// The handler takes arguments; of this shape, where it is known.
    pub fn arguments(&mut self, schema: Option<JSONObject<'static>>) {
        self.takes_arguments = true;
        if schema.is_some() {
            self.input_schema = schema;
        }
    }

    /// The handler takes a [`State<S>`](crate::State).
    pub fn state<S: Send + Sync + 'static>(&mut self) {
        if self.states.get::<S>().is_none() {
            let what = self.what.clone();
            self.refuse(RegisterError::MissingState {
                what,
                state: std::any::type_name::<S>(),
            });
        }
    }

    /// The handler takes an extractor that only calls of `kinds` have; `belongs` names them.
    pub fn only_for(&mut self, extractor: &'static str, kinds: &[CallKind], belongs: &'static str) {
        if !kinds.contains(&self.kind) {
            let what = self.what.clone();
            self.refuse(RegisterError::Misplaced {
                what,
                extractor,
                belongs,
            });
        }
    }

    /// The registration must not go on; the first problem counts.
    pub fn refuse(&mut self, problem: RegisterError) {
        self.problem.get_or_insert(problem);
    }

    pub(crate) fn invalid(&self, part: &'static str, source: impl Into<BoxError>) -> RegisterError {
        RegisterError::Invalid {
            what: self.what.clone(),
            part,
            source: source.into(),
        }
    }

    /// Holds a definition to being JSON: a number that is not finite cannot be listed.
    pub(crate) fn check_written(&self, definition: &impl Serialize) -> Result<(), RegisterError> {
        serde_json::to_string(definition)
            .map(drop)
            .map_err(|error| self.invalid("definition", error))
    }

    /// The handler sends log notifications, so the server declares that (LOG-02).
    pub(crate) fn logs(&mut self) {
        self.logs = true;
    }

    /// What was found, unless there was a problem.
    pub(crate) fn finish(self) -> Result<Needs, RegisterError> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(Needs {
                what: self.what,
                input_schema: self.input_schema,
                takes_arguments: self.takes_arguments,
                logs: self.logs,
            }),
        }
    }
}

/// What is left of a [`Signature`] when no problem was found.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) what: String,
    pub(crate) input_schema: Option<JSONObject<'static>>,
    pub(crate) takes_arguments: bool,
    pub(crate) logs: bool,
}

impl Needs {
    pub(crate) fn invalid(&self, part: &'static str, source: impl Into<BoxError>) -> RegisterError {
        RegisterError::Invalid {
            what: self.what.clone(),
            part,
            source: source.into(),
        }
    }
}
