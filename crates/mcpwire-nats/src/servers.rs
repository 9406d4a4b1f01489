//! The addresses of the NATS servers, and the credentials in them.

use std::io;

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

use crate::error::ConfigError;

/// What stands before the `@` of an address. The client of NATS does not look at it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    Token(String),
    User(String, String),
}

impl Credentials {
    fn of(server: &ServerAddr) -> Option<Self> {
        let plain = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = plain(server.username()?);
        Some(match server.password() {
            Some(password) => Self::User(user, plain(password)),
            None => Self::Token(user),
        })
    }

    pub(crate) fn apply(self, options: ConnectOptions) -> ConnectOptions {
        match self {
            Self::Token(token) => options.token(token),
            Self::User(user, password) => options.user_and_password(user, password),
        }
    }
}

/// The servers of a list with commas, without the credentials, which are the same for all that have any.
pub(crate) fn servers(list: &str) -> Result<(Vec<ServerAddr>, Option<Credentials>), ConfigError> {
    let mut servers = Vec::new();
    let mut credentials = None;
    let entries = list.split(',').map(str::trim).filter(|it| !it.is_empty());
    for (index, entry) in entries.enumerate() {
        let (server, own) = server(index, entry)?;
        if let Some(own) = own {
            if credentials.as_ref().is_some_and(|first| *first != own) {
                return Err(ConfigError::Credentials { index });
            }
            credentials = Some(own);
        }
        servers.push(server);
    }
    if servers.is_empty() {
        return Err(ConfigError::NoServers);
    }
    Ok((servers, credentials))
}

fn server(index: usize, entry: &str) -> Result<(ServerAddr, Option<Credentials>), ConfigError> {
    let fault = |source| ConfigError::Server { index, source };
    let invalid = |words| fault(io::Error::new(io::ErrorKind::InvalidInput, words));
    let server: ServerAddr = entry.parse().map_err(fault)?;
    if server.is_websocket() {
        return Err(invalid("a WebSocket is not supported"));
    }
    if server.host().is_empty() {
        return Err(invalid("there is no host"));
    }
    if server.tls_required() && !cfg!(feature = "tls") {
        return Err(ConfigError::NoTls { index });
    }
    let credentials = Credentials::of(&server);
    // The client writes addresses into its log.
    let mut url = server.into_inner();
    let bare = url.set_username("").and_then(|()| url.set_password(None));
    bare.map_err(|()| invalid("there is no host"))?;
    let server = ServerAddr::from_url(url).map_err(fault)?;
    Ok((server, credentials))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a failed step of a test is a failed test"
    )]

    use super::*;

    fn read(list: &str) -> Result<Vec<ServerAddr>, ConfigError> {
        servers(list).map(|(servers, _)| servers)
    }

    #[test]
    fn servers_are_a_list() {
        let checked = read("nats://a:1, b ,c:5").unwrap();
        let ports: Vec<_> = checked.iter().map(ServerAddr::port).collect();
        assert_eq!(ports, [1, 4222, 5]);
        assert!(matches!(read(" ,"), Err(ConfigError::NoServers)));
        for server in ["http://a", "ws://a", "nats://", "nats://a:secret"] {
            let error = read(&format!("b,{server}")).err().unwrap();
            assert!(
                matches!(error, ConfigError::Server { index: 1, .. }),
                "{error}"
            );
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn tls_needs_its_feature() {
        let error = read("tls://a").err().unwrap();
        assert!(matches!(error, ConfigError::NoTls { index: 0 }));
    }

    #[test]
    fn credentials_are_read_and_kept_out_of_the_address() {
        let (addresses, credentials) = servers("nats://u:p%40ss@a, nats://b").unwrap();
        assert!(credentials == Some(Credentials::User("u".into(), "p@ss".into())));
        assert!(!format!("{addresses:?}").contains("40ss"));
        let (_, credentials) = servers("nats://t0ken@a").unwrap();
        assert!(credentials == Some(Credentials::Token("t0ken".into())));
        let error = servers("nats://u:p@a,nats://u:q@b").err().unwrap();
        assert!(matches!(error, ConfigError::Credentials { index: 1 }));
    }
}
