//! A layer between the client and its transport that prints a row for each request, and holds what
//! passes by against what has to be.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream::unfold;
use mcpwire::service::{
    BoxError, Notification, Reply, ReplyItem, ReplyStream, Request, Response, Service,
};
use mcpwire::types::method;
use serde_json::Value;

use super::balance::Balance;
use super::spelled;

/// The layer with the service below it.
#[derive(Clone)]
pub(super) struct Watch<S> {
    inner: S,
    journal: Journal,
}

/// What was seen so far.
#[derive(Clone)]
pub(super) struct Journal {
    seen: Arc<Mutex<Seen>>,
    balance: Balance,
}

#[derive(Default)]
struct Seen {
    requests: usize,
    answered: BTreeSet<String>,
    /// The request state of the last result that asked for input, and who sealed it.
    state: Option<(Value, String)>,
    taken_over: usize,
}

impl Journal {
    /// Where a gateway sends a request is nothing that its replies say, so what balances is asked.
    pub(super) fn new(balance: Balance) -> Self {
        Self {
            seen: Arc::default(),
            balance,
        }
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> usize {
        self.seen().requests
    }

    /// How many replicas have put their name under a result.
    pub(super) fn replicas(&self) -> usize {
        self.seen().answered.len()
    }

    /// How many times a replica went on from the state of another.
    pub(super) fn taken_over(&self) -> usize {
        self.seen().taken_over
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Watch<S> {
    pub(super) fn new(inner: S, journal: Journal) -> Self {
        Self { inner, journal }
    }
}

impl<S> Service<Request> for Watch<S>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let row = Row::begin(&request, self.journal.clone());
        let reply = self.inner.call(request);
        Box::pin(async move {
            let row = row?;
            match reply.await.map_err(Into::into)? {
                Reply::Response(response) => {
                    row.response(&response, "JSON")?;
                    Ok(Reply::Response(response))
                }
                Reply::Stream(items) => Ok(Reply::Stream(watched(items, row))),
            }
        })
    }
}

/// The same stream, with its row printed at the end.
fn watched(items: ReplyStream, row: Row) -> ReplyStream {
    ReplyStream::fallible(unfold(Some((items, row)), |state| async move {
        let (mut items, mut row) = state?;
        match items.next().await {
            Some(ReplyItem::Notification(notification)) => {
                row.notification(&notification);
                let item = Ok(ReplyItem::Notification(notification));
                Some((item, Some((items, row))))
            }
            Some(ReplyItem::Response(response)) => {
                let how = format!("SSE, {} notifications, a result", row.notifications);
                let item = row.response(&response, &how);
                Some((item.map(|()| ReplyItem::Response(response)), None))
            }
            None => items.failure().map(|why| (Err(why), None)),
        }
    }))
}

/// One request, until it is answered.
struct Row {
    journal: Journal,
    number: usize,
    label: String,
    /// Whose state it goes on from.
    goes_on: Option<String>,
    listens: bool,
    notifications: usize,
    started: Instant,
}

impl Row {
    fn begin(request: &Request, journal: Journal) -> Result<Self, BoxError> {
        let params = request.params().unwrap_or_default();
        let params: Value = serde_json::from_slice(&params)?;
        let mut label = request.method().into_owned();
        if let Some(name) = params.get("name").and_then(Value::as_str) {
            label = format!("{label} {name}");
        }
        let mut seen = journal.seen();
        seen.requests += 1;
        let number = seen.requests;
        let goes_on = match (params.get("requestState"), seen.state.take()) {
            (None, None) => None,
            (Some(sent), Some((state, sealed_by))) if *sent == state => Some(sealed_by),
            (sent, _) => return Err(format!("{label}: another state than came: {sent:?}").into()),
        };
        drop(seen);
        match &goes_on {
            Some(sealed_by) => label = format!("{label}, state of {sealed_by}"),
            None if params.get("inputResponses").is_some() => label.push_str(", answering"),
            None => {}
        }
        Ok(Self {
            journal,
            number,
            label,
            goes_on,
            listens: request.method() == method::SUBSCRIPTIONS_LISTEN,
            notifications: 0,
            started: Instant::now(),
        })
    }

    fn notification(&mut self, notification: &Notification) {
        self.notifications += 1;
        // This row would not end before the stream does.
        if self.listens && self.notifications == 1 {
            let first = notification.method().rsplit('/').next().unwrap_or_default();
            let reply = format!("SSE, {first}, stays open");
            self.print(self.journal.balance.last(), &reply);
        }
    }

