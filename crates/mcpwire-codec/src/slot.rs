//! The members that are read: where they may stand, and how their names are told apart.
#![allow(
    clippy::inline_always,
    reason = "asked for each member of each message; measured"
)]

use mcpwire_types::meta_key;

use crate::part::{Kind, Member, Part};

/// A member that is read: a part, or one of those that a message answers for in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Any other member.
    Unknown,
    Version,
    Id,
    Method,
    ErrorCode,
    ErrorMessage,
    ErrorData,
    Params,
    Name,
    Uri,
    TaskId,
    Cursor,
    Arguments,
    InputResponses,
    RequestState,
    Result,
    ResultType,
    Error,
    Meta,
    ProtocolVersion,
    ClientCapabilities,
    ClientInfo,
    LogLevel,
    ProgressToken,
    ServerInfo,
    SubscriptionId,
    Traceparent,
    Tracestate,
    Baggage,
}

/// The slots of the parts, in the order of [`Part`].
const PARTS: [Slot; 22] = [
    Slot::Params,
    Slot::Name,
    Slot::Uri,
    Slot::TaskId,
    Slot::Cursor,
    Slot::Arguments,
    Slot::InputResponses,
    Slot::RequestState,
    Slot::Result,
    Slot::ResultType,
    Slot::Error,
    Slot::Meta,
    Slot::ProtocolVersion,
    Slot::ClientCapabilities,
    Slot::ClientInfo,
    Slot::LogLevel,
    Slot::ProgressToken,
    Slot::ServerInfo,
    Slot::SubscriptionId,
    Slot::Traceparent,
    Slot::Tracestate,
    Slot::Baggage,
];

