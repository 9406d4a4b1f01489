//! The parts of a message that can be had without building a tree, and the members that are read
//! on the way to them.

use std::fmt;

use mcpwire_types::meta_key;

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

/// A member that is read: a part, or one of those that a message answers for in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Version,
    Id,
    Method,
    ErrorCode,
    ErrorMessage,
    ErrorData,
    Part(Part),
}

impl Slot {
    /// How many there are.
    pub(crate) const COUNT: usize = 6 + Part::Baggage as usize + 1;

    pub(crate) fn index(self) -> usize {
        match self {
            Slot::Version => 0,
            Slot::Id => 1,
            Slot::Method => 2,
            Slot::ErrorCode => 3,
            Slot::ErrorMessage => 4,
            Slot::ErrorData => 5,
            Slot::Part(part) => 6 + part as usize,
        }
    }

    /// The slot of a member of `parent`, if it is one that is read. Names are compared exactly.
    pub(crate) fn of_member(parent: Parent, name: &[u8]) -> Option<Slot> {
        Some(match (parent, name) {
            (Parent::Message, b"jsonrpc") => Slot::Version,
            (Parent::Message, b"id") => Slot::Id,
            (Parent::Message, b"method") => Slot::Method,
            (Parent::Message, b"params") => Slot::Part(Part::Params),
            (Parent::Message, b"result") => Slot::Part(Part::Result),
            (Parent::Message, b"error") => Slot::Part(Part::Error),
            (Parent::Params | Parent::Result, b"_meta") => Slot::Part(Part::Meta),
            (Parent::Params, b"arguments") => Slot::Part(Part::Arguments),
            (Parent::Params, b"cursor") => Slot::Part(Part::Cursor),
            (Parent::Params, b"inputResponses") => Slot::Part(Part::InputResponses),
            (Parent::Params, b"name") => Slot::Part(Part::Name),
            (Parent::Params, b"requestState") => Slot::Part(Part::RequestState),
            (Parent::Params, b"taskId") => Slot::Part(Part::TaskId),
            (Parent::Params, b"uri") => Slot::Part(Part::Uri),
            (Parent::Result, b"resultType") => Slot::Part(Part::ResultType),
            (Parent::Error, b"code") => Slot::ErrorCode,
            (Parent::Error, b"message") => Slot::ErrorMessage,
            (Parent::Error, b"data") => Slot::ErrorData,
            (Parent::ParamsMeta | Parent::ResultMeta, _) => Slot::Part(reserved_key(name)?),
            _ => return None,
        })
    }

    /// The member that this slot is for in a message of `kind`.
    pub(crate) fn member(self, kind: Kind) -> Member {
        let response = matches!(kind, Kind::Result | Kind::Error);
        let payload = if response {
            Parent::Result
        } else {
            Parent::Params
        };
        let meta = if response {
            Parent::ResultMeta
        } else {
            Parent::ParamsMeta
        };
        let (parent, name) = match self {
            Slot::Version => (Parent::Message, "jsonrpc"),
            Slot::Id => (Parent::Message, "id"),
            Slot::Method => (Parent::Message, "method"),
            Slot::ErrorCode => (Parent::Error, "code"),
            Slot::ErrorMessage => (Parent::Error, "message"),
            Slot::ErrorData => (Parent::Error, "data"),
            Slot::Part(part) => match part {
                Part::Params => (Parent::Message, "params"),
                Part::Result => (Parent::Message, "result"),
                Part::Error => (Parent::Message, "error"),
                Part::Name => (Parent::Params, "name"),
                Part::Uri => (Parent::Params, "uri"),
                Part::TaskId => (Parent::Params, "taskId"),
                Part::Cursor => (Parent::Params, "cursor"),
                Part::Arguments => (Parent::Params, "arguments"),
                Part::InputResponses => (Parent::Params, "inputResponses"),
                Part::RequestState => (Parent::Params, "requestState"),
                Part::ResultType => (Parent::Result, "resultType"),
                Part::Meta => (payload, "_meta"),
                Part::ProtocolVersion => (meta, meta_key::PROTOCOL_VERSION),
                Part::ClientCapabilities => (meta, meta_key::CLIENT_CAPABILITIES),
                Part::ClientInfo => (meta, meta_key::CLIENT_INFO),
                Part::LogLevel => (meta, meta_key::LOG_LEVEL),
                Part::ProgressToken => (meta, meta_key::PROGRESS_TOKEN),
                Part::ServerInfo => (meta, meta_key::SERVER_INFO),
                Part::SubscriptionId => (meta, meta_key::SUBSCRIPTION_ID),
                Part::Traceparent => (meta, meta_key::TRACEPARENT),
                Part::Tracestate => (meta, meta_key::TRACESTATE),
                Part::Baggage => (meta, meta_key::BAGGAGE),
            },
        };
        Member { parent, name }
    }
}

