//! One function for each reader. They return something that depends on the whole message, so that no
//! compiler leaves anything out.

use std::borrow::Cow;

use jiter::Jiter;
use mcpwire_codec::Message;
use rmcp::model::{
    ClientNotification, ClientRequest, ClientResult, JsonRpcMessage, ServerNotification,
    ServerRequest, ServerResult,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use sonic_rs::LazyValue;

/// Everything is checked and found: see the README of the codec.
pub fn mcpwire(bytes: &[u8]) -> Message<&[u8]> {
    Message::scan(bytes).expect("a message")
}

/// The members of the message itself, borrowed, those with members of their own as raw JSON.
#[derive(Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow)]
    pub jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

pub fn serde_json(bytes: &[u8]) -> Envelope<'_> {
    serde_json::from_slice(bytes).expect("a message")
}

/// The same for `sonic-rs`.
#[derive(Deserialize)]
pub struct LazyEnvelope<'a> {
    #[serde(borrow)]
    pub jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    pub id: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub params: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub result: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub error: Option<LazyValue<'a>>,
}

pub fn sonic_rs(bytes: &[u8]) -> LazyEnvelope<'_> {
    sonic_rs::from_slice(bytes).expect("a message")
}

/// `simd-json` writes into what it reads, and keeps its tables for the next message.
#[derive(Default)]
pub struct SimdJson {
    input: Vec<u8>,
    buffers: simd_json::Buffers,
}

impl SimdJson {
    /// The number of nodes on the tape.
    pub fn read(&mut self, bytes: &[u8]) -> usize {
        self.input.clear();
        self.input.extend_from_slice(bytes);
        simd_json::to_tape_with_buffers(&mut self.input, &mut self.buffers)
            .expect("a message")
            .0
            .len()
    }
}

/// The members of the message, their values skipped: the number of them.
pub fn jiter(bytes: &[u8]) -> usize {
    let mut jiter = Jiter::new(bytes);
    let mut members = 0;
    let mut name = jiter.next_object().expect("an object").is_some();
    while name {
        members += 1;
        jiter.next_skip().expect("a value");
        name = jiter.next_key().expect("a name").is_some();
    }
    jiter.finish().expect("the end");
    members
}

/// What a server of `rmcp` reads.
pub type FromClient = JsonRpcMessage<ClientRequest, ClientResult, ClientNotification>;
/// What a client of `rmcp` reads.
pub type FromServer = JsonRpcMessage<ServerRequest, ServerResult, ServerNotification>;

pub fn rmcp_server(bytes: &[u8]) -> FromClient {
    serde_json::from_slice(bytes).expect("a message")
}

pub fn rmcp_client(bytes: &[u8]) -> FromServer {
    serde_json::from_slice(bytes).expect("a message")
}

#[cfg(test)]
mod tests {
    use mcpwire_codec::{Kind, Part};

    use super::*;

    #[test]
    fn all_read_the_same_message() {
        for sample in crate::all() {
            let bytes = sample.text.as_bytes();
            let ours = mcpwire(bytes);
            let theirs = serde_json(bytes);
            let lazy = sonic_rs(bytes);
            assert_eq!(theirs.jsonrpc, "2.0");
            assert_eq!(lazy.jsonrpc, "2.0");
            assert_eq!(ours.method(), theirs.method);
            assert_eq!(ours.method(), lazy.method);
            let raw = |part| {
                ours.raw(part)
                    .map(|json| std::str::from_utf8(json).expect("UTF-8"))
            };
            assert_eq!(raw(Part::Params), theirs.params.map(RawValue::get));
            assert_eq!(raw(Part::Result), theirs.result.map(RawValue::get));
            assert_eq!(
                raw(Part::Params),
                lazy.params.as_ref().map(LazyValue::as_raw_str)
            );
            assert_eq!(
                raw(Part::Result),
                lazy.result.as_ref().map(LazyValue::as_raw_str)
            );
            let members = [
                theirs.id.is_some(),
                theirs.method.is_some(),
                theirs.params.is_some(),
            ];
            let response = usize::from(theirs.result.is_some());
            let expected = 1 + members.into_iter().filter(|is| *is).count() + response;
            assert_eq!(jiter(bytes), expected);
            assert!(SimdJson::default().read(bytes) > expected);
        }
    }

    /// It must not be a message that it lets through unread.
    #[test]
    fn rmcp_knows_the_messages() {
        for sample in crate::all() {
            let bytes = sample.text.as_bytes();
            match mcpwire(bytes).kind() {
                Kind::Request => {
                    let JsonRpcMessage::Request(request) = rmcp_server(bytes) else {
                        panic!("{} is no request", sample.name)
                    };
                    assert!(matches!(request.request, ClientRequest::CallToolRequest(_)));
                }
                Kind::Notification => {
                    let JsonRpcMessage::Notification(it) = rmcp_server(bytes) else {
                        panic!("{} is no notification", sample.name)
                    };
                    let ClientNotification::CancelledNotification(_) = it.notification else {
                        panic!("{} is another notification", sample.name)
                    };
                }
                _ => {
                    let JsonRpcMessage::Response(response) = rmcp_client(bytes) else {
                        panic!("{} is no response", sample.name)
                    };
                    let custom = matches!(response.result, ServerResult::CustomResult(_));
                    assert!(!custom, "{} is unknown", sample.name);
                }
            }
        }
    }
}
