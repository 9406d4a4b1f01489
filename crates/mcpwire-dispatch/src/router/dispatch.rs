//! The way of a request: which checks it passes, in which order, and who answers it.
//!
//! 1. the metadata that every request carries (META-13, VER-03);
//! 2. the method is known and the server has the feature that it belongs to (ERR-04, ERR-05);
//! 3. the parameters have the shape of the method;
//! 4. mirrored parameters agree with the body (HDR-30);
//! 5. sealed state is ours and for this very request (MRTR-31).
//!
//! What fails before a handler is started is a refusal, except where the request is well-formed and
//! merely asks for something that is not there (CONF-03).

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use mcpwire_codec::Part;
use mcpwire_service::{Reply, Request, Response, Service, check_handshake, check_metadata};
use mcpwire_types::error_code::METHOD_NOT_FOUND;
use mcpwire_types::{Error, method};
use serde_json::json;

use crate::feature::discover::{self, SUPPORTED_VERSIONS};
use crate::feature::page::{Pages, list};
use crate::feature::{completion, method as extension, prompt, resource, tool};
use crate::handler::result::respond;
use crate::input::{Input, Pause};
use crate::listen::{Offered, Refused, listen};
use crate::router::Router;
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;

impl Service<Request> for Router {
    type Response = Reply;
    type Error = Infallible;
    type Future = RouterFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> RouterFuture {
        answer(self, &request).unwrap_or_else(RouterFuture::ready)
    }
}

fn answer(router: &Router, request: &Request) -> Result<RouterFuture, Response> {
    let registry = &router.snapshot();
    check_handshake(request, &SUPPORTED_VERSIONS).map_err(|error| refuse(&error))?;
    check_metadata(request, &SUPPORTED_VERSIONS).map_err(|error| refuse(&error))?;

    let declared = registry.declared;
    let method = request.method();
    match &*method {
        method::SERVER_DISCOVER => {
            let result = registry
                .written
                .discover
                .get_or_init(|| discover::write(registry));
            Ok(RouterFuture::ready(Response::result(result.clone())))
        }
        method::TOOLS_LIST if declared.tools => {
            let (table, hint) = (&registry.tools, registry.cache.tools);
            let pages = registry
                .written
                .tools
                .get_or_init(|| Pages::new(registry, table, hint));
            list(registry, request, table, hint, pages).map(RouterFuture::ready)
        }
        method::PROMPTS_LIST if declared.prompts => {
            let (table, hint) = (&registry.prompts, registry.cache.prompts);
            let pages = registry
                .written
                .prompts
                .get_or_init(|| Pages::new(registry, table, hint));
            list(registry, request, table, hint, pages).map(RouterFuture::ready)
        }
        method::RESOURCES_LIST if declared.resources => {
            let (table, hint) = (&registry.resources, registry.cache.resources);
            let pages = registry
                .written
                .resources
                .get_or_init(|| Pages::new(registry, table, hint));
            list(registry, request, table, hint, pages).map(RouterFuture::ready)
        }
        method::RESOURCES_TEMPLATES_LIST if declared.resources => {
            let (table, hint) = (&registry.templates, registry.cache.templates);
            let pages = registry
                .written
                .templates
                .get_or_init(|| Pages::new(registry, table, hint));
            list(registry, request, table, hint, pages).map(RouterFuture::ready)
        }
        method::TOOLS_CALL if declared.tools => tool::call(router, registry, request),
        method::PROMPTS_GET if declared.prompts => prompt::get(router, registry, request),
        method::RESOURCES_READ if declared.resources => resource::read(router, registry, request),
        method::COMPLETION_COMPLETE if declared.completions => {
            completion::complete(router, registry, request)
        }
        method::SUBSCRIPTIONS_LISTEN => subscribe(registry, request),
        "initialize" => Err(refuse(&no_handshake())),
        name => match registry.methods.get(name).cloned() {
            Some(entry) => extension::call(router, registry, &entry, request),
            None => Err(refuse(&Error::method_not_found(name))),
        },
    }
}

/// Answers `subscriptions/listen`; a server that announces nothing does not have the method (SUB-29).
fn subscribe(registry: &Arc<Registry>, request: &Request) -> Result<RouterFuture, Response> {
    let Some(bus) = &registry.bus else {
        return Err(refuse(&Error::method_not_found(
            method::SUBSCRIPTIONS_LISTEN,
        )));
    };
    let declared = registry.declared;
    let offered = Offered {
        tools: declared.tools,
        prompts: declared.prompts,
        resources: declared.resources,
        subscribe: declared.resources,
    };
    let info = registry.server_info().map(|info| &info.implementation);
    let budget = &registry.listening;
    match listen(request, bus, budget, offered, info, &registry.limits) {
        Ok(stream) => Ok(RouterFuture::ready(Reply::Stream(stream))),
        Err(Refused::Params(error)) => Err(refuse(&error)),
        Err(Refused::Full(error)) => Err(Response::error(&error)),
    }
}

/// An error for what the request itself got wrong.
pub(crate) fn refuse(error: &Error<'_>) -> Response {
    Response::refusal(error)
}

/// A member of `params` that has to be a string.
pub(crate) fn required_text<'a>(
    request: &'a Request,
    part: Part,
    name: &str,
) -> Result<Cow<'a, str>, Response> {
    let message = request.message();
    message
        .text(part)
        .ok_or_else(|| no_text(name, message.raw(part).is_some()))
}

#[cold]
fn no_text(name: &str, is_there: bool) -> Response {
    let state = if is_there { "not a string" } else { "missing" };
    refuse(&Error::invalid_params(format!("params.{name} is {state}")))
}

/// What the client brings along on a retry, checked (MRTR-26, MRTR-31); for the methods that may ask
/// (MRTR-04).
///
/// A first request brings nothing: its `Input` is made when a handler takes it.
pub(crate) fn open_input(
    registry: &Registry,
    request: &Request,
) -> Result<Option<Box<Input>>, Response> {
    let message = request.message();
    if message.raw(Part::RequestState).is_none() && message.raw(Part::InputResponses).is_none() {
        return Ok(None);
    }
    match Input::from_request(request, &registry.input, SystemTime::now()) {
        Ok(input) => Ok(Some(Box::new(input))),
        Err(error) => Err(refuse(&error)),
    }
}

/// The response of a handler that waits for the client (MRTR-02).
pub(crate) fn pause(registry: &Registry, pause: Pause) -> Response {
    respond(registry, &mut pause.into_result())
}

/// The handshake of earlier revisions is an unknown method here; who asks for it is told the versions
/// that there are (VER-22).
fn no_handshake() -> Error<'static> {
    let versions = SUPPORTED_VERSIONS.join(", ");
    let message =
        format!("there is no initialize: each request names its version, one of {versions}");
    let data = json!({ "method": "initialize", "supported": SUPPORTED_VERSIONS });
    Error::new(METHOD_NOT_FOUND, message).data(data)
}
