//! Paths at which whoever runs the server asks how it is: readiness and liveness.
//!
//! They are answered before everything that guards the endpoint, since those who probe name a machine
//! by its address and come when it is busy.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};

use super::media::JSON;
use crate::Body;

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What a readiness check finds: `200` or `503`, and some words for whoever reads the answer.
///
/// Everybody who reaches the server can read it: put no secret in.
///
/// ```
/// use mcpwire_http::Probe;
///
/// let fine = Probe::up().json(r#"{"keys":"3f9a"}"#);
/// let not_yet = Probe::down("the index is being loaded");
/// ```
#[derive(Clone, Debug)]
pub struct Probe {
    status: StatusCode,
    kind: HeaderValue,
    body: Bytes,
}

impl Probe {
    /// Requests may come: `200`.
    pub fn up() -> Self {
        Self::new(StatusCode::OK, "ready")
    }

    /// Requests should go elsewhere: `503`, and why.
    pub fn down(why: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, why)
    }

    /// A body of JSON in place of the words, sent as it is.
    pub fn json(mut self, json: impl Into<Bytes>) -> Self {
        self.kind = JSON;
        self.body = json.into();
        self
    }

    fn new(status: StatusCode, words: &str) -> Self {
        Self {
            status,
            kind: PLAIN,
            body: format!("{words}\n").into(),
        }
    }

    /// HEAD gets the same header; hyper leaves the body out.
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::text(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.kind);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

type Check = Arc<dyn Fn() -> Probe + Send + Sync>;

/// The probes of a server, by path.
#[derive(Clone, Default)]
pub(crate) struct Probes(Vec<(String, Option<Check>)>);

impl Probes {
    /// Without a check it is about the process alone, and fine even while that ends.
    pub(super) fn add(&mut self, path: String, check: Option<Check>) {
        self.0.retain(|(found, _)| *found != path);
        self.0.push((path, check));
    }

    /// The answer, if the path is that of a probe.
    pub(super) fn answer(
        &self,
        path: &str,
        method: &Method,
        draining: bool,
    ) -> Option<Response<Body>> {
        let (_, check) = self.0.iter().find(|(found, _)| found == path)?;
        if method != Method::GET && method != Method::HEAD {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allow = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allow);
            return Some(response);
        }
        let probe = match check {
            None => Probe::new(StatusCode::OK, "alive"),
            Some(_) if draining => Probe::down("the server is shutting down"),
            // A check that panics must not take the connection of a balancer down.
            Some(check) => catch_unwind(AssertUnwindSafe(|| check()))
                .unwrap_or_else(|_| Probe::down("the check failed")),
        };
        Some(probe.into_response())
    }
}

impl fmt::Debug for Probes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(path, _)| path))
            .finish()
    }
}
