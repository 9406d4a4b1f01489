#![doc = include_str!("../README.md")]

mod error;
mod feature;
mod handler;
mod input;
mod limits;
mod listen;
mod router;
mod schema;
mod template;
mod uri;

pub use error::HandlerError;
pub use feature::cache::CacheHint;
pub use feature::completion::{Argument, IntoCompletion};
pub use feature::prompt::{IntoPromptResult, PromptDef, prompt};
pub use feature::resource::{
    IntoResourceResult, ReadTarget, ResourceDef, ResourceTemplateDef, resource, resource_template,
};
pub use feature::tool::{IntoToolResult, ToolDef, tool};
pub use handler::Handler;
pub use handler::call::{Call, CallKind};
pub use handler::ctx::Ctx;
#[cfg(feature = "schemars")]
pub use handler::extract::Args;
pub use handler::extract::{FromCall, Params, RawArgs, RawParams, State, Uri};
pub use handler::outbox::{Log, Progress};
pub use handler::path::Path;
#[cfg(feature = "schemars")]
pub use handler::result::Json;
pub use input::seal::{KeyRing, KeyRingError, KeyTextError};
pub use input::{
    Answers, Ask, BooleanField, ChoiceField, ChoicesField, Consent, ElicitAnswer, Form, FormField,
    FormValues, Input, IntegerField, NumberField, Pause, TextField,
};
pub use limits::Limits;
pub use listen::budget::ListenStats;
pub use listen::changes::Changes;
pub use mcpwire_service::{HeaderParamError, LocalBus};
pub use router::register::{RegisterError, Signature};
pub use router::replicas::{Readiness, ReplicaError};
pub use router::run::RouterFuture;
pub use router::{Feature, Router};
pub use schema::SchemaError;
pub use schema::text::SchemaText;
pub use template::{TemplateError, TemplateParams, UriTemplate};
pub use uri::UriError;

/// The version of `schemars` whose `JsonSchema` the extractors and results of this crate take.
#[cfg(feature = "schemars")]
pub use schemars;
