//! Multi round-trip requests: asking the client in the middle of a handler (MRTR rows).
//!
//! ```text
//!   request ----> Input: opens the state, reads the answers -----> handler
//!                   | elicit(..)?   answered: goes on                 |
//!                   | not answered: Pause <---------------------------+
//!   client <---- input_required: questions, sealed state
//! ```
//!
//! Nothing is kept between the rounds: whatever the next one needs is in the state that the client
//! carries (MRTR-43). Turning a pause into a response is the router's part.

pub(crate) mod canonical;
pub(crate) mod seal;

mod answers;
mod ask;
mod check;
mod form;
mod format;
mod gate;
mod pause;
mod sampling;
mod state;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use mcpwire_codec::Part;
use mcpwire_service::{Principal, Request};
use mcpwire_types::{
    ClientCapabilities, CreateMessageRequestParams, CreateMessageResult, Error, JSONValue, Map,
    Root,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::answers::{Answer, member};
pub use self::answers::{Answers, Consent, ElicitAnswer, FormValues};
pub use self::ask::Ask;
use self::ask::Question;
pub use self::form::{
    BooleanField, ChoiceField, ChoicesField, Form, FormField, IntegerField, NumberField, TextField,
};
pub use self::pause::Pause;
use self::state::{Answered, State};
use crate::error::HandlerError;
use crate::input::canonical::salient_params;
use crate::input::seal::{Binding, KeyRing};

/// How a server seals and bounds what it has a client carry.
#[derive(Clone, Debug)]
pub(crate) struct InputPolicy {
    pub(crate) keys: KeyRing,
    /// How long a state is accepted (MRTR-33).
    pub(crate) lifetime: Duration,
    /// Bytes of a state as text, in both directions.
    pub(crate) max_state_bytes: usize,
    /// Rounds of one request, as far as a state counts them (MRTR-12).
    pub(crate) max_rounds: u32,
}

/// Asks the client for input in the middle of a handler: the user by a form or at a URL, the model for
/// a message, or for the roots.
///
/// ```
/// use mcpwire_dispatch::{Form, HandlerError, Input};
///
/// async fn greet(input: Input) -> Result<String, HandlerError> {
///     let form = Form::new("What is your name?").string("name").required();
///     let answer = input.elicit("user_name", form)?;
///     let name = answer.require()?;
///     Ok(format!("Hello, {}!", name.text("name").unwrap_or_default()))
/// }
/// ```
///
/// **The handler runs again from the top.** Where an answer is not there yet, `?` ends the handler, and
/// the client gets the question (MRTR-02). It sends the whole request again with the answer, possibly to
/// another replica, and the handler starts anew; this time `elicit` returns. So everything in front of a
/// question happens once for each round: keep it cheap and free of side effects, ask first and act
/// afterwards, or wrap the effect in [`once`](Self::once). The client may also never come back, or come
/// back twice (MRTR-11, MRTR-34): an effect that must not happen twice needs an idempotency key of its
/// own in whatever it acts on.
///
/// **Keys.** Each question of a handler has another key, the same in each round. Answers under other
/// keys are ignored (MRTR-27). A needed answer that is missing is asked for again (MRTR-28). An answer
/// that is malformed, or does not fit its form, is refused with `-32602` and the path to what is wrong
/// (MRTR-25, MRTR-26, ELICIT-39): asking again would show the user the same form without a reason, for
/// as long as the client makes the same mistake.
///
/// **What the client can do** is checked before anything is asked: without the capability the request
/// fails with `-32021` and names it (MRTR-09, MRTR-10). Use [`can_elicit`](Self::can_elicit) and its
/// siblings to take another way.
///
/// **State.** Answers of earlier rounds and [notes](Self::remember) travel with the client as
/// `requestState`, sealed and bound to this request, its principal and a time (MRTR-30, MRTR-33). One
/// question alone needs none; [`bind`](Self::bind) makes it have one all the same.
pub struct Input {
    request: Request,
    policy: InputPolicy,
    now: SystemTime,
    capabilities: ClientCapabilities<'static>,
    /// What this round brought, not yet read: which type it is only its question tells (MRTR-24).
    fresh: BTreeMap<String, JSONValue<'static>>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// What the request came with; its `rounds` is 0 where it came without.
    carried: State,
    /// Whether it came with a state.
    verified: bool,
    /// Whether answers count only together with a state.
    bound: bool,
    /// What the handler has used of the answers, which is what a pause carries on.
    used: BTreeMap<String, Answered>,
    /// Keys that the handler asked under in this run.
    keys: BTreeSet<Cow<'static, str>>,
}

impl Input {
    /// Reads what the client brings along. The error is `-32602` (MRTR-26, MRTR-31, MRTR-36).
    pub(crate) fn from_request(
        request: &Request,
        policy: &InputPolicy,
        now: SystemTime,
    ) -> Result<Self, Error<'static>> {
        let message = request.message();
        let capabilities = request
            .client_capabilities()
            .map_err(|error| error.to_error())?
            .into_owned();
        let mut fresh = BTreeMap::new();
        if message.raw(Part::InputResponses).is_some() {
            let responses: Map<'_, JSONValue<'_>> = message
                .parse(Part::InputResponses)
                .map_err(|error| error.to_error())?;
            for (key, answer) in responses {
                fresh.insert(key.into_owned(), answer.into_owned());
            }
        }
        let mut progress = Progress::default();
        if message.raw(Part::RequestState).is_some() {
            let token = message
                .text(Part::RequestState)
                .ok_or_else(|| Error::invalid_params("$.params.requestState: is not a string"))?;
            let payload = policy
                .keys
                .open(&token, &binding(request)?, now, policy.max_state_bytes)
                .map_err(|error| {
                    Error::invalid_params(format!("$.params.requestState: {error}"))
                })?;
            progress.carried = State::from_json(&payload).map_err(|_| {
                Error::invalid_params(
                    "$.params.requestState: was sealed by another version of this server: \
                     send the request again without it",
                )
            })?;
            progress.verified = true;
        }
        Ok(Self {
            request: request.clone(),
            policy: policy.clone(),
            now,
            capabilities,
            fresh,
            progress: Mutex::new(progress),
        })
    }

    /// Asks the user to fill in a form (ELICIT rows). Declining and cancelling are answers too.
    pub fn elicit<K: FormField>(
        &self,
        key: impl Into<Cow<'static, str>>,
        form: Form<K>,
    ) -> Result<ElicitAnswer, HandlerError> {
        let key = key.into();
        self.ask(Ask::new().elicit(key.clone(), form))?.elicit(&key)
    }

    /// Asks the user to open a URL, for what must not go through the client: a password, a payment, the
    /// consent of a third party (ELICIT-31).
    ///
    /// [`Consent::Accept`] says that the user agreed, not that the interaction is done (ELICIT-26): look
    /// it up in your own records, under an identifier that you [remember](Self::remember), and
    /// [`wait`](Self::wait) while it is not. The URL holds no secrets and lets nobody in by itself
    /// (ELICIT-44, ELICIT-45); whoever opens it has to prove to be the user who was asked (ELICIT-58).
    pub fn open_url(
        &self,
        key: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
        url: impl Into<Cow<'static, str>>,
    ) -> Result<Consent, HandlerError> {
        let key = key.into();
        self.ask(Ask::new().open_url(key.clone(), message, url))?
            .open_url(&key)
    }

    /// Has the client's model write a message (SAMPLE rows; deprecated in this revision, SAMPLE-01).
    ///
    /// `tools`, `toolChoice` and `includeContext` need capabilities of their own (SAMPLE-04,
    /// SAMPLE-17). A client that refuses does not come back (MRTR-37).
    pub fn sample(
        &self,
        key: impl Into<Cow<'static, str>>,
        params: CreateMessageRequestParams<'static>,
    ) -> Result<CreateMessageResult<'static>, HandlerError> {
        let key = key.into();
        self.ask(Ask::new().sample(key.clone(), params))?
            .sample(&key)
    }

    /// Asks which folders the user has opened (ROOTS rows; deprecated in this revision, ROOTS-01). They
    /// are information and grant nothing (ROOTS-06).
    pub fn roots(
        &self,
        key: impl Into<Cow<'static, str>>,
    ) -> Result<Vec<Root<'static>>, HandlerError> {
        let key = key.into();
        self.ask(Ask::new().roots(key.clone()))?.roots(&key)
    }

    /// Asks several things in one round. What is answered already is not asked again.
    pub fn ask(&self, ask: Ask) -> Result<Answers, HandlerError> {
        let questions = ask.into_questions();
        let mut progress = self.progress();
        for (key, question) in &questions {
            if !progress.keys.insert(key.clone()) {
                return Err(HandlerError::internal(format!(
                    "the handler asks twice under the key {key:?}"
                )));
            }
            if let Some(problem) = question.problem() {
                return Err(HandlerError::internal(format!(
                    "the handler asks badly under {key:?}: {problem}"
                )));
            }
        }
        let mut answers = Vec::new();
        let mut open = Vec::new();
        for (key, question) in questions {
            match self.find(&mut progress, &key, &question)? {
                Some(answer) => answers.push((key, answer)),
                None => open.push((key, question)),
            }
        }
        if open.is_empty() {
            return Ok(Answers(answers));
        }
        if let Some(missing) = gate::missing(
            &self.capabilities,
            open.iter().map(|(_, question)| question),
        ) {
            return Err(HandlerError::missing_capability(missing));
        }
        Err(self.pause(&progress, open))
    }

    /// Keeps a value for the rounds to come, under a key that has nothing to do with those of questions.
    ///
    /// It travels with the client: sealed, so that nobody reads or alters it, but it costs room, and a
    /// client that sends an old state again brings the old value back.
    pub fn remember<T: Serialize + ?Sized>(
        &self,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), HandlerError> {
        let key = key.into();
        let note = JSONValue::from_serialize(value).map_err(|error| {
            HandlerError::internal(format!("{key:?} cannot be remembered: {error}"))
        })?;
        self.progress().carried.notes.insert(key, note);
        Ok(())
    }

    /// The value that an earlier round [remembered](Self::remember), or this one.
    pub fn recall<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, HandlerError> {
        let progress = self.progress();
        let Some(note) = progress.carried.notes.get(key) else {
            return Ok(None);
        };
        serde_json::from_str(note.as_str())
            .map(Some)
            .map_err(|error| {
                HandlerError::internal(format!(
                    "what is remembered as {key:?} is no value of this type: {error}"
                ))
            })
    }

    /// Does something in the first round that comes here and remembers what came of it, so that later
    /// rounds only recall it (MRTR-44).
    ///
    /// ```
    /// # use mcpwire_dispatch::{Form, HandlerError, Input};
    /// # async fn reserve() -> Result<u64, HandlerError> { Ok(7) }
    /// async fn buy(input: Input) -> Result<String, HandlerError> {
    ///     let reservation = input.once("reservation", reserve()).await?;
    ///     let form = Form::new("Buy it?").boolean("sure").required();
    ///     let sure = input.elicit("sure", form)?.accepted();
    ///     // ...
    /// #   let _ = sure;
    ///     Ok(format!("reservation {reservation}"))
    /// }
    /// ```
    pub async fn once<T, W>(&self, key: impl Into<String>, work: W) -> Result<T, HandlerError>
    where
        T: Serialize + DeserializeOwned,
        W: Future<Output = Result<T, HandlerError>>,
    {
        let key = key.into();
        if let Some(value) = self.recall(&key)? {
            return Ok(value);
        }
        let value = work.await?;
        self.remember(key, &value)?;
        Ok(value)
    }

    /// From here on answers count only if they come with the state of a question that was asked for
    /// this very request, by this server, of this principal (ELICIT-40). Without it a client may answer
    /// a question that it foresees, in its first request.
    pub fn bind(&self) {
        self.progress().bound = true;
    }

    /// Ends this round without a question: the client may send the request again at once, and should
    /// wait a little longer each time (MRTR-15, MRTR-16). For work elsewhere that is not done yet, such as
    /// what goes on at a URL; the number of rounds is bounded.
    ///
    /// ```
    /// # use mcpwire_dispatch::{HandlerError, Input};
    /// # fn is_paid() -> bool { true }
    /// fn paid(input: &Input) -> Result<(), HandlerError> {
    ///     if is_paid() { Ok(()) } else { Err(input.wait()) }
    /// }
    /// ```
    pub fn wait(&self) -> HandlerError {
        self.pause(&self.progress(), Vec::new())
    }

    /// Which round this is, from 1 on, as far as states count it: a question without a state leaves no
    /// trace.
    pub fn round(&self) -> u32 {
        self.progress().carried.rounds.saturating_add(1)
    }

    /// Whether the client can show a form to the user (ELICIT-02).
    pub fn can_elicit(&self) -> bool {
        gate::can_elicit(&self.capabilities)
    }

    /// Whether the client can send the user to a URL (ELICIT-02).
    pub fn can_open_url(&self) -> bool {
        gate::can_open_url(&self.capabilities)
    }

    /// Whether the client can have a model write a message (SAMPLE-02).
    pub fn can_sample(&self) -> bool {
        gate::can_sample(&self.capabilities)
    }

    /// Whether that model can use tools which the request brings (SAMPLE-03).
    pub fn can_sample_with_tools(&self) -> bool {
        gate::can_sample_with_tools(&self.capabilities)
    }

    /// Whether the client can tell which folders the user has opened (ROOTS-02).
    pub fn can_list_roots(&self) -> bool {
        gate::can_list_roots(&self.capabilities)
    }

    /// The answer to a question, if there is one that counts.
    fn find(
        &self,
        progress: &mut Progress,
        key: &str,
        question: &Question,
    ) -> Result<Option<Answer>, HandlerError> {
        // A sealed answer is one that an earlier round has accepted: what the client now says under the
        // same key does not replace it. Where it no longer fits, the handler has become another one in
        // the meantime, and asks anew.
        if let Some(carried) = progress
            .carried
            .answers
            .get(key)
            .filter(|one| one.kind == question.kind())
            && let Ok(answer) = Answer::read(question, &carried.answer)
        {
            let carried = carried.clone();
            progress.used.insert(key.to_owned(), carried);
            return Ok(Some(answer));
        }
        let counts = if progress.verified {
            progress.carried.asked.iter().any(|asked| asked == key)
        } else {
            !progress.bound
        };
        let Some(fresh) = self.fresh.get(key).filter(|_| counts) else {
            return Ok(None);
        };
        let answer = Answer::read(question, fresh).map_err(|fault| {
            HandlerError::invalid_params(format!("$.params.inputResponses{}{fault}", member(key)))
        })?;
        let answered = Answered {
            kind: question.kind().to_owned(),
            answer: fresh.clone(),
        };
        progress.used.insert(key.to_owned(), answered);
        Ok(Some(answer))
    }

    /// Ends the round, with a state if there is something to carry.
    fn pause(&self, progress: &Progress, open: Vec<(Cow<'static, str>, Question)>) -> HandlerError {
        let rounds = progress.carried.rounds.saturating_add(1);
        let max = self.policy.max_rounds;
        if rounds > max {
            return HandlerError::internal(format!(
                "the request took more than {max} rounds of input"
            ));
        }
        let state = State {
            rounds,
            asked: open.iter().map(|(key, _)| key.to_string()).collect(),
            answers: progress.used.clone(),
            notes: progress.carried.notes.clone(),
        };
        let needed = open.is_empty()
            || progress.bound
            || progress.verified
            || !state.answers.is_empty()
            || !state.notes.is_empty();
        let requests = open
            .into_iter()
            .map(|(key, question)| (key, question.into_request()))
            .collect();
        match needed.then(|| self.seal(&state)).transpose() {
            Ok(state) => HandlerError::Input(Pause::new(requests, state)),
            Err(error) => error,
        }
    }

    fn seal(&self, state: &State) -> Result<String, HandlerError> {
        let InputPolicy {
            keys,
            lifetime,
            max_state_bytes,
            ..
        } = &self.policy;
        let payload = state.to_json().map_err(|error| {
            HandlerError::internal(format!("request state cannot be written: {error}"))
        })?;
        let binding = binding(&self.request).map_err(HandlerError::rpc)?;
        keys.seal(&payload, &binding, *lifetime, self.now, *max_state_bytes)
            .map_err(|error| HandlerError::internal(error.to_string()))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a state belongs to: this request, whoever sends it (MRTR-33, ELICIT-40, ELICIT-42).
fn binding(request: &Request) -> Result<Binding, Error<'static>> {
    let params = salient_params(&request.params().unwrap_or_default())
        .map_err(|error| Error::invalid_params(format!("$.params: cannot be compared: {error}")))?;
    let principal = request.context().principal.as_ref();
    Ok(Binding::new(
        &request.method(),
        principal.map(Principal::as_str),
        &params,
    ))
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("round", &self.round())
            .field("answered", &self.fresh.keys())
            .finish_non_exhaustive()
    }
}
