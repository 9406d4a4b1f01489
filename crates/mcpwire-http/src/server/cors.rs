//! What browsers need to hear before they let an allowed web page use the endpoint (HTTP-62).
//!
//! Whether an origin is allowed is decided in `access`, before anything here runs.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::Body;

/// Request fields that clients of this transport send, the pointless ones of older clients included.
const ALLOWED: &str = "accept, authorization, baggage, content-type, last-event-id, mcp-method, \
    mcp-name, mcp-protocol-version, mcp-session-id, traceparent, tracestate";

/// Makes it the answer to `OPTIONS`, which is a preflight where it has an origin.
pub(crate) fn preflight(request: &HeaderMap, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("OPTIONS, POST"));
    if request.contains_key(ORIGIN) {
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("POST"),
        );
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(request));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        headers.append(
            VARY,
            HeaderValue::from_static("access-control-request-headers"),
        );
    }
}

/// The fixed fields, and whichever `Mcp-Param-*` the page asks for: only the tools know their names.
fn allowed_headers(request: &HeaderMap) -> HeaderValue {
    let mut allowed = ALLOWED.to_owned();
    for asked in request.get_all(ACCESS_CONTROL_REQUEST_HEADERS) {
        for name in asked.as_bytes().split(|byte| *byte == b',') {
            let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) else {
                continue;
            };
            if name.as_str().starts_with("mcp-param-") {
                allowed.push_str(", ");
                allowed.push_str(name.as_str());
            }
        }
    }
    HeaderValue::try_from(allowed).unwrap_or_else(|_| HeaderValue::from_static(ALLOWED))
}

/// Lets the page read the answer.
pub(crate) fn expose(response: &mut Response<Body>, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("retry-after, www-authenticate"),
    );
    headers.append(VARY, HeaderValue::from_static("origin"));
}
