//! A peer that plays a part: it expects requests and gives the answers that were written for them.

mod expect;

use std::collections::VecDeque;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use mcpwire_service::{BoxError, Reply, Request, Service};
use mcpwire_types::Error;
use serde_json::Value;

pub use expect::Expect;

use crate::mask::shown;

/// Requests that nobody expected which are kept for the report.
const MAX_UNEXPECTED: usize = 64;

/// A server for tests of clients, made of [`Expect`]ations. Clones play the same part together.
///
/// A request that is not expected is answered with `-32603`, and [`verify`](Self::verify) tells of it.
///
/// ```
/// use mcpwire_client::Client;
/// use mcpwire_testkit::script::{Expect, Script};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Script::in_order()
///     .expect(Expect::method("tools/list").result(json!({"resultType": "complete", "tools": []})))
///     .expect(Expect::tool("add").breaks_off("the line is dead"));
/// let client = Client::new(server.clone());
/// client.list_tools().await?;
/// assert!(client.call_tool("add", &json!({"x": 1})).await.is_err());
/// server.verify()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Script {
    in_order: bool,
    part: Arc<Mutex<Part>>,
}

#[derive(Default)]
struct Part {
    due: VecDeque<Expect>,
    unexpected: Vec<Value>,
    seen: Vec<Value>,
}

/// Requests that are kept for [`Script::seen`].
const MAX_SEEN: usize = 4096;

impl Script {
    /// Requests come in the order in which they are expected.
    pub fn in_order() -> Self {
        Self {
            in_order: true,
            part: Arc::default(),
        }
    }

    /// Requests come in any order: each is answered by the first expectation that it meets.
    pub fn in_any_order() -> Self {
        Self {
            in_order: false,
            part: Arc::default(),
        }
    }

    /// Expects a request, after those that are expected already.
    pub fn expect(self, expect: Expect) -> Self {
        self.lock().due.push_back(expect);
        self
    }

    /// The messages of the requests that came so far; the first 4096.
    pub fn seen(&self) -> Vec<Value> {
        self.lock().seen.clone()
    }

    /// Whether everything came that was expected, and nothing else.
    pub fn verify(&self) -> Result<(), Unmet> {
        let part = self.lock();
        if part.due.is_empty() && part.unexpected.is_empty() {
            return Ok(());
        }
        let came = part.seen.len() - part.unexpected.len().min(part.seen.len());
        Err(Unmet {
            missing: part.due.iter().map(ToString::to_string).collect(),
            unexpected: part.unexpected.clone(),
            met: came,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Part> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the expectation that a request meets.
    fn take(&self, message: &Value) -> Result<Expect, String> {
        let mut part = self.lock();
        if part.seen.len() < MAX_SEEN {
            part.seen.push(message.clone());
        }
        let reach = if self.in_order { 1 } else { part.due.len() };
        let found = part
            .due
            .iter()
            .take(reach)
            .position(|due| due.meets(message));
        if let Some((at, due)) = found.and_then(|at| Some((at, part.due.get_mut(at)?))) {
            let (expect, is_last) = due.once();
            if is_last {
                part.due.remove(at);
            }
            return Ok(expect);
        }
        let next = part.due.front().map_or_else(
            || "nothing more was expected".to_owned(),
            |next| format!("expected was {next}"),
        );
        if part.unexpected.len() < MAX_UNEXPECTED {
            part.unexpected.push(message.clone());
        }
        Err(next)
    }
}

impl Service<Request> for Script {
    type Response = Reply;
    type Error = BoxError;
    type Future = futures_util::future::Either<
        Ready<Result<Reply, BoxError>>,
        futures_util::future::Pending<Result<Reply, BoxError>>,
    >;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        use futures_util::future::Either;
        let message = serde_json::from_slice(request.message().as_bytes()).unwrap_or(Value::Null);
        match self.take(&message) {
            Ok(expect) => match expect.reply() {
                Some(reply) => Either::Left(ready(reply)),
                None => Either::Right(futures_util::future::pending()),
            },
            Err(next) => {
                let text = format!("{} is not expected now: {next}", request.method());
                Either::Left(ready(Ok(Reply::error(&Error::new(-32603, text)))))
            }
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.lock();
        f.debug_struct("Script")
            .field("in_order", &self.in_order)
            .field("due", &part.due.len())
            .field("unexpected", &part.unexpected.len())
            .finish_non_exhaustive()
    }
}

/// What a client did other than a [`Script`] has it.
///
/// `Debug` prints what `Display` does, so that `unwrap` shows it as it is meant to be read.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Unmet {
    /// What was expected and did not come, in words.
    pub missing: Vec<String>,
    /// Messages of requests that came and were not expected; the first 64.
    pub unexpected: Vec<Value>,
    /// How many requests came that were expected.
    pub met: usize,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the client did not keep to the script")?;
        for missing in &self.missing {
            write!(f, "\n  missing: {missing}")?;
        }
        for message in &self.unexpected {
            write!(f, "\n  not expected: {}", shown(&message.to_string()))?;
        }
        write!(f, "\n  as expected: {} requests", self.met)
    }
}

impl fmt::Debug for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Unmet {}
