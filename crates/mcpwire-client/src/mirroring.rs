//! Header fields for callers that know nothing of them: what a gateway to HTTP puts in front of its
//! transport.

use std::fmt;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use mcpwire_codec::Part;
use mcpwire_service::{
    BoxError, MirroredParams, Reply, Request, Response, Service, check_handshake, check_required,
    oneshot,
};
use mcpwire_types::{JSONValue, Map, PROTOCOL_VERSION, Tool, decode, error_code, method};

use crate::{Client, lists};

/// Mirrors arguments in header fields (`x-mcp-header`, HDR-03) for requests that come without, such as
/// those of a client that speaks over stdio. Everything passes as it is otherwise, but for requests
/// without the metadata of this revision, which cannot be sent over HTTP: they are refused as a server
/// would (GW-06), and a handshake is told the version there is (VER-20).
///
/// It remembers the tools of the lists that pass, and asks for the list itself when the server finds
/// the fields of a call wrong; then the call is made once more. Requests whose context says which
/// fields there are, as those that came over HTTP do, are left alone (GW-01).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let remote = mcpwire_http::client::Client::new("http://127.0.0.1:8080/mcp")?;
/// let service = mcpwire_client::Mirroring::new(remote);
/// // mcpwire_stdio::serve(service).await?;
/// # drop(service);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Mirroring<S> {
    inner: S,
    /// Remembers the tools, and lists them if need be.
    client: Client,
}

impl<S> Mirroring<S>
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    /// Wraps the client side of a transport.
    pub fn new(inner: S) -> Self {
        Self {
            client: Client::new(inner.clone()),
            inner,
        }
    }
}

impl<S> Service<Request> for Mirroring<S>
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Reply;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Reply, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let checked =
            check_handshake(&request, &[PROTOCOL_VERSION]).and_then(|()| check_required(&request));
        if let Err(error) = checked {
            let refusal = Reply::Response(Response::refusal(&error));
            return Box::pin(async { Ok(refusal) });
        }
        let name = request.method();
        if name == method::TOOLS_LIST {
            let client = self.client.clone();
            let reply = self.inner.call(request);
            return Box::pin(async move {
                let reply = reply.await?;
                if let Reply::Response(response) = &reply {
                    learn(&client, response.as_result());
                }
                Ok(reply)
            });
        }
        if name != method::TOOLS_CALL || request.context().mirrored_params.is_some() {
            return Box::pin(self.inner.call(request));
        }
        let client = self.client.clone();
        let again = self.inner.clone();
        let mut retry = request.clone();
        let reply = self.inner.call(mirrored(&client, request));
        Box::pin(async move {
            let reply = reply.await?;
            let Reply::Response(response) = &reply else {
                return Ok(reply);
            };
            let code = response.as_error().map(|(code, _)| code);
            if code != Some(error_code::HEADER_MISMATCH)
                || lists::refresh_tools(&client.shared).await.is_err()
            {
                return Ok(reply);
            }
            retry = mirrored(&client, retry);
            if retry.context().mirrored_params.is_none() {
                return Ok(reply);
            }
            oneshot(again, retry).await
        })
    }
}

/// The request with the fields that its tool wants, if that is known.
fn mirrored(client: &Client, mut request: Request) -> Request {
    let fields = || -> Option<MirroredParams> {
        let message = request.message();
        let name = message.text(Part::Name)?;
        let definition = client.shared.tools.get(&name)?;
        // What cannot be mirrored goes without, for the server to refuse.
        definition.mirror(&name, message.raw(Part::Arguments)).ok()
    };
    let fields = fields();
    request.context_mut().mirrored_params = fields;
    request
}

/// Remembers the tools of a page; one that cannot be read is passed over.
fn learn(client: &Client, result: Option<&[u8]>) {
    let Some(result) = result else { return };
    let Ok(page) = decode::<Map<'_, JSONValue<'_>>>(result) else {
        return;
    };
    let tools = page
        .get("tools")
        .map(JSONValue::parse::<Vec<JSONValue<'_>>>);
    for tool in tools.into_iter().flatten().flatten() {
        if let Ok(tool) = tool.parse::<Tool<'_>>() {
            // One that is invalid is remembered as that.
            let _ = lists::learn(&client.shared, &tool);
        }
    }
}

impl<S> fmt::Debug for Mirroring<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirroring").finish_non_exhaustive()
    }
}