impl Slot {
    /// How many there are.
    pub(crate) const COUNT: usize = Slot::Baggage as usize + 1;

    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Stands for this slot in a set of slots; [`Slot::Unknown`] is in none.
    #[inline(always)]
    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32 & !1
    }

    /// This slot, and those that cannot stand in one message with it (BASE-25): the set of members
    /// that there must be none of when this one comes.
    #[inline(always)]
    pub(crate) fn rivals(self) -> u32 {
        const RIVALS: [u32; Slot::COUNT] = rivals();
        RIVALS.get(self.index()).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn of(part: Part) -> Slot {
        PARTS.get(part as usize).copied().unwrap_or(Slot::Unknown)
    }

    /// What the members are of an object that fills this slot.
    #[inline(always)]
    pub(crate) fn parent(self, outer: Parent) -> Parent {
        match self {
            Slot::Params => Parent::Params,
            Slot::Result => Parent::Result,
            Slot::Error => Parent::Error,
            Slot::Meta if outer == Parent::Params => Parent::ParamsMeta,
            Slot::Meta => Parent::ResultMeta,
            _ => Parent::Other,
        }
    }

    /// The slot of the member that `text` starts with, and the text behind its colon; `None` also for
    /// a known name that is rare, or not spelled as serializers do it.
    ///
    /// Comparing a few words answers for most members what finding the end of the name, looking for
    /// escapes in it, and telling it from all others would.
    #[inline(always)]
    pub(crate) fn spelled_plainly(parent: Parent, text: &[u8]) -> Option<(Slot, &[u8])> {
        const JSONRPC: u64 = u64::from_le_bytes(*b"\"jsonrpc");
        const METHOD: u64 = u64::from_le_bytes(*b"\"method\"");
        const PARAMS: u64 = u64::from_le_bytes(*b"\"params\"");
        const RESULT: u64 = u64::from_le_bytes(*b"\"result\"");
        const META: u64 = u64::from_le_bytes(*b"\"_meta\":");
        const ARGUMENTS: u64 = u64::from_le_bytes(*b"\"argumen");
        const RESULT_TYPE: u64 = u64::from_le_bytes(*b"\"resultT");
        const RESERVED: u64 = u64::from_le_bytes(*b"\"io.mode");
        const PROTOCOL: u64 = u64::from_le_bytes(*b"protocol");
        const CLIENT_INFO: u64 = u64::from_le_bytes(*b"clientIn");
        const CLIENT_CAPABILITIES: u64 = u64::from_le_bytes(*b"clientCa");
        const PROGRESS: u64 = u64::from_le_bytes(*b"\"progres");

        let (front, rest) = text.split_first_chunk::<8>()?;
        match parent {
            Parent::Message => match u64::from_le_bytes(*front) {
                JSONRPC => Some((Slot::Version, rest.strip_prefix(b"\":")?)),
                METHOD => Some((Slot::Method, rest.strip_prefix(b":")?)),
                PARAMS => Some((Slot::Params, rest.strip_prefix(b":")?)),
                RESULT => Some((Slot::Result, rest.strip_prefix(b":")?)),
                _ => Some((Slot::Id, text.strip_prefix(b"\"id\":")?)),
            },
            Parent::Params => match u64::from_le_bytes(*front) {
                META => Some((Slot::Meta, rest)),
                ARGUMENTS => Some((Slot::Arguments, rest.strip_prefix(b"ts\":")?)),
                _ => match text.strip_prefix(b"\"name\":") {
                    Some(rest) => Some((Slot::Name, rest)),
                    None => Some((Slot::Uri, text.strip_prefix(b"\"uri\":")?)),
                },
            },
            Parent::Result => match u64::from_le_bytes(*front) {
                META => Some((Slot::Meta, rest)),
                RESULT_TYPE => Some((Slot::ResultType, rest.strip_prefix(b"ype\":")?)),
                _ => None,
            },
            Parent::ParamsMeta => match u64::from_le_bytes(*front) {
                RESERVED => {
                    let rest = rest.strip_prefix(b"lcontextprotocol/")?;
                    let (front, behind) = rest.split_first_chunk::<8>()?;
                    match u64::from_le_bytes(*front) {
                        PROTOCOL => {
                            Some((Slot::ProtocolVersion, behind.strip_prefix(b"Version\":")?))
                        }
                        CLIENT_INFO => Some((Slot::ClientInfo, behind.strip_prefix(b"fo\":")?)),
                        CLIENT_CAPABILITIES => Some((
                            Slot::ClientCapabilities,
                            behind.strip_prefix(b"pabilities\":")?,
                        )),
                        _ => None,
                    }
                }
                PROGRESS => Some((Slot::ProgressToken, rest.strip_prefix(b"sToken\":")?)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The slot of a member of `parent`, if it is one that is read. Names are compared exactly.
    #[inline(always)]
    pub(crate) fn of_member(parent: Parent, name: &[u8]) -> Slot {
        // The length first: what is left to compare is then a word or two.
        match (parent, name.len()) {
            (Parent::Message, 2) if name == b"id" => Slot::Id,
            (Parent::Message, 5) if name == b"error" => Slot::Error,
            (Parent::Message, 6) if name == b"method" => Slot::Method,
            (Parent::Message, 6) if name == b"params" => Slot::Params,
            (Parent::Message, 6) if name == b"result" => Slot::Result,
            (Parent::Message, 7) if name == b"jsonrpc" => Slot::Version,
            (Parent::Params, 3) if name == b"uri" => Slot::Uri,
            (Parent::Params, 4) if name == b"name" => Slot::Name,
            (Parent::Params | Parent::Result, 5) if name == b"_meta" => Slot::Meta,
            (Parent::Params, 6) if name == b"cursor" => Slot::Cursor,
            (Parent::Params, 6) if name == b"taskId" => Slot::TaskId,
            (Parent::Params, 9) if name == b"arguments" => Slot::Arguments,
            (Parent::Params, 12) if name == b"requestState" => Slot::RequestState,
            (Parent::Params, 14) if name == b"inputResponses" => Slot::InputResponses,
            (Parent::Result, 10) if name == b"resultType" => Slot::ResultType,
            (Parent::Error, 4) if name == b"code" => Slot::ErrorCode,
            (Parent::Error, 4) if name == b"data" => Slot::ErrorData,
            (Parent::Error, 7) if name == b"message" => Slot::ErrorMessage,
            (Parent::ParamsMeta | Parent::ResultMeta, _) => reserved_key(name),
            _ => Slot::Unknown,
        }
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
            Slot::Unknown => (Parent::Message, ""),
            Slot::Version => (Parent::Message, "jsonrpc"),
            Slot::Id => (Parent::Message, "id"),
            Slot::Method => (Parent::Message, "method"),
            Slot::ErrorCode => (Parent::Error, "code"),
            Slot::ErrorMessage => (Parent::Error, "message"),
            Slot::ErrorData => (Parent::Error, "data"),
            Slot::Params => (Parent::Message, "params"),
            Slot::Result => (Parent::Message, "result"),
            Slot::Error => (Parent::Message, "error"),
            Slot::Name => (Parent::Params, "name"),
            Slot::Uri => (Parent::Params, "uri"),
            Slot::TaskId => (Parent::Params, "taskId"),
            Slot::Cursor => (Parent::Params, "cursor"),
            Slot::Arguments => (Parent::Params, "arguments"),
            Slot::InputResponses => (Parent::Params, "inputResponses"),
            Slot::RequestState => (Parent::Params, "requestState"),
            Slot::ResultType => (Parent::Result, "resultType"),
            Slot::Meta => (payload, "_meta"),
            Slot::ProtocolVersion => (meta, meta_key::PROTOCOL_VERSION),
            Slot::ClientCapabilities => (meta, meta_key::CLIENT_CAPABILITIES),
            Slot::ClientInfo => (meta, meta_key::CLIENT_INFO),
            Slot::LogLevel => (meta, meta_key::LOG_LEVEL),
            Slot::ProgressToken => (meta, meta_key::PROGRESS_TOKEN),
            Slot::ServerInfo => (meta, meta_key::SERVER_INFO),
            Slot::SubscriptionId => (meta, meta_key::SUBSCRIPTION_ID),
            Slot::Traceparent => (meta, meta_key::TRACEPARENT),
            Slot::Tracestate => (meta, meta_key::TRACESTATE),
            Slot::Baggage => (meta, meta_key::BAGGAGE),
        };
        Member { parent, name }
    }
}

#[expect(clippy::indexing_slicing, reason = "done by the compiler, which tells")]
const fn rivals() -> [u32; Slot::COUNT] {
    const REQUEST: u32 = Slot::Method.bit() | Slot::Params.bit();
    const RESPONSE: u32 = Slot::Result.bit() | Slot::Error.bit();
    let mut rivals = [0; Slot::COUNT];
    let mut index = 1;
    while index < Slot::COUNT {
        rivals[index] = 1 << index;
        index += 1;
    }
    rivals[Slot::Method as usize] |= RESPONSE;
    rivals[Slot::Params as usize] |= RESPONSE;
    rivals[Slot::Result as usize] |= REQUEST | RESPONSE;
    rivals[Slot::Error as usize] |= REQUEST | RESPONSE;
    rivals
}

/// The slot of a key of `_meta`, if the specification gives it a meaning (META-10 to META-31).
fn reserved_key(key: &[u8]) -> Slot {
    const PREFIX: &[u8; 24] = b"io.modelcontextprotocol/";
    if let Some((prefix, name)) = key.split_first_chunk::<24>()
        && prefix == PREFIX
    {
        return match name.len() {
            8 if name == b"logLevel" => Slot::LogLevel,
            10 if name == b"clientInfo" => Slot::ClientInfo,
            10 if name == b"serverInfo" => Slot::ServerInfo,
            14 if name == b"subscriptionId" => Slot::SubscriptionId,
            15 if name == b"protocolVersion" => Slot::ProtocolVersion,
            18 if name == b"clientCapabilities" => Slot::ClientCapabilities,
            _ => Slot::Unknown,
        };
    }
    match key.len() {
        7 if key == b"baggage" => Slot::Baggage,
        10 if key == b"tracestate" => Slot::Tracestate,
        11 if key == b"traceparent" => Slot::Traceparent,
        13 if key == b"progressToken" => Slot::ProgressToken,
        _ => Slot::Unknown,
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
    /// Any other value.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENTS: [Parent; 6] = [
        Parent::Message,
        Parent::Params,
        Parent::Result,
        Parent::Error,
        Parent::ParamsMeta,
        Parent::ResultMeta,
    ];

    const FIRST: [Slot; 6] = [
        Slot::Version,
        Slot::Id,
        Slot::Method,
        Slot::ErrorCode,
        Slot::ErrorMessage,
        Slot::ErrorData,
    ];

    #[test]
    fn a_slot_and_its_member_name_each_other() {
        let all: Vec<Slot> = FIRST.into_iter().chain(PARTS).collect();
        assert_eq!(all.len() + 1, Slot::COUNT);
        for (index, slot) in all.into_iter().enumerate() {
            assert_eq!(slot.index(), index + 1);
            for kind in [Kind::Request, Kind::Result] {
                let member = slot.member(kind);
                let found = Slot::of_member(member.parent, member.name.as_bytes());
                assert_eq!(found, slot, "{member}");
            }
        }
    }

    #[test]
    fn a_part_has_the_slot_of_its_name() {
        assert_eq!(Slot::of(Part::Params), Slot::Params);
        assert_eq!(Slot::of(Part::Error), Slot::Error);
        assert_eq!(Slot::of(Part::Baggage), Slot::Baggage);
        for part in [Part::Name, Part::Meta, Part::LogLevel, Part::RequestState] {
            let (slot, part) = (Slot::of(part), part);
            assert_eq!(format!("{slot:?}"), format!("{part:?}"));
        }
    }

    /// The shortcut finds what the long way finds, or leaves it to the long way.
    #[test]
    fn plain_spellings_are_spellings() {
        let mut found = 0;
        for slot in FIRST.into_iter().chain(PARTS) {
            for parent in PARENTS {
                for kind in [Kind::Request, Kind::Result] {
                    let name = slot.member(kind).name;
                    let text = format!("\"{name}\":1");
                    if let Some((short, rest)) = Slot::spelled_plainly(parent, text.as_bytes()) {
                        assert_eq!(short, Slot::of_member(parent, name.as_bytes()));
                        assert_eq!(rest, b"1", "{text}");
                        found += 1;
                    }
                    for close in [format!("\"{name}\" :1"), format!("\"{name}s\":1")] {
                        assert_eq!(Slot::spelled_plainly(parent, close.as_bytes()), None);
                    }
                }
            }
        }
        assert!(found > 15);
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
            for parent in PARENTS {
                assert_eq!(Slot::of_member(parent, name.as_bytes()), Slot::Unknown);
            }
        }
    }
}
