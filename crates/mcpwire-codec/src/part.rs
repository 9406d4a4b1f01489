//! The parts of a message that can be had without building a tree.

use core::fmt;

use crate::slot::Parent;

/// What a message is. The members it has decide, never their values; JSON-RPC closes the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Has `method` and `id`, and wants an answer (BASE-08).
    Request,
    /// Has `method` and no `id`, and is never answered (BASE-26, BASE-27).
    Notification,
    /// Has `id` and `result` (BASE-10, BASE-11).
    Result,
    /// Has `error`, and `id` if the sender could read it (BASE-20 to BASE-22).
    Error,
}

/// A part of a message, to be asked for with [`Message::raw`](crate::Message::raw) and its sisters.
///
/// [`Part::Meta`] and what follows it are found in `params` of a request or notification, and in
/// `result` of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `params`, an object.
    Params,
    /// `params.name`: of a tool or prompt.
    Name,
    /// `params.uri`: of a resource.
    Uri,
    /// `params.taskId`.
    TaskId,
    /// `params.cursor`.
    Cursor,
    /// `params.arguments`.
    Arguments,
    /// `params.inputResponses`.
    InputResponses,
    /// `params.requestState`.
    RequestState,
    /// `result`, an object.
    Result,
    /// `result.resultType`, a string.
    ResultType,
    /// `error`, an object with an integer `code` and a string `message`.
    Error,
    /// `_meta`.
    Meta,
    /// `_meta["io.modelcontextprotocol/protocolVersion"]`.
    ProtocolVersion,
    /// `_meta["io.modelcontextprotocol/clientCapabilities"]`.
    ClientCapabilities,
    /// `_meta["io.modelcontextprotocol/clientInfo"]`.
    ClientInfo,
    /// `_meta["io.modelcontextprotocol/logLevel"]`.
    LogLevel,
    /// `_meta.progressToken`.
    ProgressToken,
    /// `_meta["io.modelcontextprotocol/serverInfo"]`.
    ServerInfo,
    /// `_meta["io.modelcontextprotocol/subscriptionId"]`.
    SubscriptionId,
    /// `_meta.traceparent`.
    Traceparent,
    /// `_meta.tracestate`.
    Tracestate,
    /// `_meta.baggage`.
    Baggage,
}

/// A member that the codec reads. It displays as its path: `$.params.name`,
/// `$.params._meta["io.modelcontextprotocol/protocolVersion"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub(crate) parent: Parent,
    pub(crate) name: &'static str,
}

impl Member {
    /// The name alone, without the path: `name`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.parent {
            Parent::Message | Parent::Other => "$",
            Parent::Params => "$.params",
            Parent::Result => "$.result",
            Parent::Error => "$.error",
            Parent::ParamsMeta => "$.params._meta",
            Parent::ResultMeta => "$.result._meta",
        })?;
        if self.name.contains(['.', '/']) {
            write!(f, "[\"{}\"]", self.name)
        } else {
            write!(f, ".{}", self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::Slot;

    #[test]
    fn members_display_as_paths() {
        let path = |part, kind| Slot::of(part).member(kind).to_string();
        assert_eq!(path(Part::Params, Kind::Request), "$.params");
        assert_eq!(path(Part::Uri, Kind::Request), "$.params.uri");
        assert_eq!(
            path(Part::Traceparent, Kind::Notification),
            "$.params._meta.traceparent"
        );
        assert_eq!(
            path(Part::ServerInfo, Kind::Result),
            r#"$.result._meta["io.modelcontextprotocol/serverInfo"]"#
        );
    }
}