    fn response(&self, response: &Response, how: &str) -> Result<(), BoxError> {
        // An error is told by whoever asked.
        let Some(result) = response.as_result() else {
            return Ok(());
        };
        let result: Value = serde_json::from_slice(result)?;
        let name = result.pointer("/_meta/io.modelcontextprotocol~1serverInfo/name");
        let name = name.and_then(Value::as_str).unwrap_or("nobody");
        let expected = self.journal.balance.last();
        if name != expected {
            return Err(format!("{} went to {expected} and {name} answered", self.label).into());
        }
        let mut reply = how.to_owned();
        let asks = result
            .get("resultType")
            .is_some_and(|kind| kind == "input_required");
        if asks {
            reply.push_str(", input_required");
        }
        self.print(name, &reply);
        let mut seen = self.journal.seen();
        seen.answered.insert(name.to_owned());
        if self
            .goes_on
            .as_ref()
            .is_some_and(|sealed_by| sealed_by != name)
        {
            seen.taken_over += 1;
        }
        seen.state = result
            .get("requestState")
            .filter(|_| asks)
            .map(|state| (state.clone(), name.to_owned()));
        Ok(())
    }

    fn print(&self, replica: &str, reply: &str) {
        let number = self.number.to_string();
        print_row(
            &number,
            &self.label,
            replica,
            reply,
            &spelled(self.started.elapsed()),
        );
    }
}

/// One line of the table.
pub(super) fn print_row(number: &str, request: &str, replica: &str, reply: &str, time: &str) {
    println!("{number:>2}  {request:<42} {replica:<10} {reply:<34} {time:>8}");
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};

    use mcpwire::codec::Message;
    use mcpwire::http::client::Client;
    use serde_json::json;

    use super::*;

    /// Answers with one result.
    #[derive(Clone)]
    struct Says(Balance, Value);

    impl Service<Request> for Says {
        type Response = Reply;
        type Error = BoxError;
        type Future = Ready<Result<Reply, BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            drop(self.0.call(request));
            ready(Ok(Reply::result(self.1.to_string())))
        }
    }

    /// Asks each of two replicas in turn; gives the errors, and how often state was taken over.
    fn talk(exchanges: &[(Value, Value)]) -> (Vec<String>, usize) {
        let client = || Client::new("http://localhost/").unwrap();
        let replicas = ["a", "b"].map(|name| (name.to_owned(), client()));
        let balance = Balance::new(replicas.into());
        let journal = Journal::new(balance.clone());
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.build().unwrap();
        let ask = |(params, result): &(Value, Value)| {
            let message = json!({"jsonrpc": "2.0", "id": 1, "method": "x", "params": params});
            let message = Message::decode(message.to_string()).unwrap();
            let says = Says(balance.clone(), result.clone());
            let mut watch = Watch::new(says, journal.clone());
            let reply = runtime.block_on(watch.call(Request::new(message).unwrap()));
            reply.err().map(|error| error.to_string())
        };
        let errors = exchanges.iter().filter_map(ask).collect();
        (errors, journal.taken_over())
    }

    fn result(name: &str, more: &Value) -> Value {
        let mut result = json!({"_meta": {"io.modelcontextprotocol/serverInfo": {"name": name}}});
        let members = more.as_object().unwrap().clone();
        result.as_object_mut().unwrap().extend(members);
        result
    }

    #[test]
    fn state_goes_from_one_replica_to_the_next_unchanged() {
        let asks = json!({"resultType": "input_required", "requestState": "s"});
        let asks = (json!({}), result("a", &asks));
        let done = result("b", &json!({}));
        let talk = |state: Value| talk(&[asks.clone(), (state, done.clone())]);
        assert_eq!(talk(json!({"requestState": "s"})), (vec![], 1));
        for wrong in [json!({"requestState": "t"}), json!({})] {
            let (errors, _) = talk(wrong);
            assert!(errors.concat().contains("another state"), "{errors:?}");
        }
    }

    #[test]
    fn a_name_that_is_not_the_replicas_is_an_error() {
        let nobody = (json!({}), json!({}));
        let other = (json!({}), result("a", &json!({})));
        let (errors, _) = talk(&[nobody, other]);
        assert_eq!(
            errors,
            [
                "x went to a and nobody answered",
                "x went to b and a answered"
            ]
        );
    }
}
