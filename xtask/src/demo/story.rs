//! The conversation itself: what is asked, and what has to come back.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use mcpwire::Client;
use mcpwire::client::{Event, Listen};
use mcpwire::types::{
    CallToolResult, ContentBlock, ElicitAction, ElicitRequestFormParams, ElicitResult, ElicitValue,
    JSONValue, PROTOCOL_VERSION, SubscriptionFilter,
};
use serde::Serialize;
use serde_json::json;

use super::balance::Balance;
use super::watch::{Journal, Watch, print_row};
use super::{REPLICAS, spelled};
use crate::outcome::Tally;

const MENU: &str = "menu://today";
/// How long all of it may take: many times what it does.
const LIMIT: Duration = Duration::from_secs(30);

/// Has the whole conversation with the gateway at this URL, printing a row for each request, then a
/// verdict. `balance` is what the gateway serves.
pub(super) async fn tell(url: &str, balance: &Balance) -> Tally {
    let started = Instant::now();
    print_row("#", "request", "answered", "reply", "time");
    let journal = Journal::new(balance.clone());
    let talk = conversation(url, balance, &journal);
    let outcome = tokio::time::timeout(LIMIT, talk).await;
    println!();
    let failed = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some(format!("it was not over after {} s", LIMIT.as_secs())),
    };
    let requests = journal.requests();
    if let Some(why) = failed {
        println!("verdict: FAILED after request {requests}: {why}");
        return Tally {
            passed: requests.saturating_sub(1),
            failed: 1,
        };
    }
    println!(
        "The gateway sent requests 8 and 9 to one replica because it was told to: a change reaches the\n\
         streams of the process in which it is announced. mcpwire-nats is a change bus that carries it to\n\
         the streams of all; `cargo xtask balancer` runs replicas that have one.\n"
    );
    let everybody = journal.replicas() == REPLICAS;
    println!(
        "verdict: {}: {requests} requests in {}, answered by {} replicas that kept nothing between them",
        if everybody { "ok" } else { "FAILED" },
        spelled(started.elapsed()),
        journal.replicas(),
    );
    Tally {
        passed: requests,
        failed: usize::from(!everybody),
    }
}

async fn conversation(url: &str, balance: &Balance, journal: &Journal) -> Result<(), String> {
    let remote = mcpwire::http::client::Client::new(url).map_err(|error| explained(&error))?;
    let client = Client::builder(Watch::new(remote, journal.clone()))
        .info("mcpwire-demo", env!("CARGO_PKG_VERSION"))
        .on_form(fill_in)
        .build();

    let found = client.discover().await.map_err(|error| explained(&error))?;
    let versions = found.supported_versions;
    expect(versions == [PROTOCOL_VERSION], "the revision", &versions)?;

    let tools = client
        .list_tools()
        .await
        .map_err(|error| explained(&error))?;
    expect(tools.len() >= 3, "tools", &tools.len())?;

    let added = call(&client, "add", &json!({"x": 2, "y": 40})).await?;
    let sum = added.structured_content.as_ref().map(JSONValue::as_str);
    expect(sum == Some(r#"{"sum":42}"#), "a sum of 42", &sum)?;

    // One call to whoever makes it. On the way there are two questions, each asked by another replica;
    // the answer to the first travels on to the third, sealed in the request state.
    let booked = call(&client, "book_table", &json!({"day": "Friday"})).await?;
    let text = text_of(&booked);
    let all = ["Friday", "4", "Ada"]
        .iter()
        .all(|part| text.contains(part));
    expect(all, "a booking for Ada and 4 on Friday", &text)?;
    let taken_over = journal.taken_over();
    expect(
        taken_over == 1,
        "one replica to go on from the state of another",
        &taken_over,
    )?;

    let mut baked = Vec::new();
    client
        .call_tool("bake", &json!({"loaves": 3}))
        .on_progress(|step| baked.extend(step.progress.as_i64()))
        .await
        .map_err(|error| explained(&error))?;
    expect(baked == [1, 2, 3], "progress in three steps", &baked)?;

    listen(&client, balance).await
}

/// Fills in a form, as a user would.
async fn fill_in(form: ElicitRequestFormParams<'static>) -> Result<ElicitResult<'static>, String> {
    let answer = |field: &str| match field {
        "guests" => Ok((field.to_owned(), ElicitValue::from(4))),
        "name" => Ok((field.to_owned(), ElicitValue::from("Ada"))),
        _ => Err(format!("an unforeseen question: {:?}", form.message)),
    };
    let fields = form.requested_schema.properties.keys();
    let content = fields.map(answer).collect::<Result<Vec<_>, _>>()?;
    Ok(ElicitResult::new(ElicitAction::Accept).content(content))
}

/// Opens a stream, has something change on the replica that holds it, and sees that on the stream.
async fn listen(client: &Client, balance: &Balance) -> Result<(), String> {
    let started = Instant::now();
    let mut events = client.listen(SubscriptionFilter::new().resource_subscriptions([MENU]));
    let first = next(&mut events).await?;
    expect(
        matches!(first, Event::Listening(_)),
        "an acknowledgement",
        &first,
    )?;
    let holder = balance.last().to_owned();

    balance.stay();
    call(client, "change_menu", &()).await?;

    let change = next(&mut events).await?;
    let seen = matches!(&change, Event::ResourceUpdated { uri } if uri == MENU);
    expect(seen, "the change", &change)?;
    drop(events);
    let time = spelled(started.elapsed());
    print_row(
        "",
        "  its stream, then closed by us",
        &holder,
        "SSE, the change",
        &time,
    );
    Ok(())
}

async fn next(events: &mut Listen) -> Result<Event, String> {
    let event = events.next().await;
    event.ok_or_else(|| "the stream ended".to_owned())
}

/// Calls a tool that has to do what it is for.
async fn call(
    client: &Client,
    tool: &str,
    arguments: &impl Serialize,
) -> Result<CallToolResult<'static>, String> {
    let result = client.call_tool(tool, arguments).await;
    let result = result.map_err(|error| explained(&error))?;
    if result.is_error == Some(true) {
        return Err(format!("{tool} failed: {}", text_of(&result)));
    }
    Ok(result)
}

/// The first text in a result.
fn text_of(result: &CallToolResult<'_>) -> String {
    let mut texts = result.content.iter().filter_map(|block| match block {
        ContentBlock::Text(text) => Some(text.text.clone().into_owned()),
        _ => None,
    });
    texts.next().unwrap_or_default()
}

fn expect(holds: bool, what: &str, found: &impl std::fmt::Debug) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("expected {what}, found {found:?}"))
    }
}

/// An error with its reasons.
fn explained(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        text = format!("{text}: {reason}");
        source = reason.source();
    }
    text
}
