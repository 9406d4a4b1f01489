//! How a bus is made.

use std::fmt;

use async_nats::{ConnectOptions, ServerAddr};

use crate::bus::NatsBus;
use crate::error::{ConfigError, ConnectError, Reason};
use crate::limits::Limits;
use crate::servers::servers;
use crate::state::State;

/// The settings of a bus.
#[derive(Clone)]
pub struct Builder {
    servers: String,
    name: String,
    prefix: String,
    limits: Limits,
    options: ConnectOptions,
}

/// What a link needs of the settings, checked.
#[derive(Clone)]
pub(crate) struct Checked {
    pub(crate) servers: Vec<ServerAddr>,
    pub(crate) subject: String,
    pub(crate) limits: Limits,
    pub(crate) options: ConnectOptions,
}

impl Builder {
    pub(crate) fn new(servers: String, name: String) -> Self {
        Self {
            servers,
            name,
            prefix: "mcpwire".to_owned(),
            limits: Limits::default(),
            options: ConnectOptions::new(),
        }
    }

    /// The first part of the subject, `mcpwire` unless told otherwise: the subject is
    /// `<prefix>.<name>.changes`. It may have several parts, with dots between them.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Credentials, certificates and whatever else `async-nats` can be told about a connection.
    ///
    /// This is the one place where a type of that crate is named; it moves when that crate's version
    /// does. The bus overrides what it relies on: echo (it has to stay on), reconnects, the time to
    /// connect, the capacity of the subscription, and the callback for events.
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// Makes the bus and connects it in the background: it never waits, and NATS may be down. Ask
    /// [`NatsBus::state`] how it goes.
    ///
    /// It has to be called inside of a tokio runtime, which then runs the one task of the bus.
    pub fn connect(self) -> Result<NatsBus, ConfigError> {
        NatsBus::start(self.check()?)
    }

    /// Makes the bus, and waits until it is up or the first attempt has failed, which is an error here.
    pub async fn connect_now(self) -> Result<NatsBus, ConnectError> {
        let bus = self.connect()?;
        let mut watch = bus.watch();
        let mut state = watch.state();
        while let State::Down {
            reason: Reason::Starting,
            ..
        } = state
        {
            state = watch.changed().await.unwrap_or(State::Up);
        }
        match state {
            State::Up => Ok(bus),
            State::Down { reason, .. } => Err(ConnectError::Down(reason)),
        }
    }

    fn check(self) -> Result<Checked, ConfigError> {
        if !is_part(&self.name) {
            return Err(ConfigError::Subject { given: self.name });
        }
        if !self.prefix.split('.').all(is_part) || self.prefix.len() > MAX_PREFIX_BYTES {
            return Err(ConfigError::Subject { given: self.prefix });
        }
        let (servers, credentials) = servers(&self.servers)?;
        Ok(Checked {
            servers,
            subject: format!("{}.{}.changes", self.prefix, self.name),
            limits: self.limits.bounded(),
            options: match credentials {
                Some(credentials) => credentials.apply(self.options),
                None => self.options,
            },
        })
    }
}

const MAX_PART_BYTES: usize = 64;
const MAX_PREFIX_BYTES: usize = 256;

fn is_part(text: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    (1..=MAX_PART_BYTES).contains(&text.len()) && text.bytes().all(allowed)
}

/// Without what may hold a password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("prefix", &self.prefix)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a failed step of a test is a failed test"
    )]

    use super::*;

    fn check(servers: &str, name: &str) -> Result<Checked, ConfigError> {
        Builder::new(servers.into(), name.into()).check()
    }

    #[test]
    fn the_subject_is_made_of_safe_parts() {
        let checked = check("localhost", "weather-2_x").unwrap();
        assert_eq!(checked.subject, "mcpwire.weather-2_x.changes");
        for name in ["", "a.b", "*", ">", "a b", "a\r\nPUB x 1", "ä", "nats://a"] {
            let error = check("localhost", name).err().unwrap();
            assert!(matches!(error, ConfigError::Subject { .. }), "{error}");
            assert!(!error.to_string().contains('\n'));
        }
        let builder = Builder::new("localhost".into(), "x".into());
        let checked = builder.clone().prefix("eu.prod").check().unwrap();
        assert_eq!(checked.subject, "eu.prod.x.changes");
        for prefix in ["", ".a", "a..b", "a.>"] {
            assert!(builder.clone().prefix(prefix).check().is_err());
        }
    }
}
