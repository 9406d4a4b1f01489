//! A server of a few lines: what it is asked is kept, and what it answers is the test's choice.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses its own share of this"
)]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use mcpwire_codec::Part;
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream, Request, Response, Service};
use serde_json::Value;

type Answer = dyn Fn(usize, &Request) -> Reply + Send + Sync;

/// Answers by a closure that is told how many requests came before.
#[derive(Clone)]
pub(crate) struct Scripted {
    answer: Arc<Answer>,
    pub(crate) seen: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    pub(crate) fn new(answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(answer),
            seen: Arc::default(),
        }
    }

    /// The same answer, whatever is asked.
    pub(crate) fn always(result: &'static str) -> Self {
        Self::new(move |_, _| Reply::result(result))
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The message of the request with this number.
    pub(crate) fn message(&self, index: usize) -> Value {
        let seen = self.seen.lock().unwrap();
        serde_json::from_slice(seen.get(index).unwrap().message().as_bytes()).unwrap()
    }

    /// The `Mcp-Param-*` fields of the request with this number.
    pub(crate) fn fields(&self, index: usize) -> Vec<(String, String)> {
        let seen = self.seen.lock().unwrap();
        let fields = seen
            .get(index)
            .unwrap()
            .context()
            .mirrored_params
            .iter()
            .flat_map(mcpwire_service::MirroredParams::iter);
        fields
            .map(|(name, value)| (name.to_owned(), String::from_utf8(value.to_vec()).unwrap()))
            .collect()
    }
}

impl Service<Request> for Scripted {
    type Response = Reply;
    type Error = Infallible;
    type Future = Ready<Result<Reply, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let index = self.count();
        self.seen.lock().unwrap().push(request.clone());
        ready(Ok((self.answer)(index, &request)))
    }
}

pub(crate) fn rpc_error(code: i64, json: &'static str) -> Reply {
    Reply::Response(Response::raw_error(code, json))
}

pub(crate) fn note(method: &'static str, params: impl Into<String>) -> ReplyItem {
    ReplyItem::Notification(Notification::new(method, params.into()))
}

pub(crate) fn done(result: &'static str) -> ReplyItem {
    ReplyItem::Response(Response::result(result))
}

pub(crate) fn stream(items: Vec<ReplyItem>) -> Reply {
    Reply::Stream(ReplyStream::new(futures_util::stream::iter(items)))
}

pub(crate) fn token(request: &Request) -> String {
    let raw = request
        .message()
        .raw(Part::ProgressToken)
        .unwrap_or(b"null");
    String::from_utf8(raw.to_vec()).unwrap()
}
