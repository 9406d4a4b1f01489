//! The clients of the crew: with a retry layer of tower around the transport, or without one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use mcpwire::Client;
use mcpwire::client::Limits;
use mcpwire::http::client::{Client as Remote, Error};
use mcpwire::service::{Reply, Request};
use mcpwire::types::{ElicitAction, ElicitRequestFormParams, ElicitResult, ElicitValue};
use tower::Layer as _;
use tower::retry::{Policy, RetryLayer};

use super::Book;
use crate::Failed;

/// How many times a request is sent at most.
const MOST_ATTEMPTS: u32 = 12;
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How long a lost subscription waits at most before it is opened again.
pub const LISTENER_PATIENCE: Duration = Duration::from_millis(500);

/// What a client sends again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing.
    None,
    /// Whatever failed on the way: every tool here may be called twice.
    All,
}

/// A client of the crew. What it sent again is counted in the book.
pub(super) fn client(url: &str, retry: Retry, book: &Arc<Book>) -> Result<Client, Failed> {
    let remote = Remote::new(url).map_err(|error| Failed::new(format!("{url}: {error}")))?;
    let limits = Limits::default()
        .listen_backoff(Duration::from_millis(50))
        .max_listen_backoff(LISTENER_PATIENCE)
        .max_listen_attempts(100);
    let builder = match retry {
        Retry::None => Client::builder(remote),
        Retry::All => {
            let policy = Again {
                attempts: 1,
                book: Arc::clone(book),
            };
            Client::builder(RetryLayer::new(policy).layer(remote))
        }
    };
    Ok(builder
        .info("mcpwire-chaos", env!("CARGO_PKG_VERSION"))
        .limits(limits)
        .on_form(fill_in)
        .build())
}

/// Sends again what the transport failed with. A refusal that would come again is let through.
#[derive(Clone, Debug)]
struct Again {
    attempts: u32,
    book: Arc<Book>,
}

impl Policy<Request, Reply, Error> for Again {
    type Future = BoxFuture<'static, ()>;

    fn retry(
        &mut self,
        _: &mut Request,
        result: &mut Result<Reply, Error>,
    ) -> Option<BoxFuture<'static, ()>> {
        let error = result.as_ref().err()?;
        let refused = error
            .status()
            .is_some_and(|status| status.is_client_error());
        if refused || self.attempts >= MOST_ATTEMPTS {
            return None;
        }
        let pause = pause(self.attempts);
        self.attempts += 1;
        self.book.sent_again.fetch_add(1, Ordering::Relaxed);
        Some(tokio::time::sleep(pause).boxed())
    }

    fn clone_request(&mut self, request: &Request) -> Option<Request> {
        Some(request.clone())
    }
}

/// How long to wait after that many attempts.
pub(super) fn pause(attempts: u32) -> Duration {
    let doubled =
        SHORTEST_PAUSE.saturating_mul(1_u32.checked_shl(attempts - 1).unwrap_or(u32::MAX));
    doubled.min(LONGEST_PAUSE)
}

/// The guests for a day: a number that follows from what the server asks.
pub(super) fn guests(day: &str) -> i64 {
    let sum: u32 = day.bytes().map(u32::from).sum();
    i64::from(sum % 90 + 1)
}

/// Answers as somebody who has read the question: what it says of the day, and of the guests, has to
/// be in the answer, so that mixed up rounds are noticed.
async fn fill_in(form: ElicitRequestFormParams<'static>) -> Result<ElicitResult<'static>, String> {
    let asked = |known: &str| form.message.strip_prefix(known)?.strip_suffix('?');
    let (field, value) = if let Some(day) = asked("For how many, on ") {
        ("guests", ElicitValue::from(guests(day)))
    } else if let Some(rest) = asked("Under which name, for ") {
        (
            "name",
            ElicitValue::from(format!("whoever comes for {rest}")),
        )
    } else {
        return Err(format!("an unforeseen question: {:?}", form.message));
    };
    if !form
        .requested_schema
        .properties
        .keys()
        .any(|key| key == field)
    {
        return Err(format!("a form without {field:?}"));
    }
    let content = BTreeMap::from([(field.to_owned(), value)]);
    Ok(ElicitResult::new(ElicitAction::Accept).content(content))
}
