//! A message as an HTTP request: the fields that mirror it, and its bytes as they are.

use std::borrow::Cow;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::Full;
use mcpwire_codec::Part;
use mcpwire_service::{MirroredParams, Request, header_value};
use mcpwire_types::{PROTOCOL_VERSION, method};

use super::Error;
use super::connection::Post;

pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";

const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const PARAM_PREFIX: &str = "mcp-param-";

/// How many fields a request has besides: the name, and those of the connection.
const MORE: usize = 4;

/// What every request of a client has, whatever its message: these, and what the user has set (HTTP-09,
/// HTTP-14). The version is that of nearly all messages, and the method that of most.
pub(super) fn common(mut headers: HeaderMap) -> HeaderMap {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(ACCEPT, BOTH);
    headers.insert(VERSION, HeaderValue::from_static(PROTOCOL_VERSION));
    headers.insert(METHOD, HeaderValue::from_static(method::TOOLS_CALL));
    // Only to save growing each copy.
    let _ = headers.try_reserve(MORE);
    headers
}

/// One POST with one message (HTTP-08 to HTTP-11, HTTP-14). `common` are the fields that every
/// request of the client has. Where it goes is up to the connection.
pub(super) fn request(common: &HeaderMap, request: &Request) -> Result<Post, Error> {
    let headers = headers(common.clone(), request)?;
    let body = Full::new(request.message().as_bytes().clone());
    let mut post = Box::new(http::Request::new(body));
    *post.method_mut() = Method::POST;
    *post.headers_mut() = headers;
    Ok(post)
}

/// HTTP-35, HTTP-36, HTTP-42 to HTTP-45, HDR-26.
fn headers(mut headers: HeaderMap, request: &Request) -> Result<HeaderMap, Error> {
    let version = request.protocol_version().ok_or(Error::NoProtocolVersion)?;
    if version != PROTOCOL_VERSION {
        headers.insert(VERSION, mirrored(&VERSION, &version)?);
    }
    let method = request.method();
    if method != method::TOOLS_CALL {
        headers.insert(METHOD, mirrored(&METHOD, &method)?);
    }
    // Without it the request goes out all the same: what is wrong with it is for the server to say
    // (HTTP-58).
    if let Some(name) = name(&method, request) {
        headers.insert(NAME, mirrored(&NAME, &name)?);
    }
    for (name, value) in request
        .context()
        .mirrored_params
        .iter()
        .flat_map(MirroredParams::iter)
    {
        let field = format!("{PARAM_PREFIX}{name}");
        let refused = |source: http::Error| Error::Header {
            name: field.clone(),
            source,
        };
        let value = HeaderValue::from_bytes(value).map_err(|error| refused(error.into()))?;
        let name =
            HeaderName::from_bytes(field.as_bytes()).map_err(|error| refused(error.into()))?;
        headers
            .try_append(name, value)
            .map_err(|error| refused(error.into()))?;
    }
    Ok(headers)
}

/// HTTP-43, HTTP-44, TASK-41.
fn name<'a>(method: &str, request: &'a Request) -> Option<Cow<'a, str>> {
    let part = match method {
        method::TOOLS_CALL | method::PROMPTS_GET => Part::Name,
        method::RESOURCES_READ => Part::Uri,
        method if method.starts_with("tasks/") => Part::TaskId,
        _ => return None,
    };
    request.message().text(part)
}

fn mirrored(name: &HeaderName, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(&header_value::encode(text)).map_err(|error| Error::Header {
        name: name.to_string(),
        source: error.into(),
    })
}
