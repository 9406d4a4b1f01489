//! What happens to the replicas while the crew is at work, and what has to hold.

mod disk;
mod flap;
mod kill;
mod pause;
mod rolling;
mod routing;
mod twice;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

pub use verdict::Verdict;

use crate::crew::{Crew, Plan};
use crate::{Chance, Common, Failed, Folder, NatsServer, Nginx, Replica, Settings};

/// A scenario by name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// What happens, in a few words.
    pub about: &'static str,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    Kill(Balancer),
    Rolling,
    Pause,
    Routing,
    Disk,
    Flap,
    Twice,
}

/// How the balancer is told to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Balancer {
    /// As documented.
    Documented,
    /// Sends again what may have been done already.
    SendsAgain,
}

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "rolling",
        about: "a deploy with SIGTERM passes over all replicas, and nobody tries again",
        run: Run::Rolling,
    },
    Scenario {
        name: "kill",
        about: "replicas are killed one after another, and started again",
        run: Run::Kill(Balancer::Documented),
    },
    Scenario {
        name: "resend",
        about: "as kill, with a balancer that sends again what may have been done already",
        run: Run::Kill(Balancer::SendsAgain),
    },
    Scenario {
        name: "pause",
        about: "replicas stand still for a while, one after another",
        run: Run::Pause,
    },
    Scenario {
        name: "routing",
        about: "the balancer routes by Mcp-Method and Mcp-Name",
        run: Run::Routing,
    },
    Scenario {
        name: "disk",
        about: "the balancer can write no temporary files, and bodies are large",
        run: Run::Disk,
    },
    Scenario {
        name: "flap",
        about: "the NATS server is killed and started again",
        run: Run::Flap,
    },
    Scenario {
        name: "twice",
        about: "the balancer sends every request to a second replica, too",
        run: Run::Twice,
    },
];

/// What a scenario is run with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// The executable `mcpwire-replica`.
    pub program: PathBuf,
    /// How many replicas there are, at least 2.
    pub replicas: usize,
    /// For how long there is trouble.
    pub time: Duration,
    /// What chance comes from.
    pub seed: u64,
}

impl Setup {
    /// Four replicas for ten seconds.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            replicas: 4,
            time: Duration::from_secs(10),
            seed: 1,
        }
    }
}

impl Scenario {
    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Self> {
        SCENARIOS.iter().copied().find(|one| one.name == name)
    }

    /// Runs it. A failure is one to run it at all; what it found is in the verdict.
    pub async fn run(self, setup: &Setup) -> Result<Verdict, Failed> {
        match self.run {
            Run::Kill(balancer) => kill::run(setup, balancer).await,
            Run::Rolling => rolling::run(setup).await,
            Run::Pause => pause::run(setup).await,
            Run::Disk => disk::run(setup).await,
            Run::Flap => flap::run(setup).await,
            Run::Twice => twice::run(setup).await,
            Run::Routing => routing::run(setup).await,
        }
    }
}

/// Replicas, a balancer in front of them, and a crew at work.
struct Stage {
    // In the order in which they go.
    crew: Crew,
    nginx: Nginx,
    nats: NatsServer,
    replicas: Vec<Replica>,
    chance: Chance,
    end: Instant,
    _folder: Folder,
}

impl Stage {
    /// Starts all of it. The crew works undisturbed for a moment, so that it is seen that it does.
    async fn set(
        setup: &Setup,
        settings: impl FnOnce(Settings) -> Settings,
        plan: impl FnOnce(Plan) -> Plan,
    ) -> Result<Self, Failed> {
        const CALM: Duration = Duration::from_millis(500);
        let folder = Folder::new()?;
        let nats = NatsServer::start().await?;
        let mut common = Common::new(setup.program.clone(), &folder);
        common.nats = Some(nats.url());
        let replicas = Replica::start_all(&common, setup.replicas).await?;
        let ports = replicas.iter().map(Replica::port).collect();
        let nginx = Nginx::start(&settings(Settings::new(ports))).await?;
        let plan = plan(Plan::new(nginx.url(), setup.seed));
        let crew = Crew::start(&plan)?;
        sleep(CALM).await;
        Ok(Self {
            crew,
            nginx,
            nats,
            replicas,
            chance: Chance::new(setup.seed, "trouble"),
            end: Instant::now() + setup.time,
            _folder: folder,
        })
    }

    /// Whether there is time for more trouble.
    fn goes_on(&self) -> bool {
        Instant::now() < self.end
    }

    /// Waits for a while, by chance.
    async fn rest(&mut self, least: u64, most: u64) {
        sleep(Duration::from_millis(self.chance.between(least, most))).await;
    }

    /// Lets the crew finish, stops everything, and says what has to hold in every scenario.
    async fn clear(self, verdict: &mut Verdict) -> Result<(), Failed> {
        const CALM: Duration = Duration::from_millis(500);
        sleep(CALM).await;
        let book = self.crew.finish().await;
        let complaints = self.nginx.complaints();
        self.nginx.stop().await?;
        for mut replica in self.replicas {
            if let Err(error) = replica.stop().await {
                verdict.check("replicas end when told to", Err(error.to_string()));
            }
        }
        verdict.book(&book, &complaints);
        Ok(())
    }
}
