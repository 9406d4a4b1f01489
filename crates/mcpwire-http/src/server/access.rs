//! Who may talk to the endpoint at all: `Host` against DNS rebinding, `Origin` against foreign web
//! pages (HTTP-02 to HTTP-05). Who somebody *is* is the business of middleware in front.

use http::uri::Authority;
use http::{HeaderValue, StatusCode, Uri};

use super::fields::{Field, Fields};
use super::refusal::{Refusal, Refused, shown};

/// The hosts that a request may be addressed to.
#[derive(Clone, Debug)]
pub(crate) enum Hosts {
    Any,
    Only(Vec<Rule>),
}

/// The origins that a request may come from.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    Any,
    Only(Vec<(Option<String>, Rule)>),
}

/// One allowed host; no text that cannot be read as one ever matches.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    host: String,
    port: Port,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Port {
    Any,
    Exactly(Option<u16>),
}

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Hosts {
    pub(crate) fn loopback() -> Self {
        Self::only(LOOPBACK)
    }

    pub(crate) fn only<H: AsRef<str>>(hosts: impl IntoIterator<Item = H>) -> Self {
        Self::Only(
            hosts
                .into_iter()
                .filter_map(|host| Rule::host(host.as_ref()))
                .collect(),
        )
    }

    fn allow(&self, authority: &[u8]) -> bool {
        match self {
            Self::Only(rules) => rules.iter().any(|rule| rule.serves(authority)),
            Self::Any => std::str::from_utf8(authority)
                .ok()
                .and_then(split)
                .is_some_and(|(host, _)| is_host(host)),
        }
    }
}

impl Origins {
    /// Pages of the same machine, whatever serves them.
    pub(crate) fn loopback() -> Self {
        let rule = |host: &str| {
            (
                None,
                Rule {
                    host: host.to_owned(),
                    port: Port::Any,
                },
            )
        };
        Self::Only(LOOPBACK.map(rule).into())
    }

    pub(crate) fn only<O: AsRef<str>>(origins: impl IntoIterator<Item = O>) -> Self {
        Self::Only(
            origins
                .into_iter()
                .filter_map(|origin| Rule::origin(origin.as_ref()))
                .collect(),
        )
    }

    fn allow(&self, origin: &str) -> bool {
        let Self::Only(rules) = self else { return true };
        let Some((scheme, host, port)) = split_origin(origin) else {
            return false;
        };
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        rules.iter().any(|(wanted, rule)| {
            wanted
                .as_ref()
                .map_or(web, |wanted| wanted.eq_ignore_ascii_case(scheme))
                && rule.matches(host, port)
        })
    }
}

impl Rule {
    fn host(text: &str) -> Option<Self> {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.trim_end_matches('/');
        let (host, port) = split(text.strip_suffix(":*").unwrap_or(text))?;
        if !is_host(host) {
            return None;
        }
        let port = if port.is_none() {
            Port::Any
        } else {
            Port::Exactly(port)
        };
        Some(Self {
            host: host.to_owned(),
            port,
        })
    }

    fn origin(text: &str) -> Option<(Option<String>, Self)> {
        let text = text.trim_end_matches('/');
        let any_port = text.strip_suffix(":*");
        let (scheme, host, port) = split_origin(any_port.unwrap_or(text))?;
        let port = if any_port.is_some() {
            Port::Any
        } else {
            Port::Exactly(port)
        };
        Some((
            Some(scheme.to_owned()),
            Self {
                host: host.to_owned(),
                port,
            },
        ))
    }

    /// Whether an authority is this host, with a port that fits.
    fn serves(&self, authority: &[u8]) -> bool {
        authority
            .split_at_checked(self.host.len())
            .is_some_and(|(host, rest)| {
                same_host(host, self.host.as_bytes())
                    && port(rest).is_ok_and(|port| self.takes(port))
            })
    }

    fn matches(&self, host: &str, port: Option<u16>) -> bool {
        self.host.eq_ignore_ascii_case(host) && self.takes(port)
    }

