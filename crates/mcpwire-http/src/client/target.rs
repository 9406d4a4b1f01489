//! Where requests go, in the forms that the versions of HTTP want.

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

/// The URL of the endpoint, taken apart once.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) uri: Uri,
    /// For the request line of HTTP/1.1 (RFC 9112, 3.2.1).
    pub(super) path: Uri,
    /// `Host`: without the port, where that is the one of the scheme (RFC 9110, 7.2).
    pub(super) host: HeaderValue,
}

impl Target {
    /// None, where the name of the host cannot stand in a header field.
    pub(super) fn new(uri: Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let host = match (authority.port_u16(), secure) {
            (None | Some(80), false) | (None | Some(443), true) => authority.host(),
            _ => authority.as_str(),
        };
        let host = HeaderValue::from_str(host).ok()?;
        let root = || PathAndQuery::from_static("/");
        let path = uri.path_and_query().cloned().unwrap_or_else(root);
        Some(Self {
            host,
            path: Uri::from(path),
            uri,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_named_where_it_has_to_be() {
        for (url, host, path) in [
            ("http://a/mcp", "a", "/mcp"),
            ("http://a:80/mcp?x=1", "a", "/mcp?x=1"),
            ("http://a:443", "a:443", "/"),
            ("https://a:443/", "a", "/"),
            ("https://a:80/mcp", "a:80", "/mcp"),
            ("http://[::1]:8080/mcp", "[::1]:8080", "/mcp"),
        ] {
            let target = Target::new(url.parse().unwrap()).unwrap();
            assert_eq!(target.host, host, "{url}");
            assert_eq!(target.path, path, "{url}");
        }
    }
}
