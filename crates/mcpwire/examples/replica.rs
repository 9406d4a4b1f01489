//! One of several copies of a server, any of which may answer any request.
//!
//! What makes that possible is little: nothing is kept between requests, and every copy has the same
//! key for the request state that travels through the client. `cargo xtask demo` runs three of these.
//!
//! ```sh
//! export MCPWIRE_STATE_KEYS=$(openssl rand -hex 32)
//! cargo run -p mcpwire --example replica -- --name replica-1 --listen 127.0.0.1:4001
//! ```

#![allow(
    clippy::unused_async,
    reason = "a handler is an async function, whether it waits or not"
)]

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use mcpwire::dispatch::{Changes, Form, KeyRing};
use mcpwire::{Args, HandlerError, Input, Json, Progress, Router, http, resource, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

const MENU: &str = "menu://today";

pub(crate) fn server(name: &str, keys: KeyRing) -> Router {
    Router::new(name, env!("CARGO_PKG_VERSION"))
        .key_ring(keys)
        .tool(tool("add").description("Add two integers"), add)
        .tool(
            tool("book_table").description("Book a table for a day"),
            book_table,
        )
        .tool(tool("bake").description("Bake some loaves of bread"), bake)
        .tool(
            tool("change_menu").description("Say that the menu has changed"),
            change_menu,
        )
        .resource(
            resource(MENU)
                .name("Menu of the day")
                .mime_type("text/plain"),
            menu,
        )
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    x: i64,
    y: i64,
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

async fn add(Args(Add { x, y }): Args<Add>) -> Result<Json<Sum>, HandlerError> {
    let sum = x
        .checked_add(y)
        .ok_or_else(|| HandlerError::tool("the sum is too large"))?;
    Ok(Json(Sum { sum }))
}

#[derive(Deserialize, JsonSchema)]
struct Booking {
    /// The day of the week.
    day: String,
}

/// Two questions. Each time the handler runs again from the top, wherever the answer arrived; what was
/// answered before comes back with the client, sealed.
async fn book_table(
    Args(Booking { day }): Args<Booking>,
    input: Input,
) -> Result<String, HandlerError> {
    let form = Form::new("For how many?")
        .integer("guests")
        .minimum(1)
        .required();
    let table = input.elicit("guests", form)?.require()?;
    let form = Form::new("Under which name?").string("name").required();
    let guest = input.elicit("name", form)?.require()?;
    // Whatever has effects comes after the last question.
    let guests = table.integer("guests").unwrap_or_default();
    let name = guest.text("name").unwrap_or_default();
    Ok(format!(
        "A table for {guests} on {day}, under the name of {name}"
    ))
}

#[derive(Deserialize, JsonSchema)]
struct Loaves {
    loaves: u32,
}

async fn bake(
    Args(Loaves { loaves }): Args<Loaves>,
    progress: Progress,
) -> Result<String, HandlerError> {
    let progress = progress.with_total(loaves);
    for baked in 1..=loaves {
        sleep(Duration::from_millis(50)).await;
        progress.report(baked).await;
    }
    Ok(format!("{loaves} loaves of bread"))
}

/// Tells the streams of this process. A bus that reaches the other replicas would tell theirs.
async fn change_menu(changes: Changes) -> Result<&'static str, HandlerError> {
    changes.resource_updated(MENU);
    Ok("The menu has changed")
}

async fn menu() -> Result<&'static str, HandlerError> {
    Ok("Soup, bread, and an apple")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    let server = server(&options.name, KeyRing::from_env("MCPWIRE_STATE_KEYS")?);

    let listener = TcpListener::bind(&options.listen).await?;
    // Whoever started this program waits for the URL.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "http://{}/mcp", listener.local_addr()?)?;
    stdout.flush()?;
    eprintln!("request state key {}", server.key_fingerprint());

    let end = end(options.until_stdin_closes);
    http::serve(listener, server)
        .with_graceful_shutdown(end)
        .await?;
    Ok(())
}

struct Options {
    name: String,
    listen: String,
    until_stdin_closes: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            name: "replica".to_owned(),
            listen: "127.0.0.1:0".to_owned(),
            until_stdin_closes: false,
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--name" => options.name = value()?,
                "--listen" => options.listen = value()?,
                "--until-stdin-closes" => options.until_stdin_closes = true,
                _ => return Err(format!("unknown option {arg}")),
            }
        }
        Ok(options)
    }
}

/// Ends on Ctrl-C; with the flag when standard input does, so as not to outlive whoever holds it.
async fn end(until_stdin_closes: bool) {
    if !until_stdin_closes {
        told_to_end().await;
        return;
    }
    let (sender, closed) = oneshot::channel::<()>();
    // A thread of its own: a runtime that shuts down would wait for a blocking read.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(sender);
    });
    let _ = closed.await;
}

/// Ctrl-C, or SIGTERM, which is how systemd and Kubernetes say it.
async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt => {}
        }
        return;
    }
    let _ = interrupt.await;
}
