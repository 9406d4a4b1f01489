//! From a method to its result: what is sent, again if need be, and what is made of the answer.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use mcpwire_codec::{Message, Part, write_json, write_request};
use mcpwire_service::{Notification, Reply, ReplyItem, Request, Response};
use mcpwire_types::{
    DecodeError, JSONValue, LoggingMessageNotificationParams, ProgressNotificationParams,
    ProgressToken, RequestId, error_code, meta_key, method,
};
use tokio::time::{Instant, sleep, timeout_at};

use crate::cache::{Cache, Key, is_cacheable};
use crate::call::Options;
use crate::client::Shared;
use crate::error::RpcError;
use crate::head::{COMPLETE, Head, INPUT_REQUIRED};
use crate::input::Answers;
use crate::{Error, Method, lists};

/// How long to wait before a retry that the server wants without any input, times its number
/// (MRTR-16).
const PAUSE: Duration = Duration::from_millis(100);

/// The JSON text of a complete result.
pub(crate) async fn run<M: Method>(
    shared: &Shared,
    method: &M,
    options: &mut Options<'_>,
) -> Result<Bytes, Error> {
    if let Some(error) = options.unwritable.take() {
        return Err(Error::Params(error));
    }
    let params = |out: &mut Vec<u8>| write_json(out, method);
    let mut talk = Talk {
        shared,
        name: M::NAME,
        params: &params,
        tool: method.tool(),
        options,
        rounds: 0,
        switched: false,
        refreshed: false,
    };
    match shared.cache.as_ref().filter(|_| is_cacheable(M::NAME)) {
        Some((cache, authorization)) => Box::pin(talk.cached(cache, authorization)).await,
        None => talk.run().await,
    }
}

/// Writes the parameters of a request: an object, without `_meta`.
pub(crate) type Params<'a> =
    dyn Fn(&mut Vec<u8>) -> Result<(), serde_json::Error> + Send + Sync + 'a;

/// A call, over all the requests that it takes.
struct Talk<'a, 'c> {
    shared: &'a Shared,
    name: &'static str,
    params: &'a Params<'a>,
    tool: Option<&'a str>,
    options: &'a mut Options<'c>,
    /// How many times the server was given input.
    rounds: usize,
    /// Whether another version was tried.
    switched: bool,
    /// Whether the tools were listed again.
    refreshed: bool,
}

impl Talk<'_, '_> {
    /// What the cache has, or gets.
    async fn cached(&mut self, cache: &Cache, authorization: &str) -> Result<Bytes, Error> {
        let mut params = Vec::new();
        (self.params)(&mut params).map_err(Error::Params)?;
        let mut key = Key {
            method: self.name,
            params: String::from_utf8(params).map_err(|error| params_error(&error))?,
            version: self.shared.version().to_owned(),
        };
        if !self.options.fresh
            && let Some(result) = cache.get(&key, authorization)
        {
            return Ok(result);
        }
        let generation = cache.generation();
        let result = self.run().await?;
        // CACHE-12
        if self.rounds == 0 {
            let head = read_head(self.name, &result)?;
            let limits = &self.shared.limits;
            self.shared.version().clone_into(&mut key.version);
            cache.put(key, authorization, &head, &result, generation, limits);
        }
        Ok(result)
    }

