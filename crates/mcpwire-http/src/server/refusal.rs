//! A request that is turned away, and the HTTP answer that says so.

use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use mcpwire_codec::encode_error;
use mcpwire_types::{Error, RequestId};

use super::media::JSON;
use crate::Body;

/// Why a request is not served: a status, and the JSON-RPC error that explains it.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    id: Option<RequestId<'static>>,
    error: Error<'static>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// Boxed, since it is large and rare.
pub(crate) type Refused = Box<Refusal>;

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: Error<'static>) -> Refused {
        Box::new(Self {
            status,
            id: None,
            error,
            header: None,
        })
    }

    /// The HTTP request is at fault, before anybody looked into its body.
    pub(crate) fn invalid(status: StatusCode, message: impl Into<String>) -> Refused {
        Self::new(status, Error::invalid_request(message.into()))
    }

    /// The request was read, and it is at fault (HTTP-50, VER-04, META-14).
    pub(crate) fn bad_request(id: &RequestId<'static>, error: Error<'static>) -> Refused {
        Self::new(StatusCode::BAD_REQUEST, error).with_id(id)
    }

    /// Only POST is served (HTTP-59, HTTP-62).
    pub(crate) fn method_not_allowed() -> Refused {
        let message = "the MCP endpoint serves POST alone: it has no session and no stream to GET";
        Self::invalid(StatusCode::METHOD_NOT_ALLOWED, message)
            .with_header(ALLOW, HeaderValue::from_static("POST"))
    }

    /// A bound is reached that will give way again.
    pub(crate) fn busy(what: &str) -> Refused {
        let error = Error::internal(format!("too many {what} at the moment: try again later"));
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
            .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// HTTP-54.
    pub(crate) fn with_id(mut self: Box<Self>, id: &RequestId<'static>) -> Refused {
        self.id = Some(id.clone());
        self
    }

    pub(crate) fn with_header(
        mut self: Box<Self>,
        name: HeaderName,
        value: HeaderValue,
    ) -> Refused {
        self.header = Some((name, value));
        self
    }

    /// Makes it the response.
    pub(crate) fn fill(self, response: &mut Response<Body>) {
        *response.status_mut() = self.status;
        *response.body_mut() = Body::message(encode_error(self.id.as_ref(), &self.error));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
    }
}

/// Text from a peer as it may stand in a message: quoted, escaped, and not longer than a line.
pub(crate) fn shown(text: &[u8]) -> String {
    const LONGEST: usize = 64;
    let head = text.get(..LONGEST).unwrap_or(text);
    let dots = if head.len() < text.len() { "..." } else { "" };
    format!("{:?}{dots}", String::from_utf8_lossy(head))
}
