//! The servers that are compared: each prints its address, announces changes when told to on stdin, and
//! ends when stdin does.

mod bare;
mod mcpwire;
mod rmcp;

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;
use std::time::Instant;

use tokio::net::TcpListener;

/// One change, as the driver orders it.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// `list`
    Tools,
    /// `update` and a URI
    Resource(String),
}

impl Change {
    fn read(line: &str) -> Result<Self, String> {
        match line.split_once(' ') {
            None if line == "list" => Ok(Self::Tools),
            Some(("update", uri)) => Ok(Self::Resource(uri.to_owned())),
            _ => Err(format!("no order {line:?}")),
        }
    }
}

/// Announces a change to the streams that want it.
trait Publish: Send + Sync {
    fn publish(&self, change: Change);
}

pub(crate) fn run(name: &str, messages: &[&str]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let publisher: Arc<dyn Publish> = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let publisher: Arc<dyn Publish> = match name {
            "bare" => bare::start(listener, messages)?,
            "mcpwire" => mcpwire::start(listener),
            "rmcp" => rmcp::start(listener),
            _ => return Err(format!("no server {name:?}")),
        };
        println!("{address}");
        Ok(publisher)
    })?;
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let change = Change::read(&line.map_err(|error| error.to_string())?)?;
        let publisher = Arc::clone(&publisher);
        // In a task, as a handler that announces something would be.
        let publishing = runtime.spawn(async move {
            let begin = Instant::now();
            publisher.publish(change);
            begin.elapsed()
        });
        let took = runtime.block_on(publishing);
        let took = took.map_err(|error| error.to_string())?;
        writeln!(stdout, "{}", took.as_nanos()).map_err(|error| error.to_string())?;
        stdout.flush().map_err(|error| error.to_string())?;
    }
    // Nobody is left who would read what the streams still hold.
    runtime.shutdown_background();
    Ok(())
}