    async fn run(&mut self) -> Result<Bytes, Error> {
        let mut answers = Answers::default();
        loop {
            let response = self.once(&answers).await?;
            let known_complete = response.is_known_complete();
            let raw = match result(response) {
                Ok(raw) => raw,
                Err(Error::Rpc(error)) => {
                    Box::pin(self.recover(error)).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let head = if known_complete {
                Head::default()
            } else {
                read_head(self.name, &raw)?
            };
            match head.kind() {
                COMPLETE => {
                    self.check_output(&raw)?;
                    return Ok(raw);
                }
                INPUT_REQUIRED if may_ask(self.name) => {
                    answers = Box::pin(self.answer(&head, &raw)).await?;
                }
                kind => {
                    return Err(Error::ResultType {
                        found: kind.to_owned(),
                        raw: raw.clone(),
                    });
                }
            }
        }
    }

    /// Sees to it that the request is not refused for the same reason again, or gives the refusal back.
    async fn recover(&mut self, error: RpcError) -> Result<(), Error> {
        if let Some(supported) = error.supported_versions() {
            // VER-06. The version that was refused may be among them: then it is worth another try all
            // the same.
            if self.switched || !self.shared.choose_version(&supported) {
                return Err(Error::Version {
                    supported,
                    answer: error,
                });
            }
            self.switched = true;
            return Ok(());
        }
        let is_mismatch = error.code == error_code::HEADER_MISMATCH;
        if is_mismatch && self.tool.is_some() && !self.refreshed {
            self.refreshed = true;
            if lists::refresh_tools(self.shared).await.is_ok() {
                return Ok(());
            }
        }
        Err(Error::Rpc(error))
    }

    /// What the server wants to know before it goes on.
    async fn answer(&mut self, head: &Head<'_>, raw: &Bytes) -> Result<Answers, Error> {
        let limits = &self.shared.limits;
        if self.rounds == limits.max_rounds {
            return Err(Error::Rounds {
                limit: self.rounds,
                raw: raw.clone(),
            });
        }
        self.rounds += 1;
        let handlers = &self.shared.handlers;
        let answers = handlers
            .answer(head, limits.max_input_requests, raw)
            .await?;
        if answers.responses.is_none() {
            let rounds = u32::try_from(self.rounds).unwrap_or(u32::MAX);
            sleep(PAUSE.saturating_mul(rounds)).await;
        }
        Ok(answers)
    }

    /// One request and its answer.
    async fn once(&mut self, answers: &Answers) -> Result<Response, Error> {
        let request = self.request(answers)?;
        let id = request.id().clone();
        let mut clock = Clock::start(self.shared, self.options);
        let reply = clock.bound(self.shared.send(request)).await?;
        match reply.map_err(Error::Transport)? {
            Reply::Response(response) => Ok(response),
            Reply::Stream(mut items) => loop {
                // Checked by itself: a stream that is never pending would never be interrupted.
                clock.check()?;
                match clock.bound(items.next()).await? {
                    Some(ReplyItem::Response(response)) => return Ok(response),
                    Some(ReplyItem::Notification(notification)) => {
                        if self.hear(&notification, &id) {
                            clock.wind();
                        }
                    }
                    None => {
                        return Err(Error::Interrupted {
                            source: items.failure(),
                        });
                    }
                }
            },
        }
    }

    /// With the header fields that the tool wants if it is known (HDR-03); the server refuses the call
    /// of an unknown one that needs some.
    fn request(&self, answers: &Answers) -> Result<Request, Error> {
        let mut request = request(self.shared, self.name, self.params, self.options, answers)?;
        if let Some(name) = self.tool
            && let Some(definition) = self.shared.tools.get(name)
        {
            let arguments = request.message().raw(Part::Arguments);
            let mirrored = definition.mirror(name, arguments)?;
            request.context_mut().mirrored_params = Some(mirrored);
        }
        Ok(request)
    }

    fn check_output(&self, raw: &Bytes) -> Result<(), Error> {
        let Some(name) = self.tool.filter(|_| self.shared.check_output) else {
            return Ok(());
        };
        let definition = self.shared.tools.get(name);
        let Some(output) = definition.as_ref().and_then(|known| known.output()) else {
            return Ok(());
        };
        output
            .check(text(self.name, raw)?)
            .map_err(|message| Error::Output {
                name: name.to_owned(),
                message,
                raw: raw.clone(),
            })
    }

    /// Hands a notification to whoever asked for it. Gives whether it is progress of this request.
    fn hear(&mut self, notification: &Notification, id: &RequestId<'_>) -> bool {
        if let Some(hear) = &mut self.options.on_notification {
            hear(notification);
        }
        let params = notification
            .params()
            .map(|params| &params[..])
            .unwrap_or_default();
        match notification.method() {
            method::NOTIFICATIONS_PROGRESS => {
                let params = mcpwire_types::decode::<ProgressNotificationParams<'_>>(params);
                // Progress of something else is none of ours (PROG-15).
                let Some(params) = params
                    .ok()
                    .filter(|params| is_token(&params.progress_token, id))
                else {
                    return false;
                };
                if let Some(hear) = &mut self.options.on_progress {
                    hear(params);
                }
                true
            }
            method::NOTIFICATIONS_MESSAGE => {
                let params = mcpwire_types::decode::<LoggingMessageNotificationParams<'_>>(params);
                if let (Some(hear), Ok(params)) = (&mut self.options.on_log, params) {
                    hear(params);
                }
                false
            }
            _ => false,
        }
    }
}

/// How long the server still has.
pub(crate) struct Clock {
    timeout: Duration,
    max: Duration,
    /// `None` where the time is beyond what can be counted.
    next: Option<Instant>,
    last: Option<Instant>,
}

impl Clock {
    pub(crate) fn start(shared: &Shared, options: &Options<'_>) -> Self {
        let timeout = options.timeout.unwrap_or(shared.limits.timeout);
        // A call that may take longer than all calls may is not cut by their limit.
        let max = options
            .max_timeout
            .unwrap_or_else(|| shared.limits.max_timeout.max(timeout));
        let now = Instant::now();
        Self {
            timeout,
            max,
            next: now.checked_add(timeout),
            last: now.checked_add(max),
        }
    }

    /// Starts the time anew, after progress.
    fn wind(&mut self) {
        self.next = Instant::now().checked_add(self.timeout);
    }

    /// What runs out first: when, and how long it was.
    fn end(&self) -> Option<(Instant, Duration)> {
        match (self.next, self.last) {
            (Some(next), last) if last.is_none_or(|last| next <= last) => {
                Some((next, self.timeout))
            }
            (_, last) => Some((last?, self.max)),
        }
    }

    fn check(&self) -> Result<(), Error> {
        match self.end() {
            Some((end, after)) if end <= Instant::now() => Err(Error::Timeout { after }),
            _ => Ok(()),
        }
    }

    pub(crate) async fn bound<F: Future>(&self, work: F) -> Result<F::Output, Error> {
        match self.end() {
            Some((end, after)) => timeout_at(end, work)
                .await
                .map_err(|_| Error::Timeout { after }),
            None => Ok(work.await),
        }
    }
}

/// A request with an ID of its own and the metadata of every request (META-10 to META-12).
pub(crate) fn request(
    shared: &Shared,
    name: &str,
    params: &Params<'_>,
    options: &Options<'_>,
    answers: &Answers,
) -> Result<Request, Error> {
    /// For short parameters, the version and a progress token.
    const ROOM: usize = 512;
    let id = shared.next_id();
    let room = shared.meta.len() + ROOM;
    let bytes = write_request(&RequestId::from(id), name, room, |out| {
        let start = out.len();
        params(out).map_err(Error::Params)?;
        if out.get(start) != Some(&b'{') || out.pop() != Some(b'}') {
            return Err(params_error(&"they are no object"));
        }
        if out.len() - start > 1 {
            out.push(b',');
        }
        write_meta(out, shared, id, options, answers).map_err(Error::Params)
    })?;
    let message = Message::decode(bytes).map_err(|error| params_error(&error))?;
    Request::new(message).map_err(|_| params_error(&format!("{name:?} is no method of requests")))
}

/// The end of the parameters: what a retry adds to them, and `_meta`.
fn write_meta(
    out: &mut Vec<u8>,
    shared: &Shared,
    id: i64,
    options: &Options<'_>,
    answers: &Answers,
) -> Result<(), serde_json::Error> {
    if let Some(responses) = &answers.responses {
        push(out, &["\"inputResponses\":", responses, ","]);
    }
    if let Some(state) = &answers.state {
        push(out, &["\"requestState\":", state.get(), ","]);
    }
    push(out, &[&shared.meta]);
    write_json(out, shared.version())?;
    if options.on_progress.is_some() {
        push(
            out,
            &[",\"", meta_key::PROGRESS_TOKEN, "\":", &id.to_string()],
        );
    }
    for extra in &options.meta {
        push(out, &[",", extra]);
    }
    push(out, &["}}"]);
    Ok(())
}

fn push(text: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        text.extend_from_slice(piece.as_bytes());
    }
}

/// The JSON text of a result.
pub(crate) fn text<'a>(name: &str, raw: &'a Bytes) -> Result<&'a str, Error> {
    std::str::from_utf8(raw).map_err(|_| no_text(name, raw))
}

