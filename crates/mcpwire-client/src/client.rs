//! The client, and what can be chosen about it.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use mcpwire_codec::to_json;
use mcpwire_service::{BoxError, Reply, Request, Service, oneshot};
use mcpwire_types::{
    ClientCapabilities, CreateMessageRequestParams, CreateMessageResult, ElicitRequestFormParams,
    ElicitRequestURLParams, ElicitResult, Implementation, ListRootsResult, PROTOCOL_VERSION, Root,
    meta_key,
};

use crate::cache::Cache;
use crate::input::{Handlers, handler};
use crate::tools::Tools;
use crate::{Call, Limits, Method};

/// Sends one request.
type Send =
    dyn Fn(Request) -> BoxFuture<'static, Result<Reply, BoxError>> + std::marker::Send + Sync;

/// Typed calls over a service.
///
/// Cloning is cheap, and clones share what is remembered of the server. There is nothing to open or
/// to close: a client that is dropped leaves nothing behind.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones have in common.
pub(crate) struct Shared {
    send: Box<Send>,
    ids: AtomicI64,
    pub(crate) handlers: Handlers,
    pub(crate) limits: Limits,
    /// The `_meta` that every request has, up to the version, which comes last.
    pub(crate) meta: String,
    pub(crate) versions: Vec<String>,
    /// Which of them is spoken.
    version: AtomicUsize,
    pub(crate) tools: Tools,
    pub(crate) check_output: bool,
    pub(crate) cache: Option<(Arc<Cache>, String)>,
}

impl Client {
    /// A client of this service, with the settings that [`Client::builder`] starts from.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request, Response = Reply> + Clone + std::marker::Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: std::marker::Send + 'static,
    {
        Self::builder(service).build()
    }

    /// Settings for a client of this service: a transport's client side, layers around it, or a
    /// router in the same process.
    ///
    /// Each request goes to a clone of it. What cannot be cloned goes behind `tower::buffer`.
    pub fn builder<S>(service: S) -> Builder
    where
        S: Service<Request, Response = Reply> + Clone + std::marker::Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: std::marker::Send + 'static,
    {
        let service = Mutex::new(service);
        Builder {
            send: Box::new(move |request| {
                let service = service
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                Box::pin(async move { oneshot(service, request).await.map_err(Into::into) })
            }),
            info: None,
            capabilities: ClientCapabilities::new(),
            handlers: Handlers::default(),
            limits: Limits::default(),
            versions: vec![PROTOCOL_VERSION.to_owned()],
            check_output: false,
            cache: None,
        }
    }

    /// Calls a method. The call is sent when it is awaited.
    pub fn call<M: Method>(&self, method: M) -> Call<'_, M> {
        Call::new(self, method)
    }

    /// The version that requests are written in.
    pub fn protocol_version(&self) -> &str {
        self.shared.version()
    }
}

impl Shared {
    pub(crate) fn send(&self, request: Request) -> BoxFuture<'static, Result<Reply, BoxError>> {
        (self.send)(request)
    }

    /// An ID that no other request of this client has (BASE-07).
    pub(crate) fn next_id(&self) -> i64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn version(&self) -> &str {
        let index = self.version.load(Ordering::Relaxed);
        self.versions
            .get(index)
            .map_or(PROTOCOL_VERSION, |version| version)
    }

    /// Takes the best version that both sides speak (VER-06).
    pub(crate) fn choose_version(&self, supported: &[String]) -> bool {
        let mut spoken = self.versions.iter();
        let Some(index) = spoken.position(|version| supported.contains(version)) else {
            return false;
        };
        self.version.store(index, Ordering::Relaxed);
        true
    }
}

/// What can be chosen about a [`Client`].
#[must_use]
pub struct Builder {
    send: Box<Send>,
    info: Option<Implementation<'static>>,
    capabilities: ClientCapabilities<'static>,
    handlers: Handlers,
    limits: Limits,
    versions: Vec<String>,
    check_output: bool,
    cache: Option<(Arc<Cache>, String)>,
}

