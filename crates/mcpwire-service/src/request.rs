//! What a service is given: one message and the facts around it that are not part of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use mcpwire_codec::{Kind, Message, Part, PartError};
use mcpwire_types::{
    ClientCapabilities, Implementation, LoggingLevel, PROTOCOL_VERSION, ProgressToken, RequestId,
    method,
};
use serde_json::value::RawValue;

use crate::Context;

/// The requests of this revision, the most frequent first.
const METHODS: [&str; 10] = [
    method::TOOLS_CALL,
    method::TOOLS_LIST,
    method::RESOURCES_READ,
    method::RESOURCES_LIST,
    method::RESOURCES_TEMPLATES_LIST,
    method::PROMPTS_GET,
    method::PROMPTS_LIST,
    method::COMPLETION_COMPLETE,
    method::SERVER_DISCOVER,
    method::SUBSCRIPTIONS_LISTEN,
];

/// The method, which is one of this revision in nearly every request.
fn method(message: &Message) -> Cow<'static, str> {
    match message.raw_method().and_then(|json| known(json, &METHODS)) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(message.method().unwrap_or_default().into_owned()),
    }
}

/// The version that is asked for, which nearly always is this revision.
fn version(message: &Message) -> Option<Cow<'static, str>> {
    let json = message.raw(Part::ProtocolVersion)?;
    if let Some(known) = known(json, &[PROTOCOL_VERSION]) {
        return Some(Cow::Borrowed(known));
    }
    let text = message.text(Part::ProtocolVersion)?;
    Some(Cow::Owned(text.into_owned()))
}

/// Which of these texts a JSON string is, if it is spelled without escapes.
fn known(json: &[u8], among: &[&'static str]) -> Option<&'static str> {
    let bytes = json.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let same = |known: &&&str| known.as_bytes() == bytes;
    among.iter().find(same).copied()
}

/// One JSON-RPC request with its [`Context`].
///
/// Passing it on and cloning it is cheap: it is one pointer. A clone is what a retry policy sends again;
/// clones are told apart as soon as the context of one is changed.
#[derive(Clone, Debug)]
pub struct Request(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    message: Message,
    id: RequestId<'static>,
    /// Read once, since every transport, layer and dispatcher asks for them.
    method: Cow<'static, str>,
    version: Option<Cow<'static, str>>,
    context: Context,
    /// Set once the metadata was found to be what every request needs.
    well_formed: Mark,
}

/// Something that was found out, and stays so.
#[derive(Debug, Default)]
struct Mark(AtomicBool);

impl Clone for Mark {
    fn clone(&self) -> Self {
        Self(self.0.load(Ordering::Relaxed).into())
    }
}

impl Request {
    /// Wraps a message that is a request; anything else is handed back.
    #[expect(
        clippy::result_large_err,
        reason = "the message is moved back to its owner whole"
    )]
    pub fn new(message: Message) -> Result<Self, Message> {
        Self::with_context(message, Context::default())
    }

    /// [`Request::new`] with the facts that a transport knows.
    #[expect(
        clippy::result_large_err,
        reason = "the message is moved back to its owner whole"
    )]
    pub fn with_context(message: Message, context: Context) -> Result<Self, Message> {
        if message.kind() != Kind::Request {
            return Err(message);
        }
        match message.id().map(RequestId::into_owned) {
            Some(id) => Ok(Self(Arc::new(Inner {
                id,
                method: method(&message),
                version: version(&message),
                message,
                context,
                well_formed: Mark::default(),
            }))),
            None => Err(message),
        }
    }

    /// The message as it came.
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// What the transport and middleware know about this request.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// For transports and middleware that add what they know. Where there are clones, this one gets a
    /// context of its own.
    pub fn context_mut(&mut self) -> &mut Context {
        &mut Arc::make_mut(&mut self.0).context
    }

    pub(crate) fn is_well_formed(&self) -> bool {
        self.0.well_formed.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set_well_formed(&self) {
        self.0.well_formed.0.store(true, Ordering::Relaxed);
    }

    /// The message and its context.
    pub fn into_parts(self) -> (Message, Context) {
        let Inner {
            message, context, ..
        } = Arc::unwrap_or_clone(self.0);
        (message, context)
    }

    /// The request's ID, to be echoed unchanged (BASE-09, BASE-10).
    pub fn id(&self) -> &RequestId<'static> {
        &self.0.id
    }

    /// The method, such as `tools/call`.
    pub fn method(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.method)
    }

    /// The JSON text of `params`, sharing the message's buffer.
    pub fn params(&self) -> Option<Bytes> {
        self.0.message.slice(Part::Params)
    }

    /// `_meta["io.modelcontextprotocol/protocolVersion"]` (META-10).
    pub fn protocol_version(&self) -> Option<Cow<'_, str>> {
        self.0.version.as_deref().map(Cow::Borrowed)
    }

    /// What the client declares for this very request (META-11, META-18).
    pub fn client_capabilities(&self) -> Result<ClientCapabilities<'_>, PartError> {
        self.0.message.parse(Part::ClientCapabilities)
    }

    /// The client's own, unverified name and version: for display and logs alone (META-25 to META-27).
    #[inline]
    pub fn client_info(&self) -> Option<Implementation<'_>> {
        self.0.message.parse(Part::ClientInfo).ok()
    }

    /// The least severe level of log notifications that the client asks for (META-16).
    pub fn log_level(&self) -> Option<LoggingLevel<'_>> {
        self.0.message.parse(Part::LogLevel).ok()
    }

    /// The token under which the client wants to hear of progress (META-17).
    pub fn progress_token(&self) -> Option<ProgressToken<'_>> {
        self.0.message.parse(Part::ProgressToken).ok()
    }

    /// The trace that this request belongs to (META-30).
    pub fn trace_context(&self) -> TraceContext<'_> {
        TraceContext {
            traceparent: self.0.message.text(Part::Traceparent),
            tracestate: self.0.message.text(Part::Tracestate),
            baggage: self.0.message.text(Part::Baggage),
        }
    }

    /// The value at any other key of `_meta`, as it came.
    #[inline]
    pub fn meta(&self, key: &str) -> Option<&RawValue> {
        let meta: std::collections::HashMap<Cow<'_, str>, &RawValue> =
            self.0.message.parse(Part::Meta).ok()?;
        meta.get(key).copied()
    }
}

/// W3C trace propagation values out of `_meta`, not yet checked for their own grammar (META-30,
/// META-31).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext<'a> {
    /// W3C Trace Context `traceparent`.
    pub traceparent: Option<Cow<'a, str>>,
    /// W3C Trace Context `tracestate`.
    pub tracestate: Option<Cow<'a, str>>,
    /// W3C Baggage.
    pub baggage: Option<Cow<'a, str>>,
}
