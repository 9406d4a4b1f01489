//! A small server, driven without any transport: one request after another, as bytes.
//!
//! `cargo run -p mcpwire-dispatch --example weather`

#![expect(clippy::print_stdout, reason = "an example shows what comes out")]

use std::collections::BTreeMap;
use std::sync::Arc;

use mcpwire_codec::Message;
use mcpwire_dispatch::{
    Args, Argument, HandlerError, Json, Path, Router, State, prompt, resource_template, tool,
};
use mcpwire_service::{BoxError, Reply, Request, oneshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Degrees by city.
type Readings = Arc<BTreeMap<&'static str, f64>>;

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

async fn current(
    Args(place): Args<Place>,
    State(readings): State<Readings>,
) -> Result<Json<Reading>, HandlerError> {
    let Some(celsius) = readings.get(&*place.city).copied() else {
        let known: Vec<_> = readings.keys().copied().collect();
        return Err(HandlerError::tool(format!(
            "no readings for {}, try {}",
            place.city,
            known.join(", ")
        )));
    };
    Ok(Json(Reading {
        city: place.city,
        celsius,
    }))
}

async fn report(
    Path(city): Path<String>,
    State(readings): State<Readings>,
) -> Result<String, HandlerError> {
    match readings.get(&*city) {
        Some(celsius) => Ok(format!("{city}: {celsius} °C")),
        None => Err(HandlerError::not_found(&format!("weather://{city}"))),
    }
}

async fn complete_city(
    typed: Argument,
    State(readings): State<Readings>,
) -> Result<Vec<String>, HandlerError> {
    let cities = readings
        .keys()
        .filter(|city| city.starts_with(typed.value()));
    Ok(cities.map(|city| (*city).to_owned()).collect())
}

fn server() -> Router {
    let readings: Readings = Arc::new(BTreeMap::from([
        ("oslo", -3.5),
        ("osaka", 11.0),
        ("quito", 17.5),
    ]));
    Router::new("weather", "1.0.0")
        .instructions("Readings are an hour old at most.")
        .state(readings)
        .tool(
            tool("current")
                .description("The temperature in a city")
                .read_only(true),
            current,
        )
        .resource_template(
            resource_template("weather://{city}")
                .name("report")
                .mime_type("text/plain"),
            report,
        )
        .complete_template("weather://{city}", "city", complete_city)
        .prompt(
            prompt("pack").description("What to pack"),
            |Args(place): Args<Place>| async move {
                Ok(format!(
                    "Look up the weather in {} and tell me what to pack.",
                    place.city
                ))
            },
        )
}

/// Sends one request and prints what comes back.
async fn ask(
    server: &Router,
    id: u32,
    method: &str,
    params: serde_json::Value,
) -> Result<(), BoxError> {
    let meta = serde_json::json!({
        "io.modelcontextprotocol/protocolVersion": mcpwire_types::PROTOCOL_VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let mut params = params;
    if let Some(members) = params.as_object_mut() {
        members.insert("_meta".to_owned(), meta);
    }
    let message =
        serde_json::json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let message = Message::decode(message.to_string())?;
    let request = Request::new(message).map_err(|_| "not a request")?;
    let id = request.id().clone();
    if let Reply::Response(response) = oneshot(server.clone(), request).await? {
        let bytes = response.encode(&id).to_bytes();
        println!("{method}\n  {}", String::from_utf8_lossy(&bytes));
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let server = server();
    let json = |text| serde_json::from_str::<serde_json::Value>(text);
    ask(&server, 1, "server/discover", json("{}")?).await?;
    ask(&server, 2, "tools/list", json("{}")?).await?;
    ask(
        &server,
        3,
        "tools/call",
        json(r#"{"name": "current", "arguments": {"city": "oslo"}}"#)?,
    )
    .await?;
    ask(
        &server,
        4,
        "tools/call",
        json(r#"{"name": "current", "arguments": {"city": "rome"}}"#)?,
    )
    .await?;
    ask(
        &server,
        5,
        "resources/read",
        json(r#"{"uri": "weather://quito"}"#)?,
    )
    .await?;
    let typed = r#"{"ref": {"type": "ref/resource", "uri": "weather://{city}"}, "argument": {"name": "city", "value": "os"}}"#;
    ask(&server, 6, "completion/complete", json(typed)?).await?;
    ask(
        &server,
        7,
        "prompts/get",
        json(r#"{"name": "pack", "arguments": {"city": "oslo"}}"#)?,
    )
    .await
}