impl Builder {
    /// The name and version of the program, sent with every request (META-15).
    pub fn info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.info = Some(Implementation::new(name.into(), version.into()));
        self
    }

    /// [`info`](Self::info) with all that there is to say.
    pub fn implementation(mut self, info: Implementation<'static>) -> Self {
        self.info = Some(info);
        self
    }

    /// Capabilities to declare with every request, such as extensions. What the handlers below stand
    /// for is added.
    pub fn capabilities(mut self, capabilities: ClientCapabilities<'static>) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Answers the server's questions to the user that are forms (ELICIT-07), and declares that it
    /// does.
    ///
    /// ```
    /// # use mcpwire_client::Client;
    /// # fn example<S>(service: S) -> Client where
    /// #     S: tower::Service<mcpwire_service::Request, Response = mcpwire_service::Reply> + Clone + Send + 'static,
    /// #     S::Error: Into<mcpwire_service::BoxError>, S::Future: Send + 'static {
    /// use mcpwire_types::{ElicitAction, ElicitResult};
    ///
    /// Client::builder(service)
    ///     .on_form(|form| async move {
    ///         eprintln!("the server asks: {}", form.message);
    ///         Ok::<_, std::io::Error>(ElicitResult::new(ElicitAction::Decline))
    ///     })
    ///     .build()
    /// # }
    /// ```
    pub fn on_form<F, Fut, E>(mut self, answer: F) -> Self
    where
        F: Fn(ElicitRequestFormParams<'static>) -> Fut + std::marker::Send + Sync + 'static,
        Fut: Future<Output = Result<ElicitResult<'static>, E>> + std::marker::Send + 'static,
        E: Into<BoxError>,
    {
        self.handlers.form = Some(handler(answer));
        self
    }

    /// Answers the server's wish to send the user to a URL (ELICIT-14), and declares that it does.
    /// The user has to agree, and to see the whole URL, before anything opens it.
    pub fn on_url<F, Fut, E>(mut self, answer: F) -> Self
    where
        F: Fn(ElicitRequestURLParams<'static>) -> Fut + std::marker::Send + Sync + 'static,
        Fut: Future<Output = Result<ElicitResult<'static>, E>> + std::marker::Send + 'static,
        E: Into<BoxError>,
    {
        self.handlers.url = Some(handler(answer));
        self
    }

    /// Lets a model write what the server asks for, and declares that it does. Deprecated in this
    /// revision.
    pub fn on_sampling<F, Fut, E>(mut self, answer: F) -> Self
    where
        F: Fn(CreateMessageRequestParams<'static>) -> Fut + std::marker::Send + Sync + 'static,
        Fut: Future<Output = Result<CreateMessageResult<'static>, E>> + std::marker::Send + 'static,
        E: Into<BoxError>,
    {
        self.handlers.sampling = Some(handler(answer));
        self
    }

    /// Tells the folders that the user has opened, and declares that it does. Deprecated in this
    /// revision.
    pub fn on_roots<F, Fut, E>(mut self, answer: F) -> Self
    where
        F: Fn() -> Fut + std::marker::Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Root<'static>>, E>> + std::marker::Send + 'static,
        E: Into<BoxError>,
    {
        self.handlers.roots = Some(handler(move |()| {
            let roots = answer();
            async move { roots.await.map(ListRootsResult::new) }
        }));
        self
    }

    /// The bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The versions to speak, the best one first; only `2026-07-28` by default.
    pub fn versions<V: Into<String>>(mut self, versions: impl IntoIterator<Item = V>) -> Self {
        self.versions = versions.into_iter().map(Into::into).collect();
        self
    }

    /// Checks the structured output of tools that were listed against their `outputSchema` (TOOL-29).
    /// Output that does not match is an [`Error::Output`](crate::Error::Output), which has it whole.
    /// Nothing is fetched for a `$ref`. For servers that are trusted to have reasonable schemas: one
    /// that refers to itself in many ways can take long over deep output.
    #[cfg(feature = "jsonschema")]
    pub fn check_output(mut self, check: bool) -> Self {
        self.check_output = check;
        self
    }

    /// Keeps answers for as long as the server says that they are fresh; off without this (CACHE-08).
    ///
    /// `authorization` stands for whoever the requests are made for, such as a hash of the access
    /// token. What the server calls private is given to nobody else (CACHE-21).
    pub fn cache(mut self, authorization: impl Into<String>) -> Self {
        self.cache = Some((Arc::default(), authorization.into()));
        self
    }

    /// [`cache`](Self::cache), and shares what is public with `other`, a client of the same server.
    pub fn shared_cache(mut self, other: &Client, authorization: impl Into<String>) -> Self {
        let cache = other.shared.cache.as_ref();
        let cache = cache.map(|(cache, _)| Arc::clone(cache));
        self.cache = Some((cache.unwrap_or_default(), authorization.into()));
        self
    }

    /// The client.
    pub fn build(mut self) -> Client {
        self.handlers.declare(&mut self.capabilities);
        Client {
            shared: Arc::new(Shared {
                send: self.send,
                ids: AtomicI64::new(1),
                handlers: self.handlers,
                limits: self.limits,
                meta: meta(self.info.as_ref(), &self.capabilities),
                versions: self.versions,
                version: AtomicUsize::new(0),
                tools: Tools::default(),
                check_output: self.check_output,
                cache: self.cache,
            }),
        }
    }
}

/// What every request says of the client (META-11, META-15), up to the version.
fn meta(info: Option<&Implementation<'_>>, capabilities: &ClientCapabilities<'_>) -> String {
    let text = |json: Result<Vec<u8>, serde_json::Error>| {
        json.ok().and_then(|json| String::from_utf8(json).ok())
    };
    let capabilities = text(to_json(capabilities)).unwrap_or_else(|| "{}".to_owned());
    let mut meta = format!(
        r#""_meta":{{"{}":{capabilities},"#,
        meta_key::CLIENT_CAPABILITIES
    );
    if let Some(info) = info.and_then(|info| text(to_json(info))) {
        meta = format!(r#"{meta}"{}":{info},"#, meta_key::CLIENT_INFO);
    }
    format!(r#"{meta}"{}":"#, meta_key::PROTOCOL_VERSION)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("version", &self.shared.version())
            .field("handlers", &self.shared.handlers)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("info", &self.info)
            .field("handlers", &self.handlers)
            .finish_non_exhaustive()
    }
}
