//! From a method to its result: what is sent, again if need be, and what is made of the answer.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use mcpwire_codec::{Message, encode_request, to_json, write_json};
use mcpwire_service::{MirroredParams, Notification, Reply, ReplyItem, Request, Response};
use mcpwire_types::{
    JSONValue, LoggingMessageNotificationParams, Map, ProgressNotificationParams, ProgressToken,
    RequestId, decode_str, error_code, meta_key, method,
};
use tokio::time::{Instant, sleep, timeout_at};

use crate::cache::{Key, is_cacheable};
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
    let params = to_json(method).map_err(Error::Params)?;
    let params = String::from_utf8(params).map_err(|error| params_error(&error))?;
    if !params.starts_with('{') {
        return Err(params_error(&"they are no object"));
    }
    let cached = shared.cache.as_ref().filter(|_| is_cacheable(M::NAME));
    let key = |version: &str| Key {
        method: M::NAME,
        params: params.clone(),
        version: version.to_owned(),
    };
    if let Some((cache, authorization)) = cached.filter(|_| !options.fresh)
        && let Some(result) = cache.get(&key(shared.version()), authorization)
    {
        return Ok(result);
    }
    let generation = cached.map_or(0, |(cache, _)| cache.generation());
    let mut talk = Talk {
        shared,
        name: M::NAME,
        params: &params,
        tool: method.tool(),
        options,
        rounds: 0,
    };
    let result = talk.run().await?;
    let asked_once = talk.rounds == 0; // CACHE-12
    if let Some((cache, authorization)) = cached.filter(|_| asked_once) {
        let head = read_head(M::NAME, &result)?;
        let key = key(shared.version());
        cache.put(
            key,
            authorization,
            &head,
            &result,
            generation,
            &shared.limits,
        );
    }
    Ok(result)
}

/// A call, over all the requests that it takes.
struct Talk<'a, 'c> {
    shared: &'a Shared,
    name: &'static str,
    /// The JSON text of the parameters, without `_meta`.
    params: &'a str,
    tool: Option<&'a str>,
    options: &'a mut Options<'c>,
    /// How many times the server was given input.
    rounds: usize,
}

