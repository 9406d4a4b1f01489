//! What somebody who puts an endpoint up can choose. Bounds are in [`Limits`].

use mcpwire_service::Drain;
use mcpwire_types::PROTOCOL_VERSION;

use super::access::{Hosts, Origins};
use crate::Limits;

/// The settings of an [`Endpoint`](crate::Endpoint), safe as they come.
///
/// ```
/// use mcpwire_http::{Config, Limits};
///
/// let config = Config::default()
///     .allow_hosts(["mcp.example.com"])
///     .allow_origins(["https://app.example.com"])
///     .limits(Limits::default().max_body_bytes(64 * 1024));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) hosts: Hosts,
    pub(crate) origins: Origins,
    pub(crate) versions: Vec<&'static str>,
    pub(crate) limits: Limits,
    pub(crate) drain: Drain,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hosts: Hosts::loopback(),
            origins: Origins::loopback(),
            versions: vec![PROTOCOL_VERSION],
            limits: Limits::default(),
            drain: Drain::default(),
        }
    }
}

impl Config {
    /// The hosts that requests may name in `Host` (or `:authority`), in place of the loopback names
    /// that are the default; anything else is answered `421`.
    ///
    /// `example.com` allows every port, `example.com:8443` that one. Without this list a web page
    /// could reach a local server under a name of its own (DNS rebinding).
    pub fn allow_hosts<H: AsRef<str>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts = Hosts::only(hosts);
        self
    }

    /// Turns the check of `Host` off: right only behind something that makes it.
    pub fn danger_allow_any_host(mut self) -> Self {
        self.hosts = Hosts::Any;
        self
    }

    /// The origins whose web pages may send requests, in place of those on loopback hosts that are
    /// the default; anything else is answered `403` (HTTP-02, HTTP-03).
    ///
    /// `https://example.com` means the scheme's own port, `http://example.com:*` every port.
    /// A request without `Origin` comes from no web page and passes (HTTP-05).
    pub fn allow_origins<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins = Origins::only(origins);
        self
    }

    /// Turns the check of `Origin` off: every web page may then use the server through its visitors.
    pub fn danger_allow_any_origin(mut self) -> Self {
        self.origins = Origins::Any;
        self
    }

    /// The revisions that the service implements (VER-03), only `2026-07-28` by default.
    pub fn versions(mut self, versions: &[&'static str]) -> Self {
        self.versions = versions.to_vec();
        self
    }

    /// The bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What tells open streams that the end is near (SUB-19). [`serve`](crate::serve) brings its
    /// own; an endpoint inside another server gets it here.
    pub fn drain(mut self, drain: Drain) -> Self {
        self.drain = drain;
        self
    }
}
