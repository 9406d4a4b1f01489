//! One replica of the server under test, written as a user would write it.

mod options;
mod server;
mod state;

use std::error::Error;
use std::process::ExitCode;

use mcpwire::Router;
use mcpwire::dispatch::KeyRing;
use mcpwire::http::{self, Probe};
use mcpwire_nats::NatsBus;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use options::{Options, USAGE};
use state::Serial;

/// Where the key is read from that all replicas share.
const KEYS: &str = "MCPWIRE_STATE_KEYS";

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("mcpwire-replica: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mcpwire-replica: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let keys = KeyRing::from_env(KEYS)?;
    let serial = Serial::new(options.state.clone());
    // In the background: a replica starts without NATS, too, and hears of it later.
    let nats = options
        .nats
        .map(|url| NatsBus::builder(url, "mcpwire-replica").connect());
    let nats = nats.transpose()?;
    let has_bus = nats.is_some();
    let mut server = server::build(&options.name, keys, serial.clone(), has_bus);
    if let Some(bus) = &nats {
        server = server.bus(bus.clone()).replicated()?;
    }
    // Before the listener, so that whoever is told to stop at once does stop.
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(&options.listen).await?;
    eprintln!(
        "{} listens on {}, request state key {}",
        options.name,
        listener.local_addr()?,
        server.key_fingerprint()
    );
    let changes = server.changes();
    let watch = async {
        if has_bus {
            std::future::pending::<()>().await;
        } else {
            state::watch(serial, changes).await;
        }
    };
    let asked = server.clone();
    let serve = http::serve(listener, server)
        .liveness("/healthz")
        .readiness("/readyz", move || ready(&asked))
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        });
    tokio::select! {
        ended = serve => ended?,
        () = watch => {}
    }
    if let Some(bus) = nats {
        // What was announced last is on its way still.
        bus.shutdown().await;
    }
    eprintln!("{} has ended", options.name);
    Ok(())
}

/// What a balancer or a person is told that asks whether this replica should get requests.
fn ready(server: &Router) -> Probe {
    let found = server.readiness();
    let probe = if found.ready {
        Probe::up()
    } else {
        Probe::down("")
    };
    probe.json(found.to_string())
}
