//! A recording that is had again, and one that answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::stream;
use mcpwire_service::{BoxError, Principal, Reply, ReplyItem, ReplyStream, Request, Service};
use mcpwire_types::Error;
use serde_json::Value;

use super::load::Recording;
use crate::mask::{Difference, Mask, shown};
use crate::transcript::{self, Answer, Item};

/// How a replay went.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// Requests that were sent.
    pub requests: usize,
    /// Answers that were not those of the recording.
    pub differences: Vec<Unlike>,
}

/// An answer that is not the recorded one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unlike {
    /// The place of the request in the recording, from 1 on.
    pub number: usize,
    /// The message of the request.
    pub request: Value,
    /// What was recorded at the first place that differs; `None` where nothing more was.
    pub expected: Option<Item>,
    /// What came.
    pub found: Option<Item>,
    /// Where the two differ, if both are there.
    pub difference: Option<Difference>,
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = |item: &Option<Item>| {
            item.as_ref()
                .map_or_else(|| "nothing".to_owned(), |item| shown(&item.to_string()))
        };
        let request = shown(&self.request.to_string());
        writeln!(
            f,
            "request {} is answered differently: {request}",
            self.number
        )?;
        writeln!(f, "  recorded was {}", item(&self.expected))?;
        write!(f, "  this time it is {}", item(&self.found))?;
        match &self.difference {
            Some(difference) => write!(f, "\n  they differ at {difference}"),
            None => Ok(()),
        }
    }
}

impl Recording {
    /// Sends the recorded requests to another service, one after the other, and compares. A request
    /// that repeats a `requestState` is given the state that this service made at the same place.
    ///
    /// Of an exchange that nobody waited for, as many items are read as were recorded.
    pub async fn replay<S>(&self, service: &mut S, mask: &Mask) -> Replayed
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let mut replayed = Replayed::default();
        // States of the recording, and those that stand for them now.
        let mut states: Vec<(Value, Value)> = Vec::new();
        for (index, exchange) in self.exchanges.iter().enumerate() {
            let mut message = exchange.request.clone();
            if let Some(state) = message.pointer_mut("/params/requestState")
                && let Some((_, new)) = states.iter().rev().find(|(old, _)| old == state)
            {
                *state = new.clone();
            }
            let mut context = mcpwire_service::Context::default();
            context.principal = exchange.principal.as_deref().map(Principal::new);
            let mut answer = match transcript::request(message.to_string(), context) {
                Ok(request) => Answer::to(service, request).await,
                Err(why) => Answer::Last(Item::Failed(why)),
            };
            replayed.requests += 1;
            let method = message
                .get("method")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let complete = exchange.items.last().is_some_and(Item::is_last);
            let mut recorded = exchange.items.iter();
            loop {
                let expected = recorded.next();
                if expected.is_none() && !complete {
                    break;
                }
                let found = answer.next().await;
                let difference = match (expected, &found) {
                    (None, None) => break,
                    (Some(expected), Some(found)) => match mask.compare(method, expected, found) {
                        None => {
                            states.extend(state_of(expected).zip(state_of(found)));
                            continue;
                        }
                        difference => difference,
                    },
                    _ => None,
                };
                replayed.differences.push(Unlike {
                    number: index + 1,
                    request: exchange.request.clone(),
                    expected: expected.cloned(),
                    found,
                    difference,
                });
                break;
            }
        }
        replayed
    }

    /// A service that answers recorded requests as they were answered, each as often as it was recorded
    /// and in that order. The ID of a request does not count. What was not recorded is `-32603`.
    pub fn service(&self) -> Replaying {
        let due = self.exchanges.iter().map(|exchange| {
            let key = key(&exchange.request, exchange.principal.as_deref());
            (key, exchange.items.clone())
        });
        Replaying(Arc::new(Mutex::new(due.collect())))
    }
}

fn state_of(item: &Item) -> Option<Value> {
    item.to_json().pointer("/result/requestState").cloned()
}

/// What of a request has to be the same.
fn key(message: &Value, principal: Option<&str>) -> (Value, Option<String>) {
    let mut message = message.clone();
    if let Some(members) = message.as_object_mut() {
        members.remove("id");
    }
    (message, principal.map(str::to_owned))
}

type Due = VecDeque<((Value, Option<String>), Vec<Item>)>;

/// Answers from a recording, see [`Recording::service`]. Clones share what is left of it.
#[derive(Clone, Debug)]
pub struct Replaying(Arc<Mutex<Due>>);

impl Replaying {
    /// How many recorded requests were not made.
    pub fn left(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Service<Request> for Replaying {
    type Response = Reply;
    type Error = Infallible;
    type Future = Ready<Result<Reply, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let message = serde_json::from_slice(request.message().as_bytes()).unwrap_or(Value::Null);
        let principal = request.context().principal.as_ref().map(Principal::as_str);
        let wanted = key(&message, principal);
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = due.iter().position(|(key, _)| *key == wanted);
        let Some((_, items)) = found.and_then(|at| due.remove(at)) else {
            let method = request.method();
            let error = format!("this {method} was not recorded, or not as often");
            return ready(Ok(Reply::error(&Error::new(-32603, error))));
        };
        if let [Item::Result(_) | Item::Error { .. }] = items.as_slice()
            && let Some(Ok(ReplyItem::Response(response))) =
                items.first().cloned().map(Item::into_reply_item)
        {
            return ready(Ok(Reply::Response(response)));
        }
        let items: Vec<_> = items.into_iter().map(Item::into_reply_item).collect();
        ready(Ok(Reply::Stream(ReplyStream::fallible(stream::iter(
            items,
        )))))
    }
}