/// Only a service of the user's own comes to this: the codec lets nothing else pass.
#[cold]
fn no_text(name: &str, raw: &Bytes) -> Error {
    match mcpwire_types::decode::<JSONValue<'_>>(raw) {
        Err(source) => unreadable(name, source, raw),
        Ok(_) => Error::Interrupted {
            source: Some("the result is not UTF-8".into()),
        },
    }
}

/// The error for a result that is not what the method gives.
#[cold]
pub(crate) fn unreadable(name: &str, source: DecodeError, raw: &Bytes) -> Error {
    Error::Decode {
        method: name.to_owned(),
        source,
        raw: raw.clone(),
    }
}

pub(crate) fn read_head<'a>(name: &str, raw: &'a Bytes) -> Result<Head<'a>, Error> {
    Head::read(text(name, raw)?).map_err(|source| unreadable(name, source, raw))
}

pub(crate) fn result(response: Response) -> Result<Bytes, Error> {
    if let Some((code, json)) = response.as_error() {
        return Err(Error::Rpc(RpcError::new(code, json.clone())));
    }
    (response.into_result()).ok_or(Error::Interrupted { source: None })
}

/// Methods whose results may ask for input (MRTR-05).
fn may_ask(name: &str) -> bool {
    matches!(
        name,
        method::TOOLS_CALL | method::PROMPTS_GET | method::RESOURCES_READ
    ) || !is_known(name)
}

/// Whether the method is of this revision, not of an extension.
fn is_known(name: &str) -> bool {
    is_cacheable(name)
        || matches!(
            name,
            method::COMPLETION_COMPLETE
                | method::SUBSCRIPTIONS_LISTEN
                | method::TOOLS_CALL
                | method::PROMPTS_GET
        )
}

fn is_token(token: &ProgressToken<'_>, id: &RequestId<'_>) -> bool {
    serde_json::to_string(token).ok() == serde_json::to_string(id).ok()
}

#[cold]
pub(crate) fn params_error(reason: &dyn std::fmt::Display) -> Error {
    Error::Params(serde_core::ser::Error::custom(reason))
}