    fn takes(&self, port: Option<u16>) -> bool {
        self.port == Port::Any || self.port == Port::Exactly(port)
    }
}

/// Nearly everybody writes hosts in lower case, as rules do.
fn same_host(one: &[u8], other: &[u8]) -> bool {
    one == other || one.eq_ignore_ascii_case(other)
}

/// Whether a text can be a host. What equals the host of a rule can.
fn is_host(text: &str) -> bool {
    let inner = text
        .strip_prefix('[')
        .map_or(Some(text), |inner| inner.strip_suffix(']'));
    let legal = |byte: u8| byte.is_ascii_graphic() && !b"@/?#,\\\"<>[]".contains(&byte);
    inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(legal))
}

/// Host and port of an authority; brackets stay part of an IPv6 host.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at_checked(end_of_host)?;
    let port = port(rest.as_bytes()).ok()?;
    (!host.is_empty()).then_some((host, port))
}

/// What follows a host and is no port.
struct NoPort;

/// The port in what follows a host, if one is named.
fn port(rest: &[u8]) -> Result<Option<u16>, NoPort> {
    match rest {
        [] | [b':'] => Ok(None),
        [b':', digits @ ..] => digits
            .iter()
            .try_fold(0_u16, |port, digit| {
                let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
                port.checked_mul(10)?.checked_add(u16::from(digit))
            })
            .map(Some)
            .ok_or(NoPort),
        _ => Err(NoPort),
    }
}

/// Scheme, host and effective port of an origin.
fn split_origin(origin: &str) -> Option<(&str, &str, Option<u16>)> {
    let (scheme, rest) = origin.split_once("://")?;
    let (host, port) = split(rest)?;
    if !is_host(host) {
        return None;
    }
    let default = match () {
        () if scheme.eq_ignore_ascii_case("http") => Some(80),
        () if scheme.eq_ignore_ascii_case("https") => Some(443),
        () => None,
    };
    Some((scheme, host, port.or(default)))
}

/// Refuses what is addressed to a foreign host. Every place where the request names one counts:
/// `Host`, and the authority of the target, which HTTP/2 sends as `:authority`.
pub(crate) fn check_host(fields: &Fields<'_>, target: &Uri, hosts: &Hosts) -> Result<(), Refused> {
    let bad = |message: &str| Refusal::invalid(StatusCode::BAD_REQUEST, message);
    let field = match fields.host {
        Field::Missing => None,
        Field::Once(field) => Some(field.as_bytes()),
        Field::Repeated => return Err(bad("Host was sent more than once")),
    };
    let authority = target.authority().map(Authority::as_str).map(str::as_bytes);
    let named = match (authority, field) {
        (Some(authority), Some(field)) if !field.eq_ignore_ascii_case(authority) => {
            return Err(bad("Host differs from the authority of the request target"));
        }
        (Some(named), _) | (None, Some(named)) => named,
        (None, None) => return Err(bad("Host is missing")),
    };
    if hosts.allow(named) {
        return Ok(());
    }
    let message = format!(
        "Host {} is not served here: the server has to name it with allow_hosts",
        shown(named)
    );
    Err(Refusal::invalid(StatusCode::MISDIRECTED_REQUEST, message))
}

