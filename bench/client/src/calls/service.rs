//! Our transport without typed calls: what a gateway of one's own would do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use mcpwire_codec::{Message, encode_request};
use mcpwire_http::client::Client;
use mcpwire_service::{Reply, Request, oneshot};
use mcpwire_types::RequestId;

use super::Caller;
use crate::{message, text};

#[derive(Clone)]
pub(super) struct Service {
    client: Client,
    ready: Arc<Ready>,
}

struct Ready {
    params: Bytes,
    result: String,
    ids: AtomicI64,
}

impl Service {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        Ok(Self {
            client: Client::new(url).map_err(text)?,
            ready: Arc::new(Ready {
                params: message::params(message::TEXT).into(),
                result: message::result(message::TEXT),
                ids: AtomicI64::new(1),
            }),
        })
    }
}

impl Caller for Service {
    async fn call(&self) -> Result<(), String> {
        let id = RequestId::from(self.ready.ids.fetch_add(1, Ordering::Relaxed));
        let bytes = encode_request(&id, "tools/call", self.ready.params.clone()).to_bytes();
        let message = Message::decode(bytes).map_err(text)?;
        let request = Request::new(message).map_err(|_| "no request")?;
        let reply = oneshot(self.client.clone(), request).await.map_err(text)?;
        let result = match &reply {
            Reply::Response(response) => response.as_result(),
            Reply::Stream(_) => None,
        };
        if result.is_none_or(|result| result != self.ready.result.as_bytes()) {
            return Err("an unexpected answer".to_owned());
        }
        Ok(())
    }
}
