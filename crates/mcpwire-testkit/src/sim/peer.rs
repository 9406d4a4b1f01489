//! What a client in the simulation is given.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use mcpwire_http::client::{Builder, Client, Limits};
use mcpwire_service::Service;
use turmoil::net::TcpStream;

use super::chance::Chance;
use super::faults::Faults;
use super::log::Journal;
use super::slow::Pace;
use super::{BALANCER, PORT, replica_name};

/// A client's place in the network. Clones are the same place.
#[derive(Clone)]
pub struct Peer {
    shared: Arc<Shared>,
}

struct Shared {
    index: usize,
    name: String,
    faults: Faults,
    journal: Journal,
    /// What the client draws.
    chance: Mutex<Chance>,
    /// What is drawn for its connections.
    connections: Mutex<Chance>,
}

impl Peer {
    pub(super) fn new(seed: u64, index: usize, faults: Faults, journal: Journal) -> Self {
        let number = u64::try_from(index).unwrap_or(u64::MAX);
        let chance = |role| Mutex::new(Chance::of(seed, role, number));
        Self {
            shared: Arc::new(Shared {
                index,
                name: format!("client-{index}"),
                faults,
                journal,
                chance: chance("client"),
                connections: chance("connections"),
            }),
        }
    }

    /// The client's number, from 0.
    pub fn index(&self) -> usize {
        self.shared.index
    }

    /// The name of the client's host: `client-0`.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// A client of the balancer, with the settings of [`Peer::http`].
    ///
    /// # Panics
    ///
    /// Never: the settings are good.
    #[expect(
        clippy::expect_used,
        reason = "neither URL nor headers come from outside"
    )]
    pub fn connect(&self) -> Client {
        self.http().build().expect("the settings are good")
    }

    /// Settings for a client of the balancer. They are the usual ones, with timeouts that suit a small
    /// network: 1 second for a connection, and 5 seconds for an answer to begin or a stream to be silent.
    ///
    /// The URL says `localhost`, so that servers which check `Host` need no setting for the simulation.
    pub fn http(&self) -> Builder {
        self.to(BALANCER)
    }

    /// [`Peer::http`] for one replica, past the balancer.
    pub fn replica(&self, index: usize) -> Builder {
        self.to(&replica_name(index))
    }

    fn to(&self, host: &str) -> Builder {
        const CONNECT: Duration = Duration::from_secs(1);
        const WAIT: Duration = Duration::from_secs(5);
        let limits = Limits::default()
            .connect_timeout(CONNECT)
            .response_timeout(Some(WAIT))
            .idle_timeout(Some(WAIT));
        Client::builder("http://localhost/mcp")
            .limits(limits)
            .connector(Dial {
                host: host.into(),
                shared: Arc::clone(&self.shared),
            })
    }

    /// A number that follows from the seed.
    pub fn random(&self) -> u64 {
        lock(&self.shared.chance).next()
    }

    /// Writes to the log what the client has to tell.
    pub fn note(&self, what: impl fmt::Display) {
        self.shared.journal.note(&self.shared.name, what);
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("name", &self.shared.name)
            .finish_non_exhaustive()
    }
}

fn lock(chance: &Mutex<Chance>) -> std::sync::MutexGuard<'_, Chance> {
    chance.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connects to one host, whatever the URL says.
#[derive(Clone)]
struct Dial {
    host: Arc<str>,
    shared: Arc<Shared>,
}

impl Service<Uri> for Dial {
    type Response = Pace;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Pace, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let slow = lock(&self.shared.connections).hits(self.shared.faults.slow_readers);
        let host = Arc::clone(&self.host);
        Box::pin(async move {
            let stream = TcpStream::connect((&*host, PORT)).await?;
            Ok(Pace::new(stream, slow))
        })
    }
}