/// Refuses what comes from a foreign web page; gives the origin of what comes from a welcome one.
pub(crate) fn check_origin(
    fields: &Fields<'_>,
    origins: &Origins,
) -> Result<Option<HeaderValue>, Refused> {
    let forbidden = |message: String| Refusal::invalid(StatusCode::FORBIDDEN, message);
    let origin = match fields.origin {
        Field::Missing => return Ok(None),
        Field::Once(origin) => origin,
        Field::Repeated => return Err(forbidden("Origin was sent more than once".to_owned())),
    };
    if origin.to_str().is_ok_and(|origin| origins.allow(origin)) {
        return Ok(Some(origin.clone()));
    }
    let origin = shown(origin.as_bytes());
    Err(forbidden(format!(
        "Origin {origin} may not use this server: the server has to name it with allow_origins"
    )))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn http_05_loopback_hosts_pass_on_any_port() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:9",
            "localhost:",
        ] {
            assert!(Hosts::loopback().allow(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "evil.example.com",
            "localhost.evil.example.com",
            "localhost@evil",
            "::1",
            "evil@localhost",
            "localhost:80:80",
            "localhost:+80",
            "localhost:99999",
            "[::1]x",
            "[::1",
            "127.0.0.1.nip.io",
            "127.0.0.2",
            "localhost, evil",
            "localhost/",
            "local\u{17f}host",
        ] {
            assert!(!Hosts::loopback().allow(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn named_hosts_replace_the_loopback_names() {
        let hosts = Hosts::only([
            "mcp.example.com",
            "https://api.example.com:8443/",
            "b.example:*",
        ]);
        for host in [
            "mcp.example.com",
            "MCP.example.com:444",
            "api.example.com:8443",
            "b.example:7",
        ] {
            assert!(hosts.allow(host.as_bytes()), "{host}");
        }
        for host in [
            "localhost",
            "api.example.com",
            "api.example.com:443",
            "x.mcp.example.com",
        ] {
            assert!(!hosts.allow(host.as_bytes()), "{host}");
        }
        assert!(!Hosts::only(["*", ""]).allow(b"evil.example.com"));
    }

    #[test]
    fn http_03_origins_are_compared_by_scheme_host_and_port() {
        let origins = Origins::only([
            "https://app.example.com",
            "http://dev.example:*",
            "app://x/",
        ]);
        for origin in [
            "https://app.example.com",
            "HTTPS://APP.example.com:443",
            "http://dev.example:5173",
            "http://dev.example",
            "app://x",
        ] {
            assert!(origins.allow(origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://app.example.com",
            "https://app.example.com:444",
            "app.example.com",
            "https://app.example.com.evil",
            "https://dev.example",
            "http://localhost",
            "https://",
            "https://app.example.com https://evil.example",
        ] {
            assert!(!origins.allow(origin), "{origin}");
        }
        for origin in [
            "http://localhost:6274",
            "https://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert!(Origins::loopback().allow(origin), "{origin}");
        }
        for origin in [
            "null",
            "ftp://localhost",
            "http://evil.example.com",
            "localhost",
        ] {
            assert!(!Origins::loopback().allow(origin), "{origin}");
        }
    }

    proptest! {
        /// Whatever passes as a loopback host is one of the three names, with or without a port.
        #[test]
        fn http_05_no_text_passes_as_loopback_that_is_not(
            host in prop_oneof![
                "\\PC{0,12}",
                "[a-z.:@/\\[\\]0-9]{0,6}(localhost|127\\.0\\.0\\.1|\\[::1\\])[a-z.:@/\\[\\]0-9]{0,6}",
            ],
        ) {
            let name = host.rsplit_once(':').map_or(&*host, |(name, port)| {
                if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { &*host }
            });
            let is_loopback = LOOPBACK.iter().any(|known| known.eq_ignore_ascii_case(name));
            prop_assert!(is_loopback || !Hosts::loopback().allow(host.as_bytes()), "{host:?}");
        }

        #[test]
        fn a_rule_matches_what_it_was_made_from(
            host in "[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){0,3}",
            port: u16,
            other: u16,
        ) {
            let hosts = Hosts::only([format!("{host}:{port}")]);
            let matches = hosts.allow(format!("{}:{other}", host.to_uppercase()).as_bytes());
            prop_assert_eq!(matches, port == other);
            let origins = Origins::only([format!("https://{host}:{port}")]);
            prop_assert_eq!(origins.allow(&format!("https://{host}:{other}")), port == other);
            prop_assert_eq!(origins.allow(&format!("https://{host}")), port == 443);
            let foreign = format!("http://{host}:{port}");
            prop_assert!(!origins.allow(&foreign));
        }
    }
}
