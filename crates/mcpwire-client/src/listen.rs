//! `subscriptions/listen` as a stream of changes that survives the loss of its connection (SUB rows).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{BoxStream, unfold};
use futures_util::{Stream, StreamExt as _};
use mcpwire_codec::write_json;
use mcpwire_service::{Notification, Reply, ReplyItem, ReplyStream};
use mcpwire_types::{
    ResourceUpdatedNotificationParams, SubscriptionFilter,
    SubscriptionsAcknowledgedNotificationParams, error_code, method,
};
use tokio::time::{Instant, sleep};

use crate::cache::Stale;
use crate::call::Options;
use crate::exchange::{self, Clock};
use crate::input::Answers;
use crate::{Client, Error, Limits};

/// What happens on a subscription.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server has begun to send what is in this filter, which may be less than was asked for
    /// (SUB-10). Whatever was read before may have changed unnoticed: read it again (SUB-25).
    Listening(SubscriptionFilter<'static>),
    /// The list of tools has changed.
    ToolsListChanged,
    /// The list of prompts has changed.
    PromptsListChanged,
    /// The list of resources or templates has changed.
    ResourcesListChanged,
    /// What this resource holds has changed. It may be a part of one that was asked for (SUB-27).
    ResourceUpdated {
        /// Which resource. A URI.
        uri: String,
    },
    /// Anything else that the server sends.
    Other(Notification),
    /// Nothing is heard until the next [`Listening`](Self::Listening): the subscription has ended, and
    /// is opened again.
    Gap(Loss),
    /// The subscription is over, and this is the last event.
    Ended(End),
}

/// Why a subscription has a gap.
#[derive(Debug)]
#[non_exhaustive]
pub enum Loss {
    /// The server ended it in an orderly way, as one does that shuts down (SUB-22).
    Closed,
    /// It broke off, or could not be opened.
    Lost(Error),
}

/// Why a subscription is over.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// The server ended it in an orderly way, and it is not to be opened again.
    Closed,
    /// It broke off, and is not to be opened again.
    Lost(Error),
    /// The server refuses it: another attempt would come to the same.
    Refused(Error),
    /// It was lost too many times in a row, see
    /// [`Limits::max_listen_attempts`](crate::Limits::max_listen_attempts).
    GivenUp {
        /// How many times.
        attempts: u32,
        /// What came of the last.
        last: Loss,
    },
}

/// A subscription: a stream of [`Event`]s.
///
/// Dropping it ends the subscription (SUB-18).
#[must_use = "streams do nothing unless polled"]
pub struct Listen {
    events: BoxStream<'static, Event>,
}

impl Client {
    /// Hears of changes, and goes on to do so when the connection is lost. What the cache holds is
    /// kept in step.
    pub fn listen(&self, filter: SubscriptionFilter<'static>) -> Listen {
        self.listening(filter, true)
    }

    /// [`listen`](Self::listen) until the subscription ends for the first time.
    pub fn listen_once(&self, filter: SubscriptionFilter<'static>) -> Listen {
        self.listening(filter, false)
    }

    fn listening(&self, filter: SubscriptionFilter<'static>, again: bool) -> Listen {
        let session = Session {
            client: self.clone(),
            filter,
            again,
            attempts: 0,
            switched: false,
            state: State::Closed,
        };
        Listen {
            events: unfold(session, |mut session| async move {
                let event = session.next().await?;
                Some((event, session))
            })
            .boxed(),
        }
    }
}

impl Stream for Listen {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listen").finish_non_exhaustive()
    }
}

struct Session {
    client: Client,
    filter: SubscriptionFilter<'static>,
    /// Whether to open it again.
    again: bool,
    /// How many times in a row it was lost.
    attempts: u32,
    /// Whether the version was chosen anew already.
    switched: bool,
    state: State,
}

enum State {
    Closed,
    /// Sent, and not yet acknowledged.
    Opening(ReplyStream, Clock),
    Open(ReplyStream, Instant),
    Over,
}

impl Session {
    async fn next(&mut self) -> Option<Event> {
        loop {
            match &mut self.state {
                State::Over => return None,
                State::Closed => {
                    if self.attempts > 0 {
                        sleep(backoff(&self.client.shared.limits, self.attempts)).await;
                    }
                    match open(self.client.clone(), &self.filter).await {
                        Ok((items, clock)) => self.state = State::Opening(items, clock),
                        Err(failed) => {
                            if let Some(event) = self.failed(failed) {
                                return Some(event);
                            }
                        }
                    }
                }
                State::Opening(items, clock) => match clock.bound(items.next()).await {
                    Ok(Some(ReplyItem::Notification(notification))) => {
                        // A change may overtake the acknowledgement of a careless server.
                        let event = self.event(notification);
                        if matches!(event, Event::Listening(_)) {
                            self.acknowledged();
                        }
                        return Some(event);
                    }
                    Ok(item) => {
                        let failed = ended(item, items);
                        if let Some(event) = self.failed(failed) {
                            return Some(event);
                        }
                    }
                    Err(error) => {
                        if let Some(event) = self.failed(Failed::Lost(error)) {
                            return Some(event);
                        }
                    }
                },
                State::Open(items, since) => match items.next().await {
                    Some(ReplyItem::Notification(notification)) => {
                        return Some(self.event(notification));
                    }
                    item => {
                        if since.elapsed() >= self.client.shared.limits.max_listen_backoff {
                            self.attempts = 0;
                        }
                        let failed = ended(item, items);
                        if let Some(event) = self.failed(failed) {
                            return Some(event);
                        }
                    }
                },
            }
        }
    }

