//! The gateways that are compared: each prints its address, and ends when stdin does.

mod bare;
mod mcpwire;

use std::io::Read as _;

use tokio::net::TcpListener;

use crate::{runtime, text};

/// The floor first. `nginx` is started by the driver, where there is one.
pub(crate) const NAMES: [&str; 3] = ["bare", "mcpwire", "nginx"];

pub(crate) fn run(name: &str, url: &str) -> Result<(), String> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
        println!("{}", listener.local_addr().map_err(text)?);
        match name {
            "bare" => bare::start(listener, url),
            "mcpwire" => mcpwire::start(listener, url),
            _ => Err(format!("no gateway {name:?}")),
        }
    })?;
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.shutdown_background();
    Ok(())
}
