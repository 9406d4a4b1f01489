//! What somebody who wants a client can choose. Bounds are in [`Limits`].

use std::fmt;
use std::net::IpAddr;

use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION,
    TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use mcpwire_service::{BoxError, Service};
use tokio::io::{AsyncRead, AsyncWrite};

use super::connector::{Connector, Plain};
use super::handle::Shared;
use super::pool::Pool;
use super::stats::Counters;
use super::target::Target;
use super::{Client, Limits, outgoing};

/// Fields that tell who is asking, and so are nobody else's business.
const CREDENTIALS: [HeaderName; 3] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];

/// Fields that belong to the message or to the connection.
const TAKEN: [HeaderName; 7] = [
    ACCEPT,
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The settings of a [`Client`], safe as they come.
///
/// ```
/// use mcpwire_http::client::{Client, Limits};
///
/// let client = Client::builder("http://127.0.0.1:8080/mcp")
///     .bearer("open sesame")
///     .header("X-Team", "blue")
///     .limits(Limits::default().max_body_bytes(64 * 1024))
///     .build()?;
/// # Ok::<(), mcpwire_http::client::BuildError>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    uri: Result<Uri, BuildError>,
    headers: Result<HeaderMap, BuildError>,
    plain_credentials: bool,
    http2_only: bool,
    limits: Limits,
    connector: Option<Plain>,
    #[cfg(feature = "tls-no-provider")]
    tls: Option<rustls::ClientConfig>,
}

impl Builder {
    pub(super) fn new(url: &str) -> Self {
        Self {
            uri: endpoint(url),
            headers: Ok(HeaderMap::new()),
            plain_credentials: false,
            http2_only: false,
            limits: Limits::default(),
            connector: None,
            #[cfg(feature = "tls-no-provider")]
            tls: None,
        }
    }

    /// A header field for every request, beside others of the same name. `Authorization`, `Cookie` and
    /// `Proxy-Authorization` are credentials, see [`Builder::authorization`]; the fields of the
    /// protocol and of the connection cannot be set.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers = self.headers.and_then(|headers| add(headers, name, value));
        self
    }

    /// The value of `Authorization` for every request, in place of an earlier one. It is marked as
    /// sensitive, is in no `Debug`, and is never sent in the clear: [`build`](Self::build) refuses it
    /// for `http://`, except to loopback.
    pub fn authorization(mut self, value: &str) -> Self {
        self.headers = self.headers.and_then(|mut headers| {
            headers.remove(AUTHORIZATION);
            add(headers, AUTHORIZATION.as_str(), value)
        });
        self
    }

    /// [`Builder::authorization`] with a bearer token (RFC 6750).
    pub fn bearer(self, token: &str) -> Self {
        self.authorization(&format!("Bearer {token}"))
    }

    /// Sends credentials over plain `http://` to other machines too, where everybody on the way can
    /// read them.
    pub fn danger_allow_plain_authorization(mut self) -> Self {
        self.plain_credentials = true;
        self
    }

    /// Speaks HTTP/2 from the first byte (RFC 9113, 3.3). Otherwise HTTP/1.1 is spoken over plain
    /// connections, and over TLS what the server prefers.
    pub fn http2_prior_knowledge(mut self) -> Self {
        self.http2_only = true;
        self
    }

    /// The bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Makes connections with a service of yours in place of TCP: for a Unix socket, a proxy, a
    /// network that is simulated. It is called with the URL whenever one more connection is needed,
    /// and answers with the byte stream. A closure in tower's `service_fn` will do.
    ///
    /// For an `https://` URL the client speaks TLS over that stream as over any other, so the service
    /// must not. [`Limits::connect_timeout`] holds for both together, the service's readiness
    /// included; what fails is the source of [`Error::Connect`](super::Error::Connect). Who receives
    /// credentials is judged by the URL, wherever the service connects to:
    /// `http://localhost/mcp` suits a socket of this machine.
    pub fn connector<C>(mut self, connector: C) -> Self
    where
        C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.connector = Some(Plain::custom(connector));
        self
    }

    /// The TLS configuration for an `https://` URL. Its ALPN protocols are replaced by those that the
    /// client speaks.
    #[cfg(feature = "tls-no-provider")]
    pub fn tls(mut self, config: rustls::ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// The client. No connection is made yet.
    pub fn build(self) -> Result<Client, BuildError> {
        let uri = self.uri?;
        let headers = self.headers?;
        let secure = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let credentials = CREDENTIALS.iter().find(|name| headers.contains_key(*name));
        if let Some(name) = credentials
            && !(secure || self.plain_credentials || uri.host().is_some_and(is_loopback))
        {
            return Err(BuildError::PlainCredentials { name: name.clone() });
        }
        let limit = self.limits.connect_timeout;
        let plain = self.connector.unwrap_or_else(Plain::tcp);
        let connector = if secure {
            #[cfg(feature = "tls-no-provider")]
            {
                Connector::https(limit, plain, tls(self.tls, self.http2_only)?)
            }
            #[cfg(not(feature = "tls-no-provider"))]
            return Err(BuildError::NoTls);
        } else {
            Connector::http(limit, plain)
        };
        let refused = BuildError::Url {
            reason: "its host cannot be named in a header field",
        };
        let target = Target::new(uri.clone()).ok_or(refused)?;
        Ok(Client::from_shared(Shared {
            pool: Pool::new(connector, target, self.http2_only, &self.limits),
            headers: outgoing::common(headers),
            uri,
            limits: self.limits,
            counters: Counters::default(),
        }))
    }
}

