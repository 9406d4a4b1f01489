//! The server: tools, a resource, prompts, and what goes with them.

#![allow(
    clippy::unused_async,
    reason = "a handler is an async function, whether it waits or not"
)]

use std::time::Duration;

use mcpwire::dispatch::{Changes, Form, KeyRing, Limits};
use mcpwire::{Args, HandlerError, Input, Json, Progress, Router, State, prompt, resource, tool};
use mcpwire_chaos::pure::{booking, digest, greeting};
use mcpwire_chaos::serial::RESOURCE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::state::{Serial, tell};

/// Short pages, so that a list takes several requests.
const PAGE: usize = 3;
/// How many steps one call may ask for, and how long each may take.
const MOST_STEPS: u32 = 1000;
const LONGEST_STEP: u64 = 10_000;

/// What the handlers know beside their arguments.
#[derive(Clone, Debug)]
struct Site {
    name: String,
    serial: Serial,
    /// Whether changes are announced by the replica that makes them, and reach all.
    has_bus: bool,
}

pub(crate) fn build(name: &str, keys: KeyRing, serial: Serial, has_bus: bool) -> Router {
    let site = Site {
        name: name.to_owned(),
        serial,
        has_bus,
    };
    Router::new("mcpwire-replica", env!("CARGO_PKG_VERSION"))
        .limits(Limits::default().page_size(PAGE))
        .key_ring(keys)
        .state(site)
        .tool(
            tool("echo").description("Say a text, and who says it"),
            echo,
        )
        .tool(tool("digest").description("Sum up a text"), sum_up)
        .tool(
            tool("heavy").description("As echo, on a replica for heavy work"),
            echo,
        )
        .tool(
            tool("book_table").description("Book a table for a day"),
            book_table,
        )
        .tool(tool("steps").description("Take some steps"), steps)
        .tool(
            tool("announce").description("Announce a change by its number"),
            announce,
        )
        .resource(
            resource(RESOURCE)
                .name("The number of the newest change")
                .mime_type("text/plain"),
            newest,
        )
        .prompt(prompt("greet").description("Greet somebody"), greet)
        .prompt(
            prompt("welcome").description("The same by another name"),
            greet,
        )
}

#[derive(Deserialize, JsonSchema)]
struct Text {
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Said {
    replica: String,
    text: String,
}

async fn echo(
    Args(Text { text }): Args<Text>,
    State(site): State<Site>,
) -> Result<Json<Said>, HandlerError> {
    Ok(Json(Said {
        replica: site.name,
        text,
    }))
}

async fn sum_up(Args(Text { text }): Args<Text>) -> Result<String, HandlerError> {
    Ok(digest(&text))
}

#[derive(Deserialize, JsonSchema)]
struct Booking {
    day: String,
}

/// Two questions, each of which may be asked by another replica.
async fn book_table(
    Args(Booking { day }): Args<Booking>,
    input: Input,
) -> Result<String, HandlerError> {
    let form = Form::new(format!("For how many, on {day}?"))
        .integer("guests")
        .minimum(1)
        .required();
    let table = input.elicit("guests", form)?.require()?;
    let guests = table.integer("guests").unwrap_or_default();
    let form = Form::new(format!("Under which name, for {guests} on {day}?"))
        .string("name")
        .required();
    let guest = input.elicit("name", form)?.require()?;
    Ok(booking(
        &day,
        guests,
        guest.text("name").unwrap_or_default(),
    ))
}

#[derive(Deserialize, JsonSchema)]
struct Steps {
    count: u32,
    millis: u64,
}

async fn steps(
    Args(Steps { count, millis }): Args<Steps>,
    progress: Progress,
) -> Result<String, HandlerError> {
    if count > MOST_STEPS || millis > LONGEST_STEP {
        let why = format!("at most {MOST_STEPS} steps of {LONGEST_STEP} ms");
        return Err(HandlerError::tool(why));
    }
    let progress = progress.with_total(count);
    for step in 1..=count {
        sleep(Duration::from_millis(millis)).await;
        progress.report(step).await;
    }
    Ok(format!("{count} steps"))
}

#[derive(Deserialize, JsonSchema)]
struct Announce {
    serial: u64,
}

/// May be called again with the same number, by whoever does not know what became of the first call:
/// then it is announced again.
async fn announce(
    Args(Announce { serial }): Args<Announce>,
    State(site): State<Site>,
    changes: Changes,
) -> Result<String, HandlerError> {
    site.serial
        .raise(serial)
        .await
        .map_err(|error| HandlerError::internal(error.to_string()))?;
    if site.has_bus {
        tell(&changes, serial);
    }
    Ok(serial.to_string())
}

async fn newest(State(site): State<Site>) -> Result<String, HandlerError> {
    let serial = site
        .serial
        .read()
        .await
        .map_err(|error| HandlerError::internal(error.to_string()))?;
    Ok(serial.to_string())
}

#[derive(Deserialize, JsonSchema)]
struct Who {
    who: String,
}

async fn greet(Args(Who { who }): Args<Who>) -> Result<String, HandlerError> {
    Ok(greeting(&who))
}
