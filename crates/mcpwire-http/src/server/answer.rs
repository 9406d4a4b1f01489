//! From what a service comes to, to an HTTP response: which status, and JSON or events (HTTP-19 to
//! HTTP-26).

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use mcpwire_service::{ReplyItem, Response};
use mcpwire_types::{RequestId, error_code, method};

use super::events::Events;
use super::media::{Acceptable, EVENTS, JSON};
use super::refusal::{Refusal, Refused};
use super::stats::{Counters, Held, count};
use super::work::{Failed, Work};
use crate::patience::within;
use crate::{Body, Limits};

const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Says how many event streams there may be, and opens them.
pub(crate) struct Streams {
    max: usize,
    counters: Arc<Counters>,
}

impl Streams {
    pub(super) fn new(max: usize, counters: Arc<Counters>) -> Self {
        Self { max, counters }
    }

    fn open(&self) -> Option<Held> {
        let slot = self
            .counters
            .hold_within(self.max, |counters| &counters.streams);
        count(match slot {
            Some(_) => &self.counters.streams_opened,
            None => &self.counters.over_max_streams,
        });
        slot
    }
}

/// What has to be known about a request to answer it.
pub(crate) struct Answering<'a> {
    id: RequestId<'static>,
    accept: Acceptable,
    limits: &'a Limits,
    streams: &'a Streams,
    /// Whether a result has to come as a stream (HTTP-33).
    listens: bool,
}

impl<'a> Answering<'a> {
    pub(crate) fn new(
        id: RequestId<'static>,
        method: &str,
        accept: Acceptable,
        limits: &'a Limits,
        streams: &'a Streams,
    ) -> Result<Self, Refused> {
        let listens = method == method::SUBSCRIPTIONS_LISTEN;
        if listens && !accept.events {
            let message = "the answer to subscriptions/listen is text/event-stream: accept that";
            return Err(Acceptable::refuse(message).with_id(&id));
        }
        Ok(Self {
            id,
            accept,
            limits,
            streams,
            listens,
        })
    }

    /// Waits for the first item, since that decides: a response alone goes out as JSON, with the
    /// status that belongs to it (HTTP-55).
    ///
    /// What takes long becomes an event stream in the meantime: the next proxy cuts a connection that
    /// stays silent, and writing to a client is what shows that it has gone.
    pub(crate) async fn answer(self, mut work: Work) -> Result<http::Response<Body>, Refused> {
        let first = match within(self.limits.keep_alive_interval, 1, work.item()).await {
            Some(first) => first,
            None => match self.slot() {
                Some(slot) => return Ok(self.events(None, work, slot)),
                None => work.item().await,
            },
        };
        match first {
            Ok(ReplyItem::Response(response)) => self.one(response, work),
            Ok(notification) => match self.slot() {
                Some(slot) => Ok(self.events(Some(notification), work, slot)),
                None if self.listens || !self.accept.json => Err(self.busy()),
                // Only the notifications are lost on whoever reads nothing but JSON (HTTP-21).
                None => match work.response().await {
                    Ok(response) => self.one(response, work),
                    Err(failed) => Ok(self.failed(failed)),
                },
            },
            Err(failed) => Ok(self.failed(failed)),
        }
    }

    /// An event stream, if the client reads one and there is one left.
    fn slot(&self) -> Option<Held> {
        self.accept.events.then(|| self.streams.open())?
    }

    fn busy(&self) -> Refused {
        Refusal::busy("event streams (max_streams)").with_id(&self.id)
    }

    /// One response, and nothing before it. A status that says more than `200` comes with JSON,
    /// whatever the client prefers.
    fn one(self, response: Response, work: Work) -> Result<http::Response<Body>, Refused> {
        let status = status(&response);
        if status != StatusCode::OK || (self.accept.json && !self.listens) {
            return Ok(self.json(status, response));
        }
        let slot = self.slot().ok_or_else(|| self.busy())?;
        Ok(self.events(Some(ReplyItem::Response(response)), work, slot))
    }

    fn failed(self, failed: Failed) -> http::Response<Body> {
        self.json(StatusCode::INTERNAL_SERVER_ERROR, failed.into())
    }

    fn json(self, status: StatusCode, response: Response) -> http::Response<Body> {
        let mut answer = http::Response::new(Body::message(response.encode(&self.id)));
        *answer.status_mut() = status;
        answer.headers_mut().insert(CONTENT_TYPE, JSON);
        answer
    }

    fn events(self, first: Option<ReplyItem>, work: Work, slot: Held) -> http::Response<Body> {
        let interval = self.limits.keep_alive_interval;
        let events = Events::new(self.id, first, work, interval, slot, self.listens);
        let mut answer = http::Response::new(Body::events(events));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, EVENTS);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
        answer
    }
}

/// The status of a response, by its code and by who found the error (ERR-24, CONF-03).
fn status(response: &Response) -> StatusCode {
    let Some((code, _)) = response.as_error() else {
        return StatusCode::OK;
    };
    match code {
        error_code::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
        error_code::HEADER_MISMATCH
        | error_code::MISSING_REQUIRED_CLIENT_CAPABILITY
        | error_code::UNSUPPORTED_PROTOCOL_VERSION
        | error_code::PARSE_ERROR
        | error_code::INVALID_REQUEST => StatusCode::BAD_REQUEST,
        _ if response.is_refusal() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}
