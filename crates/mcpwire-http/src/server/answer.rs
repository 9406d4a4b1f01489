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
        let counters = Arc::clone(&self.counters);
        let slot = Counters::hold_within(counters, self.max, |counters| &counters.streams);
        count(match slot {
            Some(_) => &self.counters.streams_opened,
            None => &self.counters.over_max_streams,
        });
        slot
    }
}

/// An HTTP response in short. It is put together at the end, since it is long, and is handed on a few times
/// before.
pub(crate) struct Answer {
    status: StatusCode,
    media: Media,
    body: Body,
}

enum Media {
    Nothing,
    Json,
    Events,
}

impl Answer {
    /// A status, and no body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            media: Media::Nothing,
            body: Body::empty(),
        }
    }

    /// Makes it the response.
    pub(crate) fn fill(self, response: &mut http::Response<Body>) {
        *response.status_mut() = self.status;
        *response.body_mut() = self.body;
        let headers = response.headers_mut();
        match self.media {
            Media::Nothing => {}
            Media::Json => {
                headers.insert(CONTENT_TYPE, JSON);
            }
            Media::Events => {
                headers.insert(CONTENT_TYPE, EVENTS);
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
            }
        }
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
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn keeps room for each argument twice"
    )]
    pub(crate) fn answer(
        self,
        mut work: Work,
    ) -> impl Future<Output = Result<Answer, Refused>> + Send {
        async move {
            let patience = self.limits.keep_alive_interval;
            let first = match within(patience, 1, work.item()).await {
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
    fn one(self, response: Response, work: Work) -> Result<Answer, Refused> {
        let status = status(&response);
        if status != StatusCode::OK || (self.accept.json && !self.listens) {
            return Ok(self.json(status, response));
        }
        let slot = self.slot().ok_or_else(|| self.busy())?;
        Ok(self.events(Some(ReplyItem::Response(response)), work, slot))
    }

    fn failed(self, failed: Failed) -> Answer {
        self.json(StatusCode::INTERNAL_SERVER_ERROR, failed.into())
    }

    fn json(self, status: StatusCode, response: Response) -> Answer {
        Answer {
            status,
            media: Media::Json,
            body: Body::message(response.encode(&self.id)),
        }
    }

    fn events(self, first: Option<ReplyItem>, work: Work, slot: Held) -> Answer {
        let interval = self.limits.keep_alive_interval;
        let events = Events::new(self.id, first, work, interval, slot, self.listens);
        Answer {
            status: StatusCode::OK,
            media: Media::Events,
            body: Body::events(events),
        }
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