fn add(mut headers: HeaderMap, name: &str, value: &str) -> Result<HeaderMap, BuildError> {
    let refused = |source: http::Error| BuildError::Header {
        name: name.to_owned(),
        source,
    };
    let field = HeaderName::from_bytes(name.as_bytes()).map_err(|error| refused(error.into()))?;
    if TAKEN.contains(&field) || field.as_str().starts_with("mcp-") {
        return Err(BuildError::Taken { name: field });
    }
    let mut value = HeaderValue::from_str(value).map_err(|error| refused(error.into()))?;
    value.set_sensitive(CREDENTIALS.contains(&field));
    headers
        .try_append(field, value)
        .map_err(|error| refused(error.into()))?;
    Ok(headers)
}

fn endpoint(url: &str) -> Result<Uri, BuildError> {
    let refused = |reason| BuildError::Url { reason };
    let uri: Uri = url
        .parse()
        .map_err(|_| refused("it is not of the form http://host:port/path"))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Err(refused("it begins with neither http:// nor https://")),
    }
    let authority = uri.authority().ok_or(refused("it names no host"))?;
    if authority.host().is_empty() {
        return Err(refused("it names no host"));
    }
    if authority.as_str().contains('@') {
        return Err(refused(
            "it holds credentials: set them with `authorization`",
        ));
    }
    Ok(uri)
}

/// Whether what is sent there stays on this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(feature = "tls-no-provider")]
fn tls(
    config: Option<rustls::ClientConfig>,
    http2_only: bool,
) -> Result<rustls::ClientConfig, BuildError> {
    let mut config = match config {
        Some(config) => config,
        None => platform_tls()?,
    };
    config.alpn_protocols = if http2_only {
        vec![b"h2".to_vec()]
    } else {
        vec![b"h2".to_vec(), b"http/1.1".to_vec()]
    };
    Ok(config)
}

/// Takes the certificates that the platform trusts.
#[cfg(feature = "tls")]
fn platform_tls() -> Result<rustls::ClientConfig, BuildError> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|source| BuildError::Tls(source.into()))?;
    Ok(config.with_no_client_auth())
}

#[cfg(all(feature = "tls-no-provider", not(feature = "tls")))]
fn platform_tls() -> Result<rustls::ClientConfig, BuildError> {
    Err(BuildError::NoTls)
}

/// Why there is no client.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// A header field is not well-formed.
    Header {
        /// The name that was given.
        name: String,
        /// What is wrong with it.
        source: http::Error,
    },
    /// The URL is `https://`, and there is no TLS configuration: give one with `Builder::tls` (feature
    /// `tls-no-provider`), or enable the feature `tls`.
    NoTls,
    /// Credentials would be sent in the clear to another machine, see
    /// [`Builder::danger_allow_plain_authorization`].
    PlainCredentials {
        /// The field that holds them.
        name: HeaderName,
    },
    /// The header field is one that the client itself sends.
    Taken {
        /// The field.
        name: HeaderName,
    },
    /// The certificates of the platform cannot be used.
    Tls(mcpwire_service::BoxError),
    /// The URL is not that of an endpoint.
    Url {
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { name, .. } => write!(f, "the header field {name:?} is not well-formed"),
            Self::NoTls => f.write_str(
                "the URL is https:// and there is no TLS configuration: \
                 set one, or enable the feature `tls`",
            ),
            Self::PlainCredentials { name } => write!(
                f,
                "{name} would be sent unencrypted to another machine: use https://, \
                 or danger_allow_plain_authorization"
            ),
            Self::Taken { name } => {
                write!(f, "the header field {name} is set by the client itself")
            }
            Self::Tls(_) => f.write_str("the certificates of the platform cannot be used"),
            Self::Url { reason } => write!(f, "the URL cannot be used: {reason}"),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Header { source, .. } => Some(source),
            Self::Tls(source) => Some(&**source),
            _ => None,
        }
    }
}
