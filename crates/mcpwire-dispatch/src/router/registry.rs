//! Everything that a router knows, in one value that is replaced as a whole.
//!
//! A request takes the value that is there when it arrives and keeps it to its end: what is added
//! or removed meanwhile does not reach it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use mcpwire_service::{ChangeBus, Extensions};
use mcpwire_types::{Implementation, JSONObject};

use crate::feature::cache::CacheHints;
use crate::feature::completion::Completers;
use crate::feature::method::MethodEntry;
use crate::feature::page::Pages;
use crate::feature::prompt::PromptEntry;
use crate::feature::resource::{ResourceEntry, TemplateEntry};
use crate::feature::tool::ToolEntry;
use crate::handler::result::server_info_member;
use crate::input::InputPolicy;
use crate::limits::Limits;
use crate::listen::budget::Budget;
use crate::listen::changes::Changes;
use crate::router::table::Table;

/// What a router offers and how.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    pub(crate) info: ServerInfo,
    pub(crate) send_info: bool,
    pub(crate) instructions: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) cache: CacheHints,
    pub(crate) extensions: Vec<(String, JSONObject<'static>)>,
    pub(crate) states: Extensions,
    pub(crate) input: InputPolicy,
    pub(crate) bus: Option<Arc<dyn ChangeBus>>,
    pub(crate) listening: Arc<Budget>,
    /// Whether other processes are the same server.
    pub(crate) replicated: bool,
    pub(crate) declared: Declared,
    pub(crate) tools: Table<ToolEntry>,
    pub(crate) prompts: Table<PromptEntry>,
    pub(crate) resources: Table<ResourceEntry>,
    pub(crate) templates: Table<TemplateEntry>,
    pub(crate) completers: Completers,
    pub(crate) methods: Table<MethodEntry>,
    pub(crate) written: Written,
}

/// The server's name, as it is put into results (META-23).
#[derive(Clone, Debug)]
pub(crate) struct ServerInfo {
    pub(crate) implementation: Arc<Implementation<'static>>,
    /// `"_meta":{...}`, ready to be spliced into a result without one.
    pub(crate) meta_member: Bytes,
}

impl ServerInfo {
    pub(crate) fn new(implementation: Implementation<'static>) -> Self {
        let meta_member = server_info_member(&implementation).unwrap_or_default();
        Self {
            implementation: Arc::new(implementation),
            meta_member,
        }
    }
}

/// The features that the server has, even while there is nothing in them (TOOL-03).
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each capability of the specification"
)]
pub(crate) struct Declared {
    pub(crate) tools: bool,
    pub(crate) prompts: bool,
    pub(crate) resources: bool,
    pub(crate) completions: bool,
    pub(crate) logging: bool,
}

/// Results that are the same for every request, written when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) discover: OnceLock<Bytes>,
    pub(crate) tools: OnceLock<Pages>,
    pub(crate) prompts: OnceLock<Pages>,
    pub(crate) resources: OnceLock<Pages>,
    pub(crate) templates: OnceLock<Pages>,
}

/// A copy of the registry is made to be changed, so it starts with nothing written.
impl Clone for Written {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Registry {
    pub(crate) fn server_info(&self) -> Option<&ServerInfo> {
        self.send_info.then_some(&self.info)
    }

    pub(crate) fn changes(&self) -> Changes {
        Changes::new(self.bus.clone())
    }
}
