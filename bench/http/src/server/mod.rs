//! The servers that are compared: each prints its address, and ends when its stdin does.

mod bare;
mod envelope;
mod mcpwire;
mod rmcp;

pub(crate) use self::mcpwire::router;

use std::io::{Read as _, Write as _};

use serde::Deserialize;
use tokio::net::TcpListener;

use crate::work::TOOLS;

/// The arguments of every tool.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Echo {
    /// What is given back.
    text: String,
}

pub(crate) fn run(name: &str, args: &[&str]) -> Result<(), String> {
    // What `#[tokio::main]` makes: a worker for each processor that the process may run on.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let address = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        start(name, args, listener)?;
        Ok::<_, String>(address)
    })?;
    println!("{address}");
    std::io::stdout()
        .flush()
        .map_err(|error| error.to_string())?;
    // Ends with the driver, whatever becomes of that.
    let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
    runtime.shutdown_background();
    Ok(())
}

fn start(name: &str, args: &[&str], listener: TcpListener) -> Result<(), String> {
    let tools = match *args {
        [] => TOOLS,
        [tools] => tools.parse().map_err(|_| format!("no number: {tools:?}"))?,
        [content_type, body] if name == "bare" => {
            return bare::start(listener, content_type, body);
        }
        _ => return Err(format!("too many arguments: {args:?}")),
    };
    match name {
        "envelope" => envelope::start(listener, tools),
        "mcpwire" => mcpwire::start(listener, tools),
        "rmcp" => rmcp::start(listener, tools, rmcp::Answer::Json),
        "rmcp-sse" => rmcp::start(listener, tools, rmcp::Answer::Events),
        _ => return Err(format!("no server {name:?}")),
    }
    Ok(())
}
