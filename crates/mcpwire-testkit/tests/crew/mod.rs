//! A server, and clients that do some of everything with it, try again when that fails, and check what
//! they get.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own share of this"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use mcpwire_client::{Client, End, Error, Event};
use mcpwire_dispatch::{
    Args, Changes, ElicitAnswer, Form, HandlerError, Input, KeyRing, Limits, LocalBus, Progress,
    Router, State, resource, tool,
};
use mcpwire_service::BoxError;
use mcpwire_testkit::sim::{Faults, Network, Peer};
use mcpwire_types::{
    CallToolResult, ContentBlock, ElicitAction, ElicitResult, ElicitValue, SubscriptionFilter,
    TextOrBlobResourceContents,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

/// The steps that a count takes.
const STEPS: u32 = 5;

/// How many times the resource changes.
const CHANGES: u64 = 8;

const NOTE: &str = "note://shared";

/// What the replicas have in common: a database, a bus, and the keys.
#[derive(Clone)]
pub struct Common {
    ring: KeyRing,
    bus: LocalBus,
    version: Arc<AtomicU64>,
    /// How many times each attempt of a call was acted on.
    acts: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Common {
    /// The same, but for the keys of this replica.
    pub fn other_keys(&self, index: usize) -> Self {
        let key = [u8::try_from(index).unwrap_or(u8::MAX); 32];
        Self {
            ring: KeyRing::new(key),
            ..self.clone()
        }
    }

    /// The same, but for a bus that ends in this replica.
    pub fn other_bus(&self) -> Self {
        Self {
            bus: LocalBus::default(),
            ..self.clone()
        }
    }
}

impl Default for Common {
    fn default() -> Self {
        Self {
            ring: KeyRing::new([7; 32]),
            bus: LocalBus::default(),
            version: Arc::default(),
            acts: Arc::default(),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

/// A fresh instance.
pub fn replica(common: &Common) -> Router {
    let limits = Limits::default().page_size(2);
    Router::new("crew", "1")
        .limits(limits)
        .key_ring(common.ring.clone())
        .bus(common.bus.clone())
        .state(common.clone())
        .tool(
            tool("echo"),
            |State(common): State<Common>, Args(echo): Args<Echo>| async move {
                *common
                    .acts
                    .lock()
                    .unwrap()
                    .entry(echo.text.clone())
                    .or_default() += 1;
                Ok(echo.text)
            },
        )
        .tool(tool("ask"), ask)
        .tool(tool("count"), |progress: Progress| async move {
            for step in 1..=STEPS {
                sleep(Duration::from_millis(20)).await;
                progress.report(step).await;
            }
            Ok("counted")
        })
        .tool(
            tool("change"),
            |State(common): State<Common>, changes: Changes| async move {
                let version = common.version.fetch_add(1, Ordering::Relaxed) + 1;
                changes.resource_updated(NOTE);
                Ok(version.to_string())
            },
        )
        .tool(tool("idle"), || async { Ok("never called") })
        .resource(resource(NOTE), |State(common): State<Common>| async move {
            Ok(common.version.load(Ordering::Relaxed).to_string())
        })
}

async fn ask(input: Input) -> Result<String, HandlerError> {
    input.bind();
    let said = |answer: ElicitAnswer| {
        Ok::<_, HandlerError>(answer.require()?.text("x").unwrap_or_default().to_owned())
    };
    let one = said(input.elicit("one", Form::new("one").string("x").required())?)?;
    let two = said(input.elicit("two", Form::new("two").string("x").required())?)?;
    Ok(format!("{one} {two} in round {}", input.round()))
}

/// The whole crew: callers, one that makes changes, and listeners.
pub fn network(seed: u64, faults: Faults, common: &Common) -> Network {
    let common = common.clone();
    crew(seed, faults, move |_| common.clone())
}

/// The crew, with replicas that have what the function gives them.
pub fn crew(seed: u64, faults: Faults, common: impl Fn(usize) -> Common + 'static) -> Network {
    let mut network = Network::new(seed)
        .faults(faults)
        .replicas(3, move |index| replica(&common(index)));
    for _ in 0..3 {
        network = network.client(caller);
    }
    for _ in 0..2 {
        network = network.client(listener);
    }
    network.client(changer)
}

/// That nothing was done more often than it was asked for.
pub fn check_acts(common: &Common, most: u32) {
    for (text, times) in &*common.acts.lock().unwrap() {
        assert!(*times <= most, "{text:?} was acted on {times} times");
    }
}

pub fn client(peer: &Peer) -> Client {
    let name = peer.name().to_owned();
    Client::builder(peer.connect())
        .on_form(move |form| {
            let answer = format!("{name}:{}", form.message);
            async move {
                let content = [("x", ElicitValue::from(answer))];
                Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Accept).content(content))
            }
        })
        .build()
}

/// Waits for a time that the seed gives.
pub async fn pause(peer: &Peer, up_to: u64) {
    sleep(Duration::from_millis(peer.random() % up_to)).await;
}

/// Tries until there is an answer. What is no clean failure is a wrong answer.
pub async fn persist<T>(
    peer: &Peer,
    what: &str,
    mut attempt: impl AsyncFnMut(u32) -> Result<T, Error>,
) -> Result<T, BoxError> {
    const MOST: u32 = 30;
    for number in 0..MOST {
        match attempt(number).await {
            Ok(answer) => return Ok(answer),
            Err(error) => {
                peer.note(format_args!("{what} failed: {error}"));
                if !is_clean(&error) {
                    return Err(format!("{what}: {error:?}").into());
                }
            }
        }
        pause(peer, 200).await;
    }
    Err(format!("{what}: no answer in {MOST} attempts").into())
}

fn is_clean(error: &Error) -> bool {
    matches!(
        error,
        Error::Transport(_) | Error::Interrupted { .. } | Error::Timeout { .. }
    )
}

fn text<'a>(result: &'a CallToolResult<'_>) -> &'a str {
    match &result.content[..] {
        [ContentBlock::Text(text)] => &text.text,
        _ => "",
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, due: &T) -> Result<(), BoxError> {
    if found == due {
        return Ok(());
    }
    Err(format!("{what}: {found:?} in place of {due:?}").into())
}

async fn caller(peer: Peer) -> Result<(), BoxError> {
    let client = client(&peer);
    for round in 0..10 {
        match peer.random() % 4 {
            0 => list(&peer, &client).await?,
            1 => echo(&peer, &client, round).await?,
            2 => elicit(&peer, &client).await?,
            _ => count(&peer, &client).await?,
        }
        pause(&peer, 300).await;
    }
    Ok(())
}

async fn list(peer: &Peer, client: &Client) -> Result<(), BoxError> {
    let tools = persist(peer, "list", async |_| client.list_tools().await).await?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
    let due = ["ask", "change", "count", "echo", "idle"];
    let mut sorted = names.clone();
    sorted.sort();
    peer.note(format_args!("listed {names:?}"));
    expect("list", &sorted, &due.map(str::to_owned).to_vec())
}

async fn echo(peer: &Peer, client: &Client, round: u32) -> Result<(), BoxError> {
    let (said, due) = persist(peer, "echo", async |attempt| {
        let due = format!("{} {round}.{attempt}", peer.name());
        let result = client.call_tool("echo", &json!({"text": due})).await?;
        Ok((text(&result).to_owned(), due))
    })
    .await?;
    peer.note(format_args!("echoed {said}"));
    expect("echo", &said, &due)
}

async fn elicit(peer: &Peer, client: &Client) -> Result<(), BoxError> {
    let result = persist(peer, "ask", async |_| client.call_tool("ask", &()).await).await?;
    let name = peer.name();
    peer.note(format_args!("asked, and got {}", text(&result)));
    let due = format!("{name}:one {name}:two in round 3");
    expect("ask", &text(&result), &due.as_str())
}

async fn count(peer: &Peer, client: &Client) -> Result<(), BoxError> {
    let all: Vec<_> = (1..=STEPS).map(|step| step.to_string()).collect();
    let steps = persist(peer, "count", async |_| {
        let mut steps = vec![];
        let call = client.call_tool("count", &());
        let call = call.on_progress(|progress| steps.push(progress.progress.to_string()));
        let outcome = call.await;
        // What is heard before a failure is right, too.
        assert!(all.starts_with(&steps), "{steps:?}");
        outcome.map(|result| (steps, text(&result).to_owned()))
    })
    .await?;
    peer.note("counted");
    expect("count", &steps, &(all, "counted".to_owned()))
}

async fn changer(peer: Peer) -> Result<(), BoxError> {
    let client = client(&peer);
    let mut version = 0;
    while version < CHANGES {
        pause(&peer, 1500).await;
        let made = persist(&peer, "change", async |_| {
            client.call_tool("change", &()).await
        })
        .await?;
        let made = text(&made).parse()?;
        if made <= version {
            return Err(format!("version {made} after {version}").into());
        }
        version = made;
        peer.note(format_args!("version {version}"));
    }
    Ok(())
}

/// Reads again whenever it hears of a change or may have missed one, and is done when that has shown
/// the last version: a change that got lost leaves it waiting.
async fn listener(peer: Peer) -> Result<(), BoxError> {
    let client = client(&peer);
    let mut version = 0;
    loop {
        let filter = SubscriptionFilter::new().resource_subscriptions([NOTE]);
        let mut events = client.listen_once(filter);
        let mut updates = 0;
        let before = version;
        while let Some(event) = events.next().await {
            match event {
                Event::Listening(_) => peer.note("listens"),
                Event::ResourceUpdated { uri } if uri == NOTE => {
                    updates += 1;
                    peer.note("hears");
                }
                Event::Ended(End::Lost(error)) if is_clean(&error) => {
                    peer.note(format_args!("loses its stream: {error}"));
                    break;
                }
                other => return Err(format!("{other:?}").into()),
            }
            let read = read(&peer, &client).await?;
            if read < version {
                return Err(format!("version {read} after {version}").into());
            }
            version = read;
            // What a stream tells of has happened since it was opened, and so since the last read.
            if updates > version - before {
                return Err(format!("{updates} updates from {before} to {version}").into());
            }
            if version >= CHANGES {
                return Ok(());
            }
        }
        pause(&peer, 300).await;
    }
}

async fn read(peer: &Peer, client: &Client) -> Result<u64, BoxError> {
    let result = persist(peer, "read", async |_| client.read_resource(NOTE).await).await?;
    match &result.contents[..] {
        [TextOrBlobResourceContents::Text(note)] => {
            peer.note(format_args!("reads {}", note.text));
            Ok(note.text.parse()?)
        }
        other => Err(format!("{other:?}").into()),
    }
}
