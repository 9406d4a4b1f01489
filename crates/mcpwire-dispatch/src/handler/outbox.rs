//! Notifications that belong to a running request: progress and log messages.
//!
//! They wait in a bounded channel until the transport has taken them. A handler that reports faster
//! than the client reads waits in `report`, so a slow reader slows the handler down and fills no
//! memory. A handler that reports nothing has no channel.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use mcpwire_service::Notification;
use mcpwire_types::{
    JSONValue, LoggingLevel, LoggingMessageNotificationParams, Number, ProgressNotificationParams,
    ProgressToken, method,
};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::error::HandlerError;
use crate::handler::call::Call;
use crate::handler::extract::FromCall;
use crate::router::register::Signature;

/// The way of notifications from the extractors of one call to its reply.
pub(crate) struct Outbox {
    capacity: usize,
    channel: Option<(mpsc::Sender<Notification>, mpsc::Receiver<Notification>)>,
}

impl Outbox {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            channel: None,
        }
    }

    fn sender(&mut self) -> mpsc::Sender<Notification> {
        let capacity = self.capacity;
        self.channel
            .get_or_insert_with(|| mpsc::channel(capacity))
            .0
            .clone()
    }

    /// The reply's end, if an extractor took the other one.
    pub(crate) fn take_receiver(&mut self) -> Option<mpsc::Receiver<Notification>> {
        self.channel.take().map(|(_, receiver)| receiver)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("open", &self.channel.is_some())
            .finish_non_exhaustive()
    }
}

/// Tells the client how far the work is (PROG rows).
///
/// Where the client gave no progress token nothing is sent and nothing waits (PROG-01). Clones report
/// on the same work. What is reported after the handler has ended is dropped (PROG-10).
#[derive(Clone, Debug)]
pub struct Progress {
    wanted: Option<Arc<Wanted>>,
    total: Option<Number>,
}

#[derive(Debug)]
struct Wanted {
    token: ProgressToken<'static>,
    sender: mpsc::Sender<Notification>,
    /// The last value that was sent.
    last: Mutex<Option<f64>>,
}

impl Progress {
    /// Whether the client asked for progress on this request.
    pub fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// Sends `total` along with every value from here on (PROG-05).
    pub fn with_total(mut self, total: impl Into<Number>) -> Self {
        self.total = Some(total.into());
        self
    }

    /// Reports a value that is greater than the one before.
    ///
    /// One that is not is dropped, since progress has to grow (PROG-06); so is one that is no
    /// finite number. Waits while the outbox is full.
    pub async fn report(&self, progress: impl Into<Number>) {
        self.send(progress.into(), None).await;
    }

    /// [`Progress::report`] with a text for people (PROG-08).
    pub async fn report_with_message(
        &self,
        progress: impl Into<Number>,
        message: impl Into<String>,
    ) {
        self.send(progress.into(), Some(message.into())).await;
    }

    async fn send(&self, progress: Number, message: Option<String>) {
        let Some(wanted) = &self.wanted else { return };
        // The place in the channel comes first, so that two clones cannot swap their values between
        // the comparison and the sending.
        let Ok(place) = wanted.sender.reserve().await else {
            return;
        };
        let mut last = wanted.last.lock().unwrap_or_else(PoisonError::into_inner);
        let value = progress.as_f64();
        if !value.is_finite() || last.is_some_and(|last| value <= last) {
            return;
        }
        let mut params = ProgressNotificationParams::new(wanted.token.clone(), progress);
        params.total = self.total;
        params.message = message.map(Into::into);
        let Ok(json) = mcpwire_codec::to_json(&params) else {
            return;
        };
        *last = Some(value);
        place.send(Notification::new(method::NOTIFICATIONS_PROGRESS, json));
    }
}

impl FromCall for Progress {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let token = call.request.progress_token().map(ProgressToken::into_owned);
        let wanted = token.map(|token| {
            Arc::new(Wanted {
                token,
                sender: call.outbox.sender(),
                last: Mutex::new(None),
            })
        });
        Ok(Self {
            wanted,
            total: None,
        })
    }
}

/// Sends log messages to the client, where it asked for them on this very request (LOG-03 to LOG-06).
///
/// The feature is deprecated in this revision (LOG-01): prefer `tracing` and standard error. Never
/// log secrets or personal data with it (LOG-11). A server one of whose handlers takes it declares
/// the `logging` capability (LOG-02).
#[derive(Clone, Debug)]
pub struct Log {
    wanted: Option<(usize, mpsc::Sender<Notification>)>,
    logger: Option<Arc<str>>,
}

impl Log {
    /// Names the part of the server that speaks (LOG-08).
    pub fn with_logger(mut self, logger: impl Into<Arc<str>>) -> Self {
        self.logger = Some(logger.into());
        self
    }

    /// Whether a message of this level would be sent.
    pub fn is_wanted(&self, level: &LoggingLevel<'_>) -> bool {
        matches!((&self.wanted, severity(level)), (Some((least, _)), Some(this)) if this >= *least)
    }

    /// Sends a message, any JSON, unless its level is below the one asked for. Waits while the outbox
    /// is full.
    pub async fn log(&self, level: LoggingLevel<'static>, data: impl Serialize) {
        if !self.is_wanted(&level) {
            return;
        }
        let Some((_, sender)) = &self.wanted else {
            return;
        };
        let Ok(data) = JSONValue::from_serialize(&data) else {
            return;
        };
        let mut params = LoggingMessageNotificationParams::new(level, data);
        params.logger = self.logger.as_deref().map(Into::into);
        let Ok(json) = mcpwire_codec::to_json(&params) else {
            return;
        };
        // The other end is gone when the request is over; then nobody is to hear of it.
        let _ = sender
            .send(Notification::new(method::NOTIFICATIONS_MESSAGE, json))
            .await;
    }

    /// [`Log::log`] at level `debug`.
    pub async fn debug(&self, data: impl Serialize) {
        self.log(LoggingLevel::Debug, data).await;
    }

    /// [`Log::log`] at level `info`.
    pub async fn info(&self, data: impl Serialize) {
        self.log(LoggingLevel::Info, data).await;
    }

    /// [`Log::log`] at level `warning`.
    pub async fn warning(&self, data: impl Serialize) {
        self.log(LoggingLevel::Warning, data).await;
    }

    /// [`Log::log`] at level `error`.
    pub async fn error(&self, data: impl Serialize) {
        self.log(LoggingLevel::Error, data).await;
    }
}

impl FromCall for Log {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let least = call.request.log_level().as_ref().and_then(severity);
        let wanted = least.map(|least| (least, call.outbox.sender()));
        Ok(Self {
            wanted,
            logger: None,
        })
    }

    fn describe(signature: &mut Signature<'_>) {
        signature.logs();
    }
}

/// The place of a level in their order (LOG-07); none for a level that this revision does not know.
fn severity(level: &LoggingLevel<'_>) -> Option<usize> {
    const LEVELS: [&str; 8] = [
        "debug",
        "info",
        "notice",
        "warning",
        "error",
        "critical",
        "alert",
        "emergency",
    ];
    LEVELS.iter().position(|known| *known == level.as_str())
}
