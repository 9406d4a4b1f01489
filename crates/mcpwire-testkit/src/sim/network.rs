//! The network: who is in it, and one run of it.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mcpwire_http::{Config, Endpoint, Limits};
use mcpwire_service::{BoxError, Reply, Request, Service};
use turmoil::Sim;

use super::balancer::Balancer;
use super::failure::{Cause, Failure};
use super::faults::Faults;
use super::log::{Journal, Log};
use super::peer::Peer;
use super::schedule::Schedule;
use super::{BALANCER, replica_name};

type Run = Pin<Box<dyn Future<Output = turmoil::Result>>>;
type Serving = Arc<dyn Fn(usize, Config) -> Run>;
type Acting = Box<dyn FnOnce(Peer) -> Pin<Box<dyn Future<Output = Result<(), BoxError>>>>>;

/// Replicas of a server, a balancer in front of them, and clients, all in this thread and in simulated
/// time.
///
/// The names of the hosts are `replica-0` and so on, `balancer`, and `client-0` and so on.
#[must_use = "nothing happens before `run`"]
pub struct Network {
    seed: u64,
    replicas: usize,
    serving: Option<Serving>,
    clients: Vec<Acting>,
    faults: Faults,
    config: Config,
    max_duration: Duration,
}

impl Network {
    /// A network without faults, with nobody in it.
    pub fn new(seed: u64) -> Self {
        // A stream that is silent for longer than the clients wait is one that has died.
        const KEEP_ALIVE: Duration = Duration::from_secs(1);
        let limits = Limits::default().keep_alive_interval(KEEP_ALIVE);
        Self {
            seed,
            replicas: 0,
            serving: None,
            clients: Vec::new(),
            faults: Faults::none(),
            config: Config::default().limits(limits),
            max_duration: Duration::from_secs(120),
        }
    }

    /// So many replicas of a server, in place of those before. The function makes a fresh instance
    /// whenever one starts, and is given its number: whatever instances have in common, such as a key
    /// ring or a change bus, it has to give to each.
    pub fn replicas<S>(mut self, count: usize, serve: impl Fn(usize) -> S + 'static) -> Self
    where
        S: Service<Request, Response = Reply, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
    {
        self.replicas = count;
        self.serving = Some(Arc::new(move |index, config| {
            let endpoint = Endpoint::with_config(serve(index), config);
            Box::pin(super::replica::run(endpoint))
        }));
        self
    }

    /// One more client. The run ends when all of them have, or with the first error.
    pub fn client<F, Fut>(mut self, act: F) -> Self
    where
        F: FnOnce(Peer) -> Fut + 'static,
        Fut: Future<Output = Result<(), BoxError>> + 'static,
    {
        self.clients.push(Box::new(move |peer| Box::pin(act(peer))));
        self
    }

    /// What goes wrong; nothing by default.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The settings of the replicas' endpoints. By default they are the usual ones, with a comment
    /// every second on a silent stream.
    pub fn http(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How long a run may take, in simulated time; 2 minutes by default. Beyond it: [`Cause::TooLong`].
    pub fn max_duration(mut self, limit: Duration) -> Self {
        self.max_duration = limit;
        self
    }

    /// Runs until all clients are done, and tells what happened.
    ///
    /// It is not to be called in an async function: it brings a tokio runtime for each host.
    pub fn run(self) -> Result<Log, Failure> {
        let (seed, limit) = (self.seed, self.max_duration);
        // What draws the waits of clients that come back and the ages of streams.
        fastrand::seed(seed);
        let journal = Journal::default();
        let unfinished = Unfinished::default();
        let mut schedule = Schedule::new(
            seed,
            self.faults.clone(),
            self.replicas,
            self.clients.len(),
            journal.clone(),
        );
        let mut sim = self.populate(&journal, &unfinished);
        let cause = loop {
            schedule.step(&mut sim);
            match sim.step() {
                Ok(false) if sim.elapsed() < limit => {}
                Ok(false) => {
                    let unfinished = unfinished.names();
                    break Some(Cause::TooLong { limit, unfinished });
                }
                Ok(true) => break None,
                Err(error) => break Some(cause(error)),
            }
        };
        let at = sim.elapsed();
        // Whatever the hosts have to say when they are torn down depends on who goes first.
        let log = journal.take();
        drop(sim);
        match cause {
            None => Ok(log),
            Some(cause) => Err(Failure {
                seed,
                at,
                cause,
                log,
            }),
        }
    }

    fn populate(self, journal: &Journal, unfinished: &Unfinished) -> Sim<'static> {
        /// Fine enough for a network, and coarse enough for many seeds.
        const TICK: Duration = Duration::from_millis(5);
        let (least, most) = (*self.faults.latency.start(), *self.faults.latency.end());
        let mut sim = turmoil::Builder::new()
            .rng_seed(self.seed)
            .tick_duration(TICK)
            .simulation_duration(Duration::MAX)
            .min_message_latency(least)
            .max_message_latency(most.max(least))
            .build();
        for index in 0..self.replicas {
            let Some(serving) = self.serving.clone() else {
                break;
            };
            let config = self.config.clone();
            sim.host(replica_name(index), move || serving(index, config.clone()));
        }
        let faults = self.faults.clone();
        let balancer = Balancer::new(self.seed, self.replicas, faults, journal.clone());
        let balancer = Arc::new(balancer);
        sim.host(BALANCER, move || Arc::clone(&balancer).run());
        for (index, act) in self.clients.into_iter().enumerate() {
            let peer = Peer::new(self.seed, index, self.faults.clone(), journal.clone());
            let name = peer.name().to_owned();
            let unfinished = unfinished.clone();
            unfinished.add(&name);
            sim.client(name.as_str().to_owned(), async move {
                match act(peer).await {
                    Ok(()) => {
                        unfinished.remove(&name);
                        Ok(())
                    }
                    Err(source) => Err(ClientFailed { name, source }.into()),
                }
            });
        }
        sim
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("seed", &self.seed)
            .field("replicas", &self.replicas)
            .field("clients", &self.clients.len())
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// The clients that are at it still.
#[derive(Clone, Default)]
struct Unfinished(Arc<Mutex<Vec<String>>>);

impl Unfinished {
    fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.push(name.to_owned());
    }

    fn remove(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|unfinished| unfinished != name);
    }

    fn names(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Carries a client's error through the simulation.
#[derive(Debug)]
struct ClientFailed {
    name: String,
    source: BoxError,
}

impl fmt::Display for ClientFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.name)
    }
}

impl Error for ClientFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

fn cause(error: Box<dyn Error>) -> Cause {
    match error.downcast::<ClientFailed>() {
        Ok(failed) => Cause::Client {
            name: failed.name,
            source: failed.source,
        },
        Err(error) => Cause::Panic(error.to_string()),
    }
}
