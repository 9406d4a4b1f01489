//! The law itself.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use mcpwire_service::{BoxError, Reply, Request, Service};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{BoxedStrategy, Strategy, Union};
use proptest::test_runner::{
    Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRng, TestRunner,
};
use tokio::runtime::{Builder, Handle, Runtime};

use super::catalog::Catalog;
use super::conversation::{Conversation, Placement, Step};
use super::diverged::{Diverged, Parting, parting};
use super::error::Error;
use super::options::Options;
use super::run::{Driver, Places, Run};

/// Makes instances that share what replicas share.
type Deployment<'f, S> = Box<dyn FnMut() -> S + 'f>;

/// Bytes that one step is made of, at most.
const TAPE: usize = 24;

/// Different instances that the rounds of one step may reach.
const PLACES: usize = 4;

/// Conversations that the same instances have, at most.
const BATCH: usize = 8;

/// Conversations and where their requests go.
type Batch = (Vec<Conversation>, Placement);

/// How often a conversation that breaks the law is made smaller.
const MAX_SHRINKS: u32 = 1024;

/// Servers to check the law with, see [`replicas`] and [`deployments`].
pub struct Replicas<'f, S> {
    deploy: Box<dyn Fn() -> Deployment<'f, S> + 'f>,
    options: Options,
}

/// How much was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Conversations, each with one placement.
    pub cases: u64,
    /// Requests that were sent to instances of a placement, and as many to a single one.
    pub requests: u64,
}

/// Checks the law with conversations of its own: [`replicas`], [`Replicas::options`] and
/// [`Replicas::verify`] in one.
pub fn any_replica<S>(instance: impl Fn() -> S, options: Options) -> Result<Report, Error>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    replicas(instance).options(options).verify()
}

/// Servers that share nothing but what the closure captures. It is called for each fresh instance.
///
/// ```
/// use mcpwire_dispatch::{RawArgs, Router};
/// use mcpwire_testkit::law::{self, Conversation, Placement, Step};
/// use serde_json::json;
///
/// let server = || Router::new("greeter", "1").tool("greet", async |_: RawArgs| Ok("Hello!"));
/// let conversation = Conversation::new([
///     Step::new("server/discover", json!({})),
///     Step::tool("greet", json!({})),
/// ]);
/// law::replicas(server).check(&conversation, &Placement::round_robin(2))?;
/// # Ok::<(), law::Error>(())
/// ```
pub fn replicas<'f, S: 'f>(instance: impl Fn() -> S + 'f) -> Replicas<'f, S> {
    let instance = Rc::new(instance);
    deployments(move || {
        let instance = Rc::clone(&instance);
        move || instance()
    })
}

/// Servers that share what requests change: the outer closure makes that anew for each run, the inner one
/// makes instances that share it.
pub fn deployments<'f, S, F>(deploy: impl Fn() -> F + 'f) -> Replicas<'f, S>
where
    F: FnMut() -> S + 'f,
{
    Replicas {
        deploy: Box::new(move || Box::new(deploy())),
        options: Options::default(),
    }
}

