//! One call: the request goes out, and the head of the answer says what the rest is.

use std::future::poll_fn;
use std::sync::Arc;

use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mcpwire_service::{Reply, ReplyItem, ReplyStream};
use mcpwire_types::RequestId;
use tokio::time::timeout;

use super::connection::{Body, Post};
use super::events::{Events, Rest};
use super::handle::Shared;
use super::outgoing::{EVENTS, JSON};
use super::{Error, Refusal, body, message};

/// Dropping the future cancels the request (HTTP-66, HTTP-69).
///
/// What else the request holds on to is not needed while its answer is awaited.
pub(super) async fn run(
    shared: Arc<Shared>,
    post: Post,
    id: RequestId<'static>,
) -> Result<Reply, Error> {
    let answer = shared.pool.send(post);
    let answer = match shared.limits.response_timeout {
        None => answer.await,
        Some(limit) => timeout(limit, answer)
            .await
            .map_err(|_| Error::ResponseTimeout { limit })?,
    };
    let (
        Parts {
            status, headers, ..
        },
        body,
    ) = answer?.into_parts();
    if !shared.limits.allow_head(&headers) {
        return Err(Error::HeadTooLarge);
    }
    if status.is_redirection() {
        return Err(Error::Redirect {
            status,
            location: text(&headers, &LOCATION),
        });
    }
    if !status.is_success() {
        return Box::pin(failure(shared, id, status, headers, body)).await;
    }
    match Media::of(&headers) {
        Media::Json => message(&shared, &id, status, body).await,
        Media::Events => Box::pin(stream(Events::new(body, id, shared))).await,
        Media::Other => Box::pin(other(shared, status, headers, body)).await,
    }
}

/// What a body is (HTTP-19).
enum Media {
    Json,
    Events,
    Other,
}

impl Media {
    fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let found = essence(content_type.unwrap_or_default());
        if found.eq_ignore_ascii_case(JSON.as_bytes()) {
            Self::Json
        } else if found.eq_ignore_ascii_case(EVENTS.as_bytes()) {
            Self::Events
        } else {
            Self::Other
        }
    }
}

async fn message(
    shared: &Shared,
    id: &RequestId<'static>,
    status: StatusCode,
    body: Body,
) -> Result<Reply, Error> {
    let body = body::whole(body, shared).await?;
    if body.is_empty() {
        return Err(Error::Empty { status });
    }
    let answer = message::decode(body, &shared.limits.body())?;
    answer.response(id).map(Reply::Response)
}

/// A success that is no answer.
async fn other(
    shared: Arc<Shared>,
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Error> {
    let body = body::what_comes(body, &shared).await;
    Err(if body.is_empty() {
        Error::Empty { status }
    } else {
        Error::ContentType {
            status,
            content_type: text(&headers, &CONTENT_TYPE),
            body,
        }
    })
}

/// A stream that begins with the response is nothing but a response.
async fn stream(mut events: Events) -> Result<Reply, Error> {
    match poll_fn(|cx| events.poll_item(cx)).await? {
        ReplyItem::Response(response) => {
            events.finish();
            Ok(Reply::Response(response))
        }
        first @ ReplyItem::Notification(_) => Ok(Reply::Stream(ReplyStream::fallible(Rest {
            first: Some(first),
            events: Some(events),
        }))),
    }
}

/// Any body may hold a JSON-RPC error, whatever it is labelled (HTTP-65).
async fn failure(
    shared: Arc<Shared>,
    id: RequestId<'static>,
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
) -> Result<Reply, Error> {
    let body = body::what_comes(body, &shared).await;
    let answer = message::decode(body.clone(), &shared.limits.body()).ok();
    let response = answer
        .as_ref()
        .and_then(|answer| answer.response(&id).ok())
        .filter(|response| response.as_error().is_some());
    // Statuses that mean nothing beyond what the error says (HTTP-39, HTTP-50).
    let plain = matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)
        && !headers.contains_key(WWW_AUTHENTICATE)
        && !headers.contains_key(RETRY_AFTER);
    match response {
        Some(response) if plain => Ok(Reply::Response(response.refused())),
        response => {
            let error = answer.as_ref().filter(|_| response.is_some());
            let error = error.and_then(|answer| Some(answer.error()?.into_owned()));
            Err(Error::Status(Box::new(Refusal {
                status,
                headers,
                body,
                error,
            })))
        }
    }
}

/// A media type without its parameters.
fn essence(media_type: &[u8]) -> &[u8] {
    let end = media_type.iter().position(|byte| *byte == b';');
    let essence = end.and_then(|end| media_type.get(..end));
    essence.unwrap_or(media_type).trim_ascii()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
