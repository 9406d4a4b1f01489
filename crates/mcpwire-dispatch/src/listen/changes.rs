//! Telling subscribers that something changed (SUB-15).

use std::sync::Arc;

use mcpwire_service::{Change, ChangeBus};

/// Announces changes to every `subscriptions/listen` stream that asked for them, on every replica that
/// shares the bus.
///
/// A handler takes it as a parameter; others get it from [`Router::changes`](crate::Router::changes).
/// Announcing never waits. Without a bus it does nothing.
#[derive(Clone, Debug)]
pub struct Changes(Option<Arc<dyn ChangeBus>>);

impl Changes {
    pub(crate) fn new(bus: Option<Arc<dyn ChangeBus>>) -> Self {
        Self(bus)
    }

    /// The set of tools is another one (TOOL-38). The router does this for what is added to it and
    /// removed from it.
    pub fn tools_changed(&self) {
        self.publish(Change::ToolsListChanged);
    }

    /// The set of prompts is another one (PROMPT-17).
    pub fn prompts_changed(&self) {
        self.publish(Change::PromptsListChanged);
    }

    /// The set of resources or resource templates is another one (RES-18).
    pub fn resources_changed(&self) {
        self.publish(Change::ResourcesListChanged);
    }

    /// What a read of this URI gives is another one (RES-19).
    pub fn resource_updated(&self, uri: impl Into<Arc<str>>) {
        self.publish(Change::ResourceUpdated { uri: uri.into() });
    }

    pub(crate) fn publish(&self, change: Change) {
        if let Some(bus) = &self.0 {
            bus.publish(change);
        }
    }
}