impl Talk<'_, '_> {
    async fn run(&mut self) -> Result<Bytes, Error> {
        let mut answers = Answers::default();
        let (mut switched, mut refreshed) = (false, false);
        loop {
            let raw = match self.once(&answers).await {
                Ok(raw) => raw,
                Err(Error::Rpc(error)) => {
                    if let Some(supported) = error.supported_versions() {
                        // VER-06. The version that was refused may be among them: then it is worth
                        // another try all the same.
                        if switched || !self.shared.choose_version(&supported) {
                            return Err(Error::Version {
                                supported,
                                answer: error,
                            });
                        }
                        switched = true;
                    } else if error.code == error_code::HEADER_MISMATCH
                        && self.tool.is_some()
                        && !refreshed
                    {
                        refreshed = true;
                        if Box::pin(lists::refresh_tools(self.shared)).await.is_err() {
                            return Err(Error::Rpc(error));
                        }
                    } else {
                        return Err(Error::Rpc(error));
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            let head = read_head(self.name, &raw)?;
            match head.kind() {
                COMPLETE => {
                    self.check_output(&raw)?;
                    return Ok(raw);
                }
                INPUT_REQUIRED if may_ask(self.name) => {
                    let limits = &self.shared.limits;
                    if self.rounds == limits.max_rounds {
                        return Err(Error::Rounds {
                            limit: self.rounds,
                            raw: raw.clone(),
                        });
                    }
                    self.rounds += 1;
                    let handlers = &self.shared.handlers;
                    let answer = handlers.answer(&head, limits.max_input_requests, &raw);
                    answers = Box::pin(answer).await?;
                    if answers.responses.is_none() {
                        let rounds = u32::try_from(self.rounds).unwrap_or(u32::MAX);
                        sleep(PAUSE.saturating_mul(rounds)).await;
                    }
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

    /// One request and its answer.
    async fn once(&mut self, answers: &Answers) -> Result<Bytes, Error> {
        let request = self.request(answers)?;
        let id = request.id().clone();
        let mut clock = Clock::start(self.shared, self.options);
        let reply = clock.bound(self.shared.send(request)).await?;
        match reply.map_err(Error::Transport)? {
            Reply::Response(response) => result(&response),
            Reply::Stream(mut items) => loop {
                // Checked by itself: a stream that is never pending would never be interrupted.
                clock.check()?;
                match clock.bound(items.next()).await? {
                    Some(ReplyItem::Response(response)) => return result(&response),
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

    fn request(&self, answers: &Answers) -> Result<Request, Error> {
        let mirrored = self.mirrored()?;
        let mut request = request(self.shared, self.name, self.params, self.options, answers)?;
        request.context_mut().mirrored_params = mirrored;
        Ok(request)
    }

    /// The header fields of a call of a tool that is known (HDR-03); the server refuses the call of
    /// an unknown one that needs some.
    fn mirrored(&self) -> Result<Option<MirroredParams>, Error> {
        let Some((name, definition)) = self
            .tool
            .and_then(|name| Some((name, self.shared.tools.get(name)?)))
        else {
            return Ok(None);
        };
        let params = decode_str::<Map<'_, JSONValue<'_>>>(self.params).unwrap_or_default();
        let arguments = params.get("arguments").map(|json| json.as_str().as_bytes());
        definition.mirror(name, arguments).map(Some)
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
        let next = self.next.map(|end| (end, self.timeout));
        let last = self.last.map(|end| (end, self.max));
        [next, last].into_iter().flatten().min()
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
    params: &str,
    options: &Options<'_>,
    answers: &Answers,
) -> Result<Request, Error> {
    let id = shared.next_id();
    let params = with_meta(shared, params, id, options, answers).map_err(Error::Params)?;
    let bytes = encode_request(&RequestId::from(id), name, Bytes::from(params)).to_bytes();
    let message = Message::decode(bytes).map_err(|error| params_error(&error))?;
    Request::new(message).map_err(|_| params_error(&format!("{name:?} is no method of requests")))
}

/// The parameters, what a retry adds to them, and `_meta`.
fn with_meta(
    shared: &Shared,
    params: &str,
    id: i64,
    options: &Options<'_>,
    answers: &Answers,
) -> Result<Vec<u8>, serde_json::Error> {
    /// Room for the version and a progress token, with their names.
    const MORE: usize = 192;
    let members = params.trim_end().strip_suffix('}').unwrap_or("{");
    let mut text = Vec::with_capacity(members.len() + shared.meta.len() + MORE);
    let comma = if members.ends_with('{') { "" } else { "," };
    push(&mut text, &[members, comma]);
    if let Some(responses) = &answers.responses {
        push(&mut text, &["\"inputResponses\":", responses, ","]);
    }
    if let Some(state) = &answers.state {
        push(&mut text, &["\"requestState\":", state.get(), ","]);
    }
    push(
        &mut text,
        &["\"_meta\":{\"", meta_key::PROTOCOL_VERSION, "\":"],
    );
    write_json(&mut text, shared.version())?;
    push(&mut text, &[",", &shared.meta]);
    if options.on_progress.is_some() {
        push(
            &mut text,
            &[",\"", meta_key::PROGRESS_TOKEN, "\":", &id.to_string()],
        );
    }
    for extra in &options.meta {
        push(&mut text, &[",", extra]);
    }
    push(&mut text, &["}}"]);
    Ok(text)
}

fn push(text: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        text.extend_from_slice(piece.as_bytes());
    }
}

/// The JSON text of a result.
pub(crate) fn text<'a>(name: &str, raw: &'a Bytes) -> Result<&'a str, Error> {
    match std::str::from_utf8(raw) {
        Ok(text) => Ok(text),
        // Only a service of the user's own comes to this: the codec lets nothing else pass.
        Err(_) => Err(match mcpwire_types::decode::<JSONValue<'_>>(raw) {
            Err(source) => Error::Decode {
                method: name.to_owned(),
                source,
                raw: raw.clone(),
            },
            Ok(_) => Error::Interrupted {
                source: Some("the result is not UTF-8".into()),
            },
        }),
    }
}

pub(crate) fn read_head<'a>(name: &str, raw: &'a Bytes) -> Result<Head<'a>, Error> {
    Head::read(text(name, raw)?).map_err(|source| Error::Decode {
        method: name.to_owned(),
        source,
        raw: raw.clone(),
    })
}

pub(crate) fn result(response: &Response) -> Result<Bytes, Error> {
    match (response.as_result(), response.as_error()) {
        (Some(result), _) => Ok(result.clone()),
        (None, Some((code, json))) => Err(Error::Rpc(RpcError::new(code, json.clone()))),
        (None, None) => Err(Error::Interrupted { source: None }),
    }
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

pub(crate) fn params_error(reason: &dyn std::fmt::Display) -> Error {
    Error::Params(serde_core::ser::Error::custom(reason))
}
