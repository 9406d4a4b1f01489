#![doc = include_str!("../README.md")]

mod bus;
mod cache;
mod call;
mod canonical;
mod changes;
mod completion;
mod ctx;
mod derive;
mod discover;
mod dispatch;
mod error;
mod extract;
mod handler;
mod header_params;
mod input;
mod limits;
mod listen;
mod method;
mod outbox;
mod page;
mod path;
mod prompt;
mod register;
mod registry;
mod resource;
mod result;
mod router;
mod run;
mod schema;
mod schema_text;
mod seal;
mod table;
mod template;
mod tool;
mod uri;

pub use bus::LocalBus;
pub use cache::CacheHint;
pub use call::{Call, CallKind};
pub use changes::Changes;
pub use completion::{Argument, IntoCompletion};
pub use ctx::Ctx;
pub use error::HandlerError;
#[cfg(feature = "schemars")]
pub use extract::Args;
pub use extract::{FromCall, Params, RawArgs, RawParams, State, Uri};
pub use handler::Handler;
pub use header_params::HeaderParamError;
pub use input::{
    Answers, Ask, BooleanField, ChoiceField, ChoicesField, Consent, ElicitAnswer, Form, FormField,
    FormValues, Input, IntegerField, NumberField, Pause, TextField,
};
pub use limits::Limits;
pub use outbox::{Log, Progress};
pub use path::Path;
pub use prompt::{IntoPromptResult, PromptDef, prompt};
pub use register::{RegisterError, Signature};
pub use resource::{
    IntoResourceResult, ReadTarget, ResourceDef, ResourceTemplateDef, resource, resource_template,
};
#[cfg(feature = "schemars")]
pub use result::Json;
pub use router::{Feature, Router};
pub use run::RouterFuture;
pub use schema::SchemaError;
pub use schema_text::SchemaText;
pub use seal::{KeyRing, KeyTextError};
pub use template::{TemplateError, TemplateParams, UriTemplate};
pub use tool::{IntoToolResult, ToolDef, tool};
pub use uri::UriError;

/// The version of `schemars` whose `JsonSchema` the extractors and results of this crate take.
#[cfg(feature = "schemars")]
pub use schemars;
