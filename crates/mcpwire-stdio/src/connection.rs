//! The one owner of a connection: it reads lines, starts replies, and says what is written.
//!
//! Everything that is known of requests and of queued output is owned by this one task, so a
//! cancellation, an ID that is used again and a response that goes out at the same moment happen in
//! some order, and there is no lock.
//!
//! A reply that is there at once is taken at once, and those to requests that were read together are
//! written together. The others run beside it, one task each.
//!
//! ```text
//!             a line                 begin_drain (end of input, signal)
//! serving ──────────────▶ serving ──────────────────────────▶ draining ──▶ the end
//!                                                             nothing in flight and all written,
//!                                                             or the grace is over
//! ```
//!
//! Input is read while replies wait for the output, so that cancellations are seen. It is left
//! unread only while too many refusals wait, which nothing but more input could add to, and for a
//! moment while a request waits for its place among those in flight.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use mcpwire_codec::line::{self, Frame};
use mcpwire_codec::{Encoded, Message, encode_error, encode_notification};
use mcpwire_service::{BoxError, Context, Drain, Reply, Request, Service};
use mcpwire_types::{
    CancelledNotificationParams, Error, NotificationMetaObject, RequestId, method,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::ServeError;
use crate::in_flight::{Entry, InFlight, Key, Listen};
use crate::incoming::{self, Incoming};
use crate::limits::Limits;
use crate::lines::Lines;
use crate::output::{Output, Owner};
use crate::reply::{self, Kind, Outbox, Outgoing, Rest};

const SHUTTING_DOWN: &str = "the server is shutting down";

/// As many messages of replies are taken over at once.
const BATCH: usize = 64;

/// A service that computes for this long before it waits, or answers, may do so on another processor.
/// More than what a busy system takes a processor away for, which looks the same from here.
const SLOW: Duration = Duration::from_millis(5);

/// It may from the next request on, and for so many times as long as it took.
const APART: u32 = 10;

pub(crate) struct Connection<S, W> {
    service: S,
    limits: Limits,
    in_flight: InFlight,
    /// Dropping it stops every reply.
    replies: JoinSet<()>,
    outbox: Outbox,
    outgoing: UnboundedReceiver<Outgoing>,
    output: Output<W>,
    begun: watch::Sender<bool>,
    drain: Drain,
    /// Until when each request is left to a task from its beginning, since one was slow.
    apart: Instant,
    /// When the grace ends, if the drain has begun.
    deadline: Option<Instant>,
    /// A request beyond `max_in_flight` that waits for its place. Nothing is read behind it.
    held: Option<Request>,
}

impl<S, W> Connection<S, W>
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    W: AsyncWrite + Unpin,
{
    pub(crate) fn new(service: S, limits: Limits, writer: W) -> Self {
        let (outbox, outgoing) = Outbox::new(limits.write_queue);
        let begun = watch::Sender::new(false);
        let drain = drain(begun.subscribe());
        Self {
            service,
            limits,
            in_flight: InFlight::new(),
            replies: JoinSet::new(),
            outbox,
            outgoing,
            output: Output::new(writer, limits.write_stall),
            begun,
            drain,
            apart: Instant::now(),
            deadline: None,
            held: None,
        }
    }

    /// Serves until the input or the output ends, or the grace after `signal` does.
    pub(crate) async fn run<R, F>(mut self, reader: R, signal: F) -> Result<(), ServeError>
    where
        R: AsyncRead,
        F: Future<Output = ()>,
    {
        let reader = pin!(reader);
        let mut lines = Lines::new(reader, self.limits.max_line_bytes);
        let mut signal = pin!(signal);
        // `None` while input may still come, then how it ended.
        let mut input = None;
        let mut batch = Vec::with_capacity(BATCH);

        while !self.is_over() {
            let listens = input.is_none() && self.listens();
            let patience = self.held.is_some().then(|| self.patience());
            let progress = tokio::select! {
                line = lines.next(), if listens => match line {
                    Ok(Some(frame)) => {
                        self.receive(frame);
                        // What has come with it is answered with it, in one write.
                        while self.has_room() && let Some(frame) = lines.read_already() {
                            self.receive(frame);
                        }
                        self.output.try_progress()
                    }
                    end => {
                        input = Some(end.map(|_| ()).map_err(ServeError::Read));
                        self.begin_drain();
                        None
                    }
                },
                // Never zero: one sender is ours.
                _ = self.outgoing.recv_many(&mut batch, BATCH) => {
                    for message in batch.drain(..) {
                        self.forward(message);
                    }
                    self.output.try_progress()
                }
                progress = self.output.progress(), if !self.output.is_idle() => Some(progress),
                () = &mut signal, if self.deadline.is_none() => { self.begin_drain(); None }
                () = passed(self.deadline) => return input.unwrap_or(Ok(())),
                () = passed(patience) => { self.give_up_held(); None }
            };
            match progress {
                Some(Ok(())) => self.answered(),
                Some(Err(ServeError::Write(error))) if peer_has_gone(&error) => {
                    return input.unwrap_or(Ok(()));
                }
                Some(Err(error)) => return Err(error),
                None => {}
            }
        }
        if let Some(deadline) = self.deadline {
            // Everything is written. A peer that keeps us from saying so loses nothing.
            let _ = timeout_at(deadline, self.output.close()).await;
        }
        input.unwrap_or(Ok(()))
    }

    fn is_over(&self) -> bool {
        self.deadline.is_some() && self.in_flight.is_empty() && self.output.is_idle()
    }

    fn listens(&self) -> bool {
        self.held.is_none() && self.output.refusals() < self.limits.write_queue.max(1)
    }

    /// Another request may be answered before anything is written.
    fn has_room(&self) -> bool {
        self.listens() && self.output.len() < self.limits.write_queue
    }

    fn receive(&mut self, frame: Frame) {
        match incoming::read(frame, &self.limits.codec()) {
            Incoming::Request(message) => self.admit(message),
            Incoming::Cancelled(id) => self.cancel(&id),
            Incoming::Refused { id, error } => self.refuse(id.as_ref(), &error),
            Incoming::Ignored => {}
        }
    }

    /// Starts a request, holds it back or refuses it.
    fn admit(&mut self, message: Message) {
        let mut context = Context::default();
        context.drain = self.drain.clone();
        // What is no request was sorted out before.
        let Ok(request) = Request::with_context(message, context) else {
            return;
        };
        if self.in_flight.contains(request.id()) {
            // CONF-28
            let error = "a request with this id is still in flight; use another id";
            self.refuse(Some(request.id()), &Error::invalid_request(error));
        } else if self.deadline.is_some() {
            self.refuse(Some(request.id()), &Error::internal(SHUTTING_DOWN));
        } else if self.in_flight.len() < self.limits.max_in_flight {
            self.start(request);
        } else {
            self.held = Some(request);
        }
    }

    fn start(&mut self, request: Request) {
        let now = Instant::now();
        let id = request.id().clone();
        let listen = request.method() == method::SUBSCRIPTIONS_LISTEN;
        let key = self.in_flight.insert(id.clone(), listen, now);
        let service = self.service.clone();

        let rest = if self.output.len() < self.limits.write_queue && self.apart <= now {
            let response = reply::begin(service, request);
            let took = now.elapsed();
            if took >= SLOW {
                self.apart = after(now, took.saturating_mul(APART));
            }
            match response {
                Ok(response) => {
                    let (kind, line) = reply::last(response, &id);
                    let place = None;
                    return self.forward(Outgoing {
                        key,
                        kind,
                        line,
                        place,
                    });
                }
                Err(rest) => rest,
            }
        } else {
            Rest::Uncalled(Box::new((service, request)))
        };
        // What has ended since the last one.
        while self.replies.try_join_next().is_some() {}
        let task = reply::finish(rest, id, key, self.outbox.clone());
        let task = self.replies.spawn(task);
        self.in_flight.works(key, task);
    }

    /// Responses were written, so there may be a place for the request that waits.
    fn answered(&mut self) {
        for key in self.output.answered() {
            self.in_flight.answered(key);
        }
        if self.in_flight.len() < self.limits.max_in_flight
            && let Some(request) = self.held.take()
        {
            self.start(request);
        }
    }

    /// Until when a request may be held back. It is soon where requests come and go, and it has
    /// passed where all places were taken long ago and nothing has moved since.
    fn patience(&self) -> Instant {
        after(self.in_flight.changed(), self.limits.max_in_flight_wait)
    }

    fn give_up_held(&mut self) {
        if let Some(request) = self.held.take() {
            let limit = self.limits.max_in_flight;
            let error = format!(
                "{limit} requests are in flight (max_in_flight); wait for a response or cancel one"
            );
            self.refuse(Some(request.id()), &Error::internal(error));
        }
    }

    fn refuse(&mut self, id: Option<&RequestId<'static>>, error: &Error<'_>) {
        let line = line::frame(encode_error(id, error));
        let id = id.cloned();
        self.output.push(line, Owner::Refusal { id });
    }

    /// CANCEL-07, CANCEL-08; a request that is unknown or answered is ignored (CANCEL-09).
    fn cancel(&mut self, id: &RequestId<'static>) {
        match self.in_flight.cancel(id) {
            Some(key) => self.output.discard(key),
            None => self.output.discard_refusals(id),
        }
    }

    /// Queues one message of a reply, unless it was cancelled meanwhile.
    fn forward(&mut self, message: Outgoing) {
        let Outgoing {
            key,
            kind,
            line,
            place,
        } = message;
        let Some(entry) = self.in_flight.get_mut(key) else {
            return;
        };
        match (kind, entry.listen) {
            // What is sent on a listen stream after its end was told would be sent to nobody.
            (Kind::Notification, Some(Listen::Ended)) => return,
            (Kind::Notification, Some(Listen::Requested)) => entry.listen = Some(Listen::Open),
            // SUB-21: the stream ends, and that is told first. An error instead of an
            // acknowledgement means that there never was a stream.
            (Kind::Result, Some(Listen::Requested))
            | (Kind::Result | Kind::Error, Some(Listen::Open)) => {
                self.output.push(end_of_listen(entry), end_owner(key));
            }
            _ => {}
        }
        let last = kind != Kind::Notification;
        self.output.push(
            line,
            Owner::Reply {
                key,
                last,
                _place: place,
            },
        );
        // It was opened while serving is about to end.
        if self.deadline.is_some() && entry.listen == Some(Listen::Open) {
            self.output.push(end_of_listen(entry), end_owner(key));
        }
    }

    fn begin_drain(&mut self) {
        if self.deadline.is_none() {
            self.deadline = Some(after(Instant::now(), self.limits.shutdown_grace));
            self.begun.send_replace(true);
            self.end_listen_streams();
            if let Some(request) = self.held.take() {
                self.refuse(Some(request.id()), &Error::internal(SHUTTING_DOWN));
            }
        }
    }

    /// SUB-21, CONF-01: told when the drain begins, so that it is told even if the service fails to
    /// end the stream in time. Its result follows when the service gives it.
    fn end_listen_streams(&mut self) {
        for (key, entry) in self.in_flight.entries_mut() {
            if entry.listen == Some(Listen::Open) {
                self.output.push(end_of_listen(entry), end_owner(key));
            }
        }
    }
}

/// Ends when the drain begins.
fn drain(begun: watch::Receiver<bool>) -> Drain {
    Drain::new(move || {
        let mut begun = begun.clone();
        async move {
            // An error means that serving has ended altogether.
            let _ = begun.wait_for(|begun| *begun).await;
        }
    })
}

fn end_owner(key: Key) -> Owner {
    Owner::Reply {
        key,
        last: false,
        _place: None,
    }
}

/// Ends then; never, where there is nothing to wait for.
pub(crate) async fn passed(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// A peer that hangs up is the ordinary end of a connection.
fn peer_has_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected
    )
}

/// A wait beyond what a clock can tell has no end; thirty years have none either.
pub(crate) fn after(start: Instant, wait: Duration) -> Instant {
    let never = || start + Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(wait).unwrap_or_else(never)
}

/// Tells that a listen stream is over: `notifications/cancelled` with the subscription's ID.
fn end_of_listen(entry: &mut Entry) -> Encoded {
    entry.listen = Some(Listen::Ended);
    let id = entry.id.clone();
    let meta = NotificationMetaObject::new().subscription_id(id.clone());
    let params = CancelledNotificationParams::new(id).meta(meta);
    // It is an ID and a few names, which always serialize.
    let params = mcpwire_codec::to_json(&params).map(Bytes::from).ok();
    line::frame(encode_notification(method::NOTIFICATIONS_CANCELLED, params))
}
