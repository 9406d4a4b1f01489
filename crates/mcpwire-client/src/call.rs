//! One call, and what can be chosen about it before it is awaited.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mcpwire_service::{Notification, TraceContext};
use mcpwire_types::{
    LoggingLevel, LoggingMessageNotificationParams, ProgressNotificationParams, meta_key,
};
use serde_core::ser::Serialize;

use crate::{Client, Error, Method, exchange, slips};

/// A call that is sent when it is awaited.
///
/// Dropping its future cancels the call (CANCEL-02).
#[must_use = "a call is sent when it is awaited"]
pub struct Call<'c, M> {
    client: &'c Client,
    method: M,
    options: Options<'c>,
}

/// What can be chosen about a single call.
#[derive(Default)]
pub(crate) struct Options<'c> {
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_timeout: Option<Duration>,
    /// Further members of `_meta`, as JSON: `"key":value`.
    pub(crate) meta: Vec<String>,
    /// Why one of them cannot be written.
    pub(crate) unwritable: Option<serde_json::Error>,
    pub(crate) fresh: bool,
    pub(crate) on_progress: Option<OnProgress<'c>>,
    pub(crate) on_log: Option<OnLog<'c>>,
    pub(crate) on_notification: Option<OnNotification<'c>>,
}

pub(crate) type OnProgress<'c> = Box<dyn FnMut(ProgressNotificationParams<'_>) + Send + 'c>;
pub(crate) type OnLog<'c> = Box<dyn FnMut(LoggingMessageNotificationParams<'_>) + Send + 'c>;
pub(crate) type OnNotification<'c> = Box<dyn FnMut(&Notification) + Send + 'c>;

impl<'c, M: Method> Call<'c, M> {
    pub(crate) fn new(client: &'c Client, method: M) -> Self {
        Self {
            client,
            method,
            options: Options::default(),
        }
    }

    /// How long the server may take, in place of [`Limits::timeout`](crate::Limits::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How long it may take in all, in place of
    /// [`Limits::max_timeout`](crate::Limits::max_timeout).
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.options.max_timeout = Some(timeout);
        self
    }

    /// Asks for progress, and hears of it (PROG-01). It comes before the result, and takes the time
    /// that the closure takes.
    pub fn on_progress(
        mut self,
        hear: impl FnMut(ProgressNotificationParams<'_>) + Send + 'c,
    ) -> Self {
        self.options.on_progress = Some(Box::new(hear));
        self
    }

    /// Asks for log messages of this level and above, and hears of them (META-16). Deprecated in this
    /// revision.
    pub fn on_log(
        mut self,
        level: impl Into<LoggingLevel<'c>>,
        hear: impl FnMut(LoggingMessageNotificationParams<'_>) + Send + 'c,
    ) -> Self {
        self.options.on_log = Some(Box::new(hear));
        self.meta(meta_key::LOG_LEVEL, level.into().as_str())
    }

    /// Hears of every notification that comes with the answer, as it came.
    pub fn on_notification(mut self, hear: impl FnMut(&Notification) + Send + 'c) -> Self {
        self.options.on_notification = Some(Box::new(hear));
        self
    }

    /// The trace that the call belongs to (META-30).
    pub fn trace(mut self, trace: &TraceContext<'_>) -> Self {
        for (key, value) in [
            (meta_key::TRACEPARENT, &trace.traceparent),
            (meta_key::TRACESTATE, &trace.tracestate),
            (meta_key::BAGGAGE, &trace.baggage),
        ] {
            if let Some(value) = value {
                self = self.meta(key, value);
            }
        }
        self
    }

    /// One more member of `_meta`, such as one that an extension defines. Those that this crate
    /// writes itself cannot be set here: the request would have them twice, and is not sent.
    pub fn meta(mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Self {
        let member = serde_json::to_string(key)
            .and_then(|key| Ok(format!("{key}:{}", serde_json::to_string(value)?)));
        match member {
            Ok(member) => self.options.meta.push(member),
            Err(error) => self.options.unwritable = Some(error),
        }
        self
    }

    /// Makes the call fail, as one whose parameters cannot be written.
    pub(crate) fn unwritable(mut self, error: serde_json::Error) -> Self {
        self.options.unwritable = Some(error);
        self
    }

    /// Asks the server even if the cache has an answer that is fresh.
    pub fn fresh(mut self) -> Self {
        self.options.fresh = true;
        self
    }
}

impl<M: Method> Call<'_, M> {
    /// Sends the call, and gives the JSON text of its result as it came, unread.
    pub async fn raw(mut self) -> Result<Bytes, Error> {
        exchange::run(&self.client.shared, &self.method, &mut self.options).await
    }
}

impl<'c, M: Method + 'c> IntoFuture for Call<'c, M> {
    type Output = Result<M::Result, Error>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.client;
            let raw = exchange::run(&client.shared, &self.method, &mut self.options).await?;
            let result = exchange::text(M::NAME, &raw)?;
            let mut result = slips::decode(result, M::decode)
                .map_err(|source| exchange::unreadable(M::NAME, source, &raw))?;
            M::received(client, &mut result);
            Ok(result)
        })
    }
}

impl<M: fmt::Debug> fmt::Debug for Call<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("timeout", &self.options.timeout)
            .finish_non_exhaustive()
    }
}
