//! Servers that the law holds for, with something of everything that a server can have.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mcpwire_dispatch::{
    Args, Argument, HandlerError, Json, KeyRing, Limits, Log, Path, Progress, Router, prompt,
    resource_template, tool,
};
use mcpwire_testkit::law::{self, Options, Step};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Deserialize, JsonSchema)]
struct Place {
    /// Name of the city, in lower case.
    city: String,
}

#[derive(Serialize, JsonSchema)]
struct Reading {
    city: String,
    celsius: f64,
}

async fn current(Args(place): Args<Place>) -> Result<Json<Reading>, HandlerError> {
    if place.city != "oslo" {
        return Err(HandlerError::tool("no readings, try oslo"));
    }
    Ok(Json(Reading {
        city: place.city,
        celsius: -3.5,
    }))
}

async fn slow(progress: Progress, log: Log) -> Result<&'static str, HandlerError> {
    for step in 1..=3 {
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        progress.report(step).await;
        log.info("an hour later").await;
    }
    Ok("three hours")
}

async fn complete_city(typed: Argument) -> Result<Vec<String>, HandlerError> {
    let cities = ["oslo", "osaka", "quito"].into_iter();
    let cities = cities.filter(|city| city.starts_with(typed.value()));
    Ok(cities.map(str::to_owned).collect())
}

/// The example of the dispatcher, with pages of one entry, progress and log messages.
fn weather() -> Router {
    Router::new("weather", "1.0.0")
        .key_ring(KeyRing::new([7; 32]))
        .limits(Limits::default().page_size(1))
        .instructions("Readings are an hour old at most.")
        .tool(tool("current").read_only(true), current)
        .tool("slow", slow)
        .resource("weather://all", async || Ok("cold"))
        .resource_template(
            resource_template("weather://{city}").name("report"),
            async |Path(city): Path<String>| Ok(format!("{city}: -3.5")),
        )
        .complete_template("weather://{city}", "city", complete_city)
        .prompt(prompt("pack"), async |Args(place): Args<Place>| {
            Ok(format!("What do I pack for {}?", place.city))
        })
}

#[test]
fn any_replica_of_the_weather_server_answers_any_request() {
    let report = law::any_replica(weather, Options::default().replicas(4)).unwrap();
    assert!(
        report.cases >= 256 && report.requests > report.cases,
        "{report:?}"
    );
}

/// A request that no list tells of.
#[test]
fn requests_of_the_caller_are_sent_too() {
    let asked = Arc::new(AtomicU64::new(0));
    let server = || {
        let asked = Arc::clone(&asked);
        weather().tool("login", move |arguments: mcpwire_dispatch::RawArgs| {
            let asked = Arc::clone(&asked);
            async move {
                let arguments: serde_json::Value = arguments.parse()?;
                if arguments["user"] == "ada" {
                    asked.fetch_add(1, Ordering::SeqCst);
                }
                Ok::<_, HandlerError>("hello")
            }
        })
    };
    let options = Options::default()
        .cases(32)
        .arguments("login", Just(json!({"user": "ada"})))
        .request((0..3).prop_map(|n| Step::new("x/vote", json!({"for": n}))));
    law::any_replica(server, options).unwrap();
    assert!(asked.load(Ordering::SeqCst) > 0);
}
