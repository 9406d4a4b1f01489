//! The floor: hyper-util's pooled client posts ready bytes, and reads the body of the answer.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::HeaderMap;
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::Caller;
use crate::{message, text};

/// A pooled client with its defaults, and what each of its requests has.
#[derive(Clone)]
pub(super) struct Poster {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    fields: HeaderMap,
}

impl Poster {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            uri: url.parse().map_err(text)?,
            fields: message::fields(),
        })
    }

    /// The body of the answer.
    pub(super) async fn post(&self, body: Bytes) -> Result<Bytes, String> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.fields.clone();
        let response = self.client.request(request).await.map_err(text)?;
        if !response.status().is_success() {
            return Err(response.status().to_string());
        }
        let body = response.into_body().collect().await.map_err(text)?;
        Ok(body.to_bytes())
    }
}

#[derive(Clone)]
pub(super) struct Bare(Arc<Ready>);

struct Ready {
    poster: Poster,
    request: Bytes,
    answer: String,
}

impl Bare {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        Ok(Self(Arc::new(Ready {
            poster: Poster::new(url)?,
            request: message::call(100_000, message::TEXT).into(),
            answer: message::answer(100_000, message::TEXT),
        })))
    }
}

impl Caller for Bare {
    async fn call(&self) -> Result<(), String> {
        let Ready {
            poster,
            request,
            answer,
        } = &*self.0;
        let found = poster.post(request.clone()).await?;
        if found != answer.as_bytes() {
            return Err(format!("an unexpected answer: {found:?}"));
        }
        Ok(())
    }
}
