//! One request that is expected, and its answer.

use std::fmt;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use mcpwire_service::{BoxError, Notification, Reply, ReplyItem, ReplyStream, Response};
use mcpwire_types::Error;
use serde_json::{Map, Value, json};

type Check = Arc<dyn Fn(&Value) -> bool + Send + Sync>;

/// A request that a [`Script`](super::Script) expects, and what it answers. Without an answer of its
/// own it gives an empty complete result.
#[derive(Clone)]
pub struct Expect {
    method: Option<String>,
    params: Value,
    check: Option<Check>,
    times: usize,
    notifications: Vec<(String, Value)>,
    end: End,
}

#[derive(Clone)]
enum End {
    Result(Value),
    Error { code: i64, message: String },
    Never,
    BreaksOff(String),
    Fails(String),
}

impl Expect {
    /// A request of any method.
    pub fn any() -> Self {
        Self {
            method: None,
            params: json!({}),
            check: None,
            times: 1,
            notifications: Vec::new(),
            end: End::Result(json!({"resultType": "complete"})),
        }
    }

    /// A request of this method.
    pub fn method(method: impl Into<String>) -> Self {
        Self {
            method: Some(method.into()),
            ..Self::any()
        }
    }

    /// A call of this tool.
    pub fn tool(name: &str) -> Self {
        Self::method("tools/call").params(json!({"name": name}))
    }

    /// Whose `params` have at least these members, objects within them likewise.
    pub fn params(mut self, params: Value) -> Self {
        match (self.params.as_object_mut(), params) {
            (Some(own), Value::Object(more)) => own.extend(more),
            (_, params) => self.params = params,
        }
        self
    }

    /// Whose message passes this check too.
    pub fn matching(mut self, check: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Which comes so many times; 1 by default and at least.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times.max(1);
        self
    }

    /// Sends a notification before the end of the answer.
    pub fn notification(mut self, method: impl Into<String>, params: Value) -> Self {
        self.notifications.push((method.into(), params));
        self
    }

    /// Answers with this result.
    pub fn result(mut self, result: Value) -> Self {
        self.end = End::Result(result);
        self
    }

    /// Asks for input, and has the client send this state again if there is one (MRTR-02).
    pub fn input_required(self, requests: Value, state: Option<&str>) -> Self {
        let mut result = Map::new();
        result.insert("resultType".to_owned(), "input_required".into());
        result.insert("inputRequests".to_owned(), requests);
        if let Some(state) = state {
            result.insert("requestState".to_owned(), state.into());
        }
        self.result(Value::Object(result))
    }

    /// Answers with an error.
    pub fn error(mut self, code: i64, message: impl Into<String>) -> Self {
        self.end = End::Error {
            code,
            message: message.into(),
        };
        self
    }

    /// Never ends the answer, after its notifications.
    pub fn never_answers(mut self) -> Self {
        self.end = End::Never;
        self
    }

    /// Breaks the reply off, after its notifications.
    pub fn breaks_off(mut self, reason: impl Into<String>) -> Self {
        self.end = End::BreaksOff(reason.into());
        self
    }

    /// Fails the call itself, as a transport does that cannot connect. No notification is sent.
    pub fn fails(mut self, reason: impl Into<String>) -> Self {
        self.end = End::Fails(reason.into());
        self
    }

    pub(super) fn meets(&self, message: &Value) -> bool {
        let method = message
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let params = message.get("params").unwrap_or(&Value::Null);
        self.method.as_ref().is_none_or(|own| own == method)
            && contains(params, &self.params)
            && self.check.as_ref().is_none_or(|check| check(message))
    }

    /// This expectation for one request, and whether no other one is left.
    pub(super) fn once(&mut self) -> (Self, bool) {
        self.times = self.times.saturating_sub(1);
        (self.clone(), self.times == 0)
    }

    /// `None` if nothing ever comes.
    pub(super) fn reply(self) -> Option<Result<Reply, BoxError>> {
        let end: Option<Result<ReplyItem, BoxError>> = match self.end {
            End::Fails(reason) => return Some(Err(reason.into())),
            End::Never if self.notifications.is_empty() => return None,
            End::Never => None,
            End::BreaksOff(reason) => Some(Err(reason.into())),
            End::Result(result) => Some(Ok(ReplyItem::Response(Response::result(
                result.to_string(),
            )))),
            End::Error { code, message } => {
                let error = Error::new(code, message);
                Some(Ok(ReplyItem::Response(Response::error(&error))))
            }
        };
        if self.notifications.is_empty()
            && let Some(Ok(ReplyItem::Response(response))) = end
        {
            return Some(Ok(Reply::Response(response)));
        }
        let notifications = self.notifications.into_iter().map(|(method, params)| {
            Ok(ReplyItem::Notification(Notification::new(
                method,
                params.to_string(),
            )))
        });
        let waits = end.is_none();
        let items = stream::iter(notifications).chain(stream::iter(end));
        let items: futures_util::stream::BoxStream<'static, _> = if waits {
            Box::pin(items.chain(stream::pending()))
        } else {
            Box::pin(items)
        };
        Some(Ok(Reply::Stream(ReplyStream::fallible(items))))
    }
}

/// Whether `value` is `part`, or an object with at least its members.
fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(value), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| value.get(name).is_some_and(|value| contains(value, part))),
        // Nothing in particular is asked of parameters that are not there.
        (Value::Null, Value::Object(part)) => part.is_empty(),
        _ => value == part,
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method.as_deref().unwrap_or("a request of any method"))?;
        if self.params != json!({}) {
            write!(f, " with {}", self.params)?;
        }
        if self.check.is_some() {
            f.write_str(" that passes a check")?;
        }
        match self.times {
            0 | 1 => Ok(()),
            times => write!(f, ", {times} times"),
        }
    }
}

impl fmt::Debug for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expect({self})")
    }
}
