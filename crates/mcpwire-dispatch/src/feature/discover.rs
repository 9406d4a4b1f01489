//! `server/discover`: what the server offers, derived from what was registered (DISC rows).

use bytes::Bytes;
use mcpwire_types::{
    CacheScope, DiscoverResult, JSONObject, PROTOCOL_VERSION, PromptsCapability,
    ResourcesCapability, ServerCapabilities, ToolsCapability,
};

use crate::handler::result::write_ahead;
use crate::router::registry::Registry;

/// The protocol versions that the router speaks (VER-05).
pub(crate) const SUPPORTED_VERSIONS: [&str; 1] = [PROTOCOL_VERSION];

/// The result, ready to be sent.
pub(crate) fn write(registry: &Registry) -> Bytes {
    let hint = registry.cache.discover;
    let mut result = DiscoverResult::new(SUPPORTED_VERSIONS, capabilities(registry))
        .ttl_ms(hint.ttl_ms())
        .cache_scope(CacheScope::from(hint.scope()));
    result.instructions = registry.instructions.as_deref().map(Into::into);
    write_ahead(registry, &result)
}

fn capabilities(registry: &Registry) -> ServerCapabilities<'static> {
    let declared = &registry.declared;
    // `{}` without the bus, `{"listChanged":true}` with it (TOOL-01, SUB-28).
    let changes = registry.bus.is_some().then_some(true);
    let mut capabilities = ServerCapabilities::new();
    if declared.tools {
        let mut tools = ToolsCapability::new();
        tools.list_changed = changes;
        capabilities.tools = Some(tools);
    }
    if declared.prompts {
        let mut prompts = PromptsCapability::new();
        prompts.list_changed = changes;
        capabilities.prompts = Some(prompts);
    }
    if declared.resources {
        let mut resources = ResourcesCapability::new();
        resources.list_changed = changes;
        resources.subscribe = changes;
        capabilities.resources = Some(resources);
    }
    capabilities.completions = declared.completions.then(JSONObject::empty);
    capabilities.logging = declared.logging.then(JSONObject::empty);
    let extensions = &registry.extensions;
    if !extensions.is_empty() {
        capabilities.extensions = Some(extensions.iter().cloned().collect());
    }
    capabilities
}