impl<S> Replicas<'_, S>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    /// Sets how the law is checked.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Has one conversation with one instance and with several, and compares.
    pub fn check(&self, conversation: &Conversation, placement: &Placement) -> Result<(), Error> {
        let runtime = self.runtime()?;
        let conversation = std::slice::from_ref(conversation);
        runtime.block_on(self.compare(conversation, placement))
    }

    /// Has as many conversations as the options say.
    pub fn verify(&self) -> Result<Report, Error> {
        let runtime = self.runtime()?;
        let mut catalog = runtime.block_on(async { Catalog::of(&mut (self.deploy)()()).await });
        catalog.principals.clone_from(&self.options.principals);
        let strategy = self.strategy(catalog);
        let mut runner = self.runner();
        let had = Cell::new(Report {
            cases: 0,
            requests: 0,
        });
        let holds = |(conversations, placement): Batch| {
            let (one, several) = runtime.block_on(self.both(&conversations, &placement));
            let Report { cases, requests } = had.get();
            had.set(Report {
                cases: cases + conversations.len() as u64,
                requests: requests + several.asked.len() as u64,
            });
            match parting(&one, &several, &self.options.mask) {
                None => Ok(()),
                Some(_) => Err(TestCaseError::fail("the answers differ")),
            }
        };
        while had.get().cases < u64::from(self.options.cases) {
            let batch = strategy
                .new_tree(&mut runner)
                .map_err(|reason| Error::Generate(reason.to_string()))?;
            match runner.run_one(batch, holds) {
                Ok(_) => {}
                Err(TestError::Fail(_, (conversations, placement))) => {
                    let found = runtime.block_on(self.compare(&conversations, &placement));
                    let error = found.err().unwrap_or(Error::Unsteady);
                    return Err(error.with_seed(self.options.seed));
                }
                Err(error @ TestError::Abort(_)) => {
                    return Err(Error::Generate(error.to_string()));
                }
            }
        }
        Ok(had.get())
    }

    fn runtime(&self) -> Result<Runtime, Error> {
        if Handle::try_current().is_ok() {
            return Err(Error::InsideRuntime);
        }
        Builder::new_current_thread()
            .enable_all()
            .start_paused(!self.options.real_time)
            .build()
            .map_err(Error::Runtime)
    }

    fn runner(&self) -> TestRunner {
        let seed = self.options.seed;
        let config = Config {
            failure_persistence: None,
            max_shrink_iters: MAX_SHRINKS,
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        };
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().zip(seed.to_le_bytes()) {
            *place = byte;
        }
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    /// Several conversations, which the same instances have one after the other, since making these is
    /// what costs most. Each step brings its own places, so that leaving out one moves no other one.
    fn strategy(&self, catalog: Catalog) -> impl Strategy<Value = Batch> + use<S> {
        let catalog = Arc::new(catalog);
        let listed = vec(any::<u8>(), 0..TAPE).prop_map(move |tape| catalog.step(&tape));
        let own = self.options.own.iter().cloned().map(|own| (2, own));
        let steps: Vec<(u32, BoxedStrategy<Step>)> =
            std::iter::once((4, listed.boxed())).chain(own).collect();
        let replicas = self.options.replicas;
        let places = vec(0..replicas, 1..=PLACES);
        let steps = vec((Union::new_weighted(steps), places), 1..=self.options.steps);
        vec(steps, 1..=BATCH).prop_map(move |batch| {
            let mut places = Vec::new();
            let mut conversation = |steps: Vec<(Step, Vec<usize>)>| {
                Conversation::new(steps.into_iter().map(|(step, its)| {
                    places.push(its);
                    step
                }))
            };
            let conversations = batch.into_iter().map(&mut conversation).collect();
            (conversations, Placement::of_steps(replicas, places))
        })
    }

    /// All instances are there before the first request, as replicas are.
    async fn run(
        &self,
        conversations: &[Conversation],
        instances: usize,
        places: Places<'_>,
    ) -> Run {
        let mut make = (self.deploy)();
        let mut instances: Vec<S> = std::iter::repeat_with(&mut *make).take(instances).collect();
        Driver::run(&mut instances, conversations, places, &self.options.limits).await
    }

    /// With one instance.
    async fn alone(&self, conversations: &[Conversation]) -> Run {
        self.run(conversations, 1, &|_, _, _| 0).await
    }

    async fn both(&self, conversations: &[Conversation], placement: &Placement) -> (Run, Run) {
        let one = self.alone(conversations).await;
        let places = |nth, step, round| placement.at(nth, step, round);
        let several = self.run(conversations, placement.instances(), &places);
        (one, several.await)
    }

    async fn compare(
        &self,
        conversations: &[Conversation],
        placement: &Placement,
    ) -> Result<(), Error> {
        let mask = &self.options.mask;
        let (one, several) = self.both(conversations, placement).await;
        let Some(found) = parting(&one, &several, mask) else {
            return Ok(());
        };
        let again = self.alone(conversations).await;
        if let Some(unlike) = parting(&one, &again, mask) {
            let diverged = Diverged::new(&one, &again, unlike, 1, mask);
            return Err(Error::NotRepeatable(Box::new(diverged)));
        }
        let mut diverged = Diverged::new(&one, &several, found, placement.instances(), mask);
        let to_blame = self.to_blame(conversations, &one, &several, found).await;
        diverged.blame(&several, &to_blame);
        Err(Error::Diverged(Box::new(diverged)))
    }

    /// The requests that were elsewhere and that the answer depends on.
    async fn to_blame(
        &self,
        conversations: &[Conversation],
        one: &Run,
        several: &Run,
        found: Parting,
    ) -> Vec<usize> {
        let at = |nth: usize| several.asked.get(nth).map(|asked| asked.instance);
        let elsewhere: Vec<usize> = (0..=found.during)
            .filter(|nth| *nth != found.asked && at(*nth) != at(found.asked))
            .collect();
        let mut guilty = Vec::new();
        for suspect in &elsewhere {
            let places = |nth, _, _| usize::from(nth == *suspect);
            let moved = self.run(conversations, 2, &places).await;
            let parted = parting(one, &moved, &self.options.mask);
            if parted.is_some_and(|parted| parted.asked == found.asked && parted.at <= found.at) {
                guilty.push(*suspect);
            }
        }
        if guilty.is_empty() { elsewhere } else { guilty }
    }
}

impl<S> fmt::Debug for Replicas<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicas")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
