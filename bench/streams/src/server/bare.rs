//! The floor: hyper with its defaults, and a queue of ready bytes for each stream.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_core::Stream as _;
use http_body::Frame;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::{Change, Publish};
use crate::message;

/// The data of the three events, as another server wrote them for one of its streams.
struct Events {
    acknowledged: Bytes,
    list: Bytes,
    update: Bytes,
}

impl Events {
    fn new(messages: &[&str]) -> Result<Self, String> {
        let &[acknowledged, list, update] = messages else {
            return Err("bare needs the messages to send: acknowledged, list, update".to_owned());
        };
        let event = |data: &str| Bytes::from(format!("data: {data}\n\n"));
        Ok(Self {
            acknowledged: event(acknowledged),
            list: event(list),
            update: event(update),
        })
    }
}

struct Bare {
    events: Events,
    streams: Mutex<HashMap<String, UnboundedSender<Bytes>>>,
}

impl Bare {
    fn open(&self, uri: String) -> Queue {
        let (sender, receiver) = unbounded();
        // It fails where the receiver is gone.
        let _ = sender.unbounded_send(self.events.acknowledged.clone());
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.insert(uri, sender);
        Queue(receiver)
    }
}

impl Publish for Bare {
    fn publish(&self, change: Change) {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        match change {
            Change::Tools => {
                for stream in streams.values() {
                    let _ = stream.unbounded_send(self.events.list.clone());
                }
            }
            Change::Resource(uri) => {
                if let Some(stream) = streams.get(&uri) {
                    let _ = stream.unbounded_send(self.events.update.clone());
                }
            }
        }
    }
}

pub(super) fn start(listener: TcpListener, messages: &[&str]) -> Result<Arc<dyn Publish>, String> {
    let bare = Arc::new(Bare {
        events: Events::new(messages)?,
        streams: Mutex::default(),
    });
    let publisher = Arc::clone(&bare);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // As ours does.
            let _ = stream.set_nodelay(true);
            let bare = Arc::clone(&bare);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| answer(Arc::clone(&bare), request)),
            ));
        }
    });
    Ok(publisher)
}

async fn answer(
    bare: Arc<Bare>,
    request: Request<Incoming>,
) -> Result<Response<Queue>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    let number = serde_json::from_slice::<serde_json::Value>(&body)
        .ok()
        .and_then(|body| usize::try_from(body.get("id")?.as_u64()?).ok())
        .unwrap_or(message::FIRST);
    let mut response = Response::new(bare.open(message::uri(number)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

struct Queue(UnboundedReceiver<Bytes>);

impl http_body::Body for Queue {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let event = Pin::new(&mut self.0).poll_next(cx);
        event.map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}