    fn acknowledged(&mut self) {
        let state = std::mem::replace(&mut self.state, State::Over);
        self.state = match state {
            State::Opening(items, _) => State::Open(items, Instant::now()),
            other => other,
        };
    }

    /// What becomes of the subscription now that it has ended, if there is something to tell.
    fn failed(&mut self, failed: Failed) -> Option<Event> {
        self.state = State::Over;
        let loss = match failed {
            Failed::Refused(Error::Rpc(error)) if !self.switched => {
                let supported = error.supported_versions();
                let shared = &self.client.shared;
                if supported.is_some_and(|supported| shared.choose_version(&supported)) {
                    self.switched = true;
                    self.state = State::Closed;
                    return None;
                }
                return Some(Event::Ended(End::Refused(Error::Rpc(error))));
            }
            Failed::Refused(error) => return Some(Event::Ended(End::Refused(error))),
            Failed::Lost(error) => Loss::Lost(error),
            Failed::Closed => Loss::Closed,
        };
        self.stale(Stale::Everything);
        if !self.again {
            return Some(Event::Ended(match loss {
                Loss::Closed => End::Closed,
                Loss::Lost(error) => End::Lost(error),
            }));
        }
        self.attempts += 1;
        if self.attempts >= self.client.shared.limits.max_listen_attempts {
            let attempts = self.attempts;
            return Some(Event::Ended(End::GivenUp {
                attempts,
                last: loss,
            }));
        }
        self.state = State::Closed;
        Some(Event::Gap(loss))
    }

    /// Reads a notification, and keeps the cache in step with it (CACHE-28).
    fn event(&self, notification: Notification) -> Event {
        let params = notification.params().map_or(&b"{}"[..], |params| params);
        match notification.method() {
            method::NOTIFICATIONS_SUBSCRIPTIONS_ACKNOWLEDGED => {
                let params: Result<SubscriptionsAcknowledgedNotificationParams<'_>, _> =
                    mcpwire_types::decode(params);
                self.stale(Stale::Everything); // SUB-25
                // One that cannot be read still says that the stream has begun.
                Event::Listening(params.map_or_else(
                    |_| SubscriptionFilter::new(),
                    |params| params.notifications.into_owned(),
                ))
            }
            method::NOTIFICATIONS_TOOLS_LIST_CHANGED => {
                self.stale(Stale::Tools);
                Event::ToolsListChanged
            }
            method::NOTIFICATIONS_PROMPTS_LIST_CHANGED => {
                self.stale(Stale::Prompts);
                Event::PromptsListChanged
            }
            method::NOTIFICATIONS_RESOURCES_LIST_CHANGED => {
                self.stale(Stale::Resources);
                Event::ResourcesListChanged
            }
            method::NOTIFICATIONS_RESOURCES_UPDATED => {
                let params: Result<ResourceUpdatedNotificationParams<'_>, _> =
                    mcpwire_types::decode(params);
                match params {
                    Ok(params) => {
                        self.stale(Stale::Resource(&params.uri));
                        Event::ResourceUpdated {
                            uri: params.uri.into_owned(),
                        }
                    }
                    Err(_) => Event::Other(notification),
                }
            }
            _ => Event::Other(notification),
        }
    }

    fn stale(&self, stale: Stale<'_>) {
        if let Some((cache, _)) = &self.client.shared.cache {
            cache.invalidate(stale);
        }
    }
}

/// Sends the request, and waits for the answer to begin.
async fn open(
    client: Client,
    filter: &SubscriptionFilter<'static>,
) -> Result<(ReplyStream, Clock), Failed> {
    let shared = &client.shared;
    let params = |out: &mut Vec<u8>| {
        out.extend_from_slice(br#"{"notifications":"#);
        write_json(out, filter)?;
        out.push(b'}');
        Ok(())
    };
    let options = Options::default();
    // Each attempt has an ID of its own (SUB-33).
    let request = exchange::request(
        shared,
        method::SUBSCRIPTIONS_LISTEN,
        &params,
        &options,
        &Answers::default(),
    )
    .map_err(Failed::Refused)?;
    let clock = Clock::start(shared, &options);
    let reply = clock.bound(shared.send(request)).await;
    match reply.map_err(Failed::Lost)? {
        Ok(Reply::Stream(items)) => Ok((items, clock)),
        Ok(Reply::Response(response)) => Err(answered(exchange::result(response))),
        Err(error) => Err(Failed::Lost(Error::Transport(error))),
    }
}

/// How a subscription ended.
enum Failed {
    Closed,
    Lost(Error),
    Refused(Error),
}

fn ended(item: Option<ReplyItem>, items: &mut ReplyStream) -> Failed {
    match item {
        Some(ReplyItem::Response(response)) => answered(exchange::result(response)),
        _ => Failed::Lost(Error::Interrupted {
            source: items.failure(),
        }),
    }
}

fn answered(result: Result<bytes::Bytes, Error>) -> Failed {
    match result {
        Ok(_) => Failed::Closed,
        // The server's own trouble may pass.
        Err(Error::Rpc(error)) if error.code == error_code::INTERNAL_ERROR => {
            Failed::Lost(Error::Rpc(error))
        }
        Err(error) => Failed::Refused(error),
    }
}

/// Clients that lost the same server must not come back all at once.
fn backoff(limits: &Limits, attempts: u32) -> Duration {
    let doubled = limits
        .listen_backoff
        .saturating_mul(1_u32.checked_shl(attempts - 1).unwrap_or(u32::MAX));
    // Between one half and three halves, so that many that lost one server do not come back together.
    let jittered = (doubled / 1000).saturating_mul(fastrand::u32(500..=1500));
    jittered.min(limits.max_listen_backoff)
}
