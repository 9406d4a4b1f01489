//! Answering `input_required`: which handlers there are, what is declared of them, and what goes back
//! with the retry (MRTR rows).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mcpwire_service::BoxError;
use mcpwire_types::{
    ClientCapabilities, ClientElicitationCapability, ClientRootsCapability,
    ClientSamplingCapability, CreateMessageRequest, CreateMessageRequestParams,
    CreateMessageResult, ElicitRequestFormParams, ElicitRequestParams, ElicitRequestURLParams,
    ElicitResult, InputRequest, JSONObject, JSONValue, ListRootsResult, Map, decode_str,
};
use serde_core::ser::Serialize;
use serde_json::value::RawValue;

use crate::error::InputError;
use crate::head::Head;

/// Answers input requests of one kind.
type Handler<Q, A> = Arc<dyn Fn(Q) -> BoxFuture<'static, Result<A, BoxError>> + Send + Sync>;

/// What the application answers for, by kind of input request.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) form: Option<Handler<ElicitRequestFormParams<'static>, ElicitResult<'static>>>,
    pub(crate) url: Option<Handler<ElicitRequestURLParams<'static>, ElicitResult<'static>>>,
    pub(crate) sampling:
        Option<Handler<CreateMessageRequestParams<'static>, CreateMessageResult<'static>>>,
    pub(crate) roots: Option<Handler<(), ListRootsResult<'static>>>,
    /// Whether `sampling.tools` is declared.
    pub(crate) sampling_tools: bool,
}

/// Boxes what a user's closure gives.
pub(crate) fn handler<Q, A, F, Fut, E>(answer: F) -> Handler<Q, A>
where
    F: Fn(Q) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<A, E>> + Send + 'static,
    E: Into<BoxError>,
{
    Arc::new(move |question| {
        let answer = answer(question);
        Box::pin(async move { answer.await.map_err(Into::into) })
    })
}

/// What goes back with a retry.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// The JSON text of `inputResponses`.
    pub(crate) responses: Option<String>,
    /// `requestState`, as it came (MRTR-17); none where none came (MRTR-19).
    pub(crate) state: Option<Box<RawValue>>,
}

impl Handlers {
    /// Adds what the handlers can do to what the application declares by itself.
    pub(crate) fn declare(&mut self, capabilities: &mut ClientCapabilities<'static>) {
        let sampling = capabilities.sampling.as_ref();
        self.sampling_tools = sampling.is_some_and(|sampling| sampling.tools.is_some());
        if self.form.is_some() || self.url.is_some() {
            let declared = capabilities
                .elicitation
                .get_or_insert_with(ClientElicitationCapability::new);
            if self.form.is_some() {
                declared.form.get_or_insert_with(JSONObject::empty);
            }
            if self.url.is_some() {
                declared.url.get_or_insert_with(JSONObject::empty);
            }
        }
        if self.sampling.is_some() {
            capabilities
                .sampling
                .get_or_insert_with(ClientSamplingCapability::new);
        }
        if self.roots.is_some() {
            capabilities
                .roots
                .get_or_insert_with(ClientRootsCapability::new);
        }
    }

    /// Asks the handlers, one after the other: a user cannot read two questions at a time. `max`
    /// bounds how many questions there may be.
    pub(crate) async fn answer(
        &self,
        head: &Head<'_>,
        max: usize,
        raw: &Bytes,
    ) -> Result<Answers, crate::Error> {
        let failed = |key: &str, source| crate::Error::Input {
            key: key.to_owned(),
            source,
            raw: raw.clone(),
        };
        let mut answers = Answers {
            responses: None,
            state: head.request_state.map(ToOwned::to_owned),
        };
        let Some(requests) = head.input_requests.filter(|raw| raw.get() != "null") else {
            return Ok(answers);
        };
        let requests: Map<'_, JSONValue<'_>> = decode_str(requests.get())
            .map_err(|error| failed("inputRequests", InputError::Malformed(error)))?;
        if requests.len() > max {
            let found = requests.len();
            return Err(failed(
                "inputRequests",
                InputError::TooMany { limit: max, found },
            ));
        }
        let mut responses: Map<'_, JSONValue<'_>> = Map::new();
        for (key, request) in requests.iter() {
            let request = request
                .parse::<InputRequest<'_>>()
                .map_err(|error| failed(key, InputError::Malformed(error)))?;
            let response = self
                .one(request.into_owned())
                .await
                .map_err(|error| failed(key, error))?;
            responses.insert(key.to_owned(), response);
        }
        answers.responses = Some(
            serde_json::to_string(&responses)
                .map_err(|error| failed("inputResponses", InputError::Answer(error)))?,
        );
        Ok(answers)
    }

    async fn one(&self, request: InputRequest<'static>) -> Result<JSONValue<'static>, InputError> {
        match request {
            InputRequest::Elicit(request) => match request.params {
                ElicitRequestParams::Form(params) => {
                    ask(self.form.as_ref(), params, "elicitation/create (form)").await
                }
                ElicitRequestParams::Url(params) => {
                    ask(self.url.as_ref(), params, "elicitation/create (url)").await
                }
                _ => Err(not_offered("elicitation/create")),
            },
            InputRequest::CreateMessage(CreateMessageRequest { params, .. })
                if !self.sampling_tools
                    && (params.tools.is_some() || params.tool_choice.is_some()) =>
            {
                Err(not_offered("sampling/createMessage (tools)")) // SAMPLE-24
            }
            InputRequest::CreateMessage(request) => {
                let handler = self.sampling.as_ref();
                ask(handler, request.params, "sampling/createMessage").await
            }
            InputRequest::ListRoots(_) => ask(self.roots.as_ref(), (), "roots/list").await,
            InputRequest::Unknown(request) => {
                let request = request.parse::<Map<'_, JSONValue<'_>>>();
                let method = request.ok().and_then(|members| {
                    let method = members.get("method")?;
                    Some(method.as_str().trim_matches('"').to_owned())
                });
                Err(not_offered(&method.unwrap_or_default()))
            }
            _ => Err(not_offered("")),
        }
    }
}

async fn ask<Q, A: Serialize>(
    handler: Option<&Handler<Q, A>>,
    question: Q,
    method: &str,
) -> Result<JSONValue<'static>, InputError> {
    let handler = handler.ok_or_else(|| not_offered(method))?;
    let answer = handler(question).await.map_err(InputError::Handler)?;
    JSONValue::from_serialize(&answer).map_err(InputError::Answer)
}

fn not_offered(method: &str) -> InputError {
    InputError::NotOffered {
        method: method.to_owned(),
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("form", &self.form.is_some())
            .field("url", &self.url.is_some())
            .field("sampling", &self.sampling.is_some())
            .field("roots", &self.roots.is_some())
            .finish_non_exhaustive()
    }
}