/// The part that a key of `_meta` is, if the specification gives it a meaning (META-10 to META-31).
fn reserved_key(key: &[u8]) -> Option<Part> {
    match key {
        b"progressToken" => Some(Part::ProgressToken),
        b"traceparent" => Some(Part::Traceparent),
        b"tracestate" => Some(Part::Tracestate),
        b"baggage" => Some(Part::Baggage),
        _ => match key.strip_prefix(b"io.modelcontextprotocol/")? {
            b"protocolVersion" => Some(Part::ProtocolVersion),
            b"clientCapabilities" => Some(Part::ClientCapabilities),
            b"clientInfo" => Some(Part::ClientInfo),
            b"logLevel" => Some(Part::LogLevel),
            b"serverInfo" => Some(Part::ServerInfo),
            b"subscriptionId" => Some(Part::SubscriptionId),
            _ => None,
        },
    }
}

/// An object whose members the codec knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    Message,
    Params,
    Result,
    Error,
    ParamsMeta,
    ResultMeta,
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
            Parent::Message => "$",
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

    /// All slots, in their order.
    const ALL: [Slot; Slot::COUNT] = [
        Slot::Version,
        Slot::Id,
        Slot::Method,
        Slot::ErrorCode,
        Slot::ErrorMessage,
        Slot::ErrorData,
        Slot::Part(Part::Params),
        Slot::Part(Part::Name),
        Slot::Part(Part::Uri),
        Slot::Part(Part::TaskId),
        Slot::Part(Part::Cursor),
        Slot::Part(Part::Arguments),
        Slot::Part(Part::InputResponses),
        Slot::Part(Part::RequestState),
        Slot::Part(Part::Result),
        Slot::Part(Part::ResultType),
        Slot::Part(Part::Error),
        Slot::Part(Part::Meta),
        Slot::Part(Part::ProtocolVersion),
        Slot::Part(Part::ClientCapabilities),
        Slot::Part(Part::ClientInfo),
        Slot::Part(Part::LogLevel),
        Slot::Part(Part::ProgressToken),
        Slot::Part(Part::ServerInfo),
        Slot::Part(Part::SubscriptionId),
        Slot::Part(Part::Traceparent),
        Slot::Part(Part::Tracestate),
        Slot::Part(Part::Baggage),
    ];

    #[test]
    fn a_slot_and_its_member_name_each_other() {
        for (index, slot) in ALL.into_iter().enumerate() {
            assert_eq!(slot.index(), index);
            for kind in [Kind::Request, Kind::Result] {
                let member = slot.member(kind);
                let found = Slot::of_member(member.parent, member.name.as_bytes());
                assert_eq!(found, Some(slot), "{member}");
            }
        }
    }

    #[test]
    fn members_display_as_paths() {
        let path = |part, kind| Slot::Part(part).member(kind).to_string();
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

    #[test]
    fn names_are_exact() {
        for name in [
            "Name",
            "name\0",
            "nam",
            "names",
            "io.modelcontextprotocol/protocolversion",
            "",
        ] {
            for parent in [Parent::Message, Parent::Params, Parent::ParamsMeta] {
                assert_eq!(Slot::of_member(parent, name.as_bytes()), None, "{name:?}");
            }
        }
    }
}
