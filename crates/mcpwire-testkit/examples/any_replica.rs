//! The law on a small server, and how much of it fits into a second.
//!
//! `cargo run -p mcpwire-testkit --example any_replica --release`

#![expect(clippy::print_stdout, reason = "an example shows what comes out")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mcpwire_dispatch::{
    Args, Form, HandlerError, Input, KeyRing, Progress, RawArgs, Router, resource_template, tool,
};
use mcpwire_testkit::law::{self, Options};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Booking {
    /// The day of the week.
    day: String,
}

async fn book_table(
    Args(Booking { day }): Args<Booking>,
    input: Input,
) -> Result<String, HandlerError> {
    let form = Form::new("For how many?")
        .integer("guests")
        .minimum(1)
        .required();
    let guests = input.elicit("guests", form)?.require()?;
    let form = Form::new("Under which name?").string("name").required();
    let name = input.elicit("name", form)?.require()?;
    Ok(format!(
        "{day}: {:?} for {:?}",
        guests.integer("guests"),
        name.text("name")
    ))
}

async fn bake(progress: Progress) -> Result<&'static str, HandlerError> {
    for baked in 1..=3 {
        // Takes no time: the clock of the law stands still.
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        progress.report(baked).await;
    }
    Ok("three loaves of bread")
}

/// What all replicas share is given: the key of their request state.
fn server(keys: KeyRing) -> Router {
    Router::new("restaurant", "1.0.0")
        .key_ring(keys)
        .tool(
            tool("book_table").description("Book a table for a day"),
            book_table,
        )
        .tool(tool("bake").description("Bake bread"), bake)
        .resource_template(
            resource_template("menu://{day}").name("menu"),
            async |mcpwire_dispatch::Path(day): mcpwire_dispatch::Path<String>| {
                Ok(format!("{day}: soup"))
            },
        )
}

fn main() -> Result<(), law::Error> {
    let cases = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let options = Options::default().cases(cases.unwrap_or(2000));
    let keys = KeyRing::new([7; 32]);
    let start = Instant::now();
    let report = law::any_replica(|| server(keys.clone()), options.clone())?;
    let elapsed = start.elapsed();
    println!(
        "{} conversations with {} requests on three replicas, and the same on one, in {elapsed:.1?}: {:.0} a second",
        report.cases,
        report.requests,
        f64::from(u32::try_from(report.cases).unwrap_or(u32::MAX)) / elapsed.as_secs_f64(),
    );

    // A server that remembers something: the second call shows where it went.
    let forgetful = || {
        let served = Arc::new(AtomicU64::new(0));
        server(keys.clone()).tool("served", move |_: RawArgs| {
            let served = Arc::clone(&served);
            async move { Ok(format!("{}", served.fetch_add(1, Ordering::SeqCst))) }
        })
    };
    if let Err(error) = law::any_replica(forgetful, options) {
        println!("\nand this is what a counter in memory comes to:\n{error}");
    }
    Ok(())
}
