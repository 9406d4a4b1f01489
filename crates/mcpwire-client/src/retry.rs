//! Which requests may be sent twice.

use mcpwire_service::Request;
use mcpwire_types::method;

/// Whether a request can be sent again when it is not known what became of it: it only reads.
///
/// For the policy of a `tower::retry` layer below the client. A tool may act, so that `tools/call` is
/// not among them; a tool whose annotations say `readOnlyHint` or `idempotentHint` is for the
/// application to judge. A request that surely never reached the server may always be sent again;
/// the errors of the transports say whether that is so.
pub fn is_read_only(request: &Request) -> bool {
    matches!(
        &*request.method(),
        method::SERVER_DISCOVER
            | method::TOOLS_LIST
            | method::PROMPTS_LIST
            | method::PROMPTS_GET
            | method::RESOURCES_LIST
            | method::RESOURCES_TEMPLATES_LIST
            | method::RESOURCES_READ
            | method::COMPLETION_COMPLETE
            | method::SUBSCRIPTIONS_LISTEN
    )
}
