//! One replica of the server under test, written as a user would write it.

mod options;
mod server;
mod state;

use std::error::Error;
use std::process::ExitCode;

use mcpwire::dispatch::KeyRing;
use mcpwire::http;
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
    let server = server::build(&options.name, keys, serial.clone());
    // Before the listener, so that whoever is told to stop at once does stop.
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(&options.listen).await?;
    eprintln!(
        "{} listens on {}, request state key {}",
        options.name,
        listener.local_addr()?,
        server.key_fingerprint()
    );
    let watch = state::watch(serial, server.changes());
    let serve = http::serve(listener, server).with_graceful_shutdown(async move {
        terminate.recv().await;
    });
    tokio::select! {
        ended = serve => ended?,
        () = watch => {}
    }
    eprintln!("{} has ended", options.name);
    Ok(())
}
