//! What the law is for: servers whose answers depend on which instance a request reaches.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mcpwire_dispatch::{
    Changes, Form, HandlerError, Input, KeyRing, LocalBus, RawArgs, Router, State, tool,
};
use mcpwire_testkit::Mask;
use mcpwire_testkit::law::{self, Conversation, Error, Options, Placement, Step};
use serde_json::json;

#[derive(Clone, Default)]
struct Count(Arc<AtomicU64>);

async fn next(_: RawArgs, State(count): State<Count>) -> Result<String, HandlerError> {
    Ok(count.0.fetch_add(1, Ordering::SeqCst).to_string())
}

fn counter(count: Count) -> Router {
    Router::new("counter", "1")
        .key_ring(KeyRing::new([7; 32]))
        .state(count)
        .tool("next", next)
}

async fn two_questions(input: Input) -> Result<String, HandlerError> {
    let name = Form::new("Name?").string("name").required();
    let name = input.elicit("name", name)?.require()?;
    let age = Form::new("Age?").integer("age").minimum(0).required();
    let age = input.elicit("age", age)?.require()?;
    Ok(format!(
        "{:?} is {:?}",
        name.text("name"),
        age.integer("age")
    ))
}

fn asking(keys: KeyRing) -> Router {
    Router::new("asking", "1")
        .key_ring(keys)
        .tool("two_questions", two_questions)
}

fn message(error: &Error) -> String {
    let message = error.to_string();
    // What a failed `unwrap` shows.
    assert_eq!(message, format!("{error:?}"));
    message
}

#[test]
fn a_counter_in_the_state_is_caught() {
    let error = law::any_replica(|| counter(Count::default()), Options::default()).unwrap_err();
    let text = message(&error);
    assert!(
        text.contains("request 2, tools/call, on instance"),
        "{text}"
    );
    assert!(
        text.contains(r#"they differ at $.result.content[0].text: "1" became "0""#),
        "{text}"
    );
    assert!(
        text.contains("because this earlier request was elsewhere\n    request 1, tools/call"),
        "{text}"
    );
    // As small as it gets.
    let diverged = error.diverged().unwrap();
    assert_eq!((diverged.request.number, diverged.elsewhere.len()), (2, 1));
    assert_eq!(diverged.seed, Some(0));
}

#[test]
fn the_same_counter_in_a_shared_store_is_not() {
    let deployments = law::deployments(|| {
        let count = Count::default();
        move || counter(count.clone())
    });
    deployments.verify().unwrap();
}

#[test]
fn a_store_that_outlives_a_run_is_told_apart() {
    let count = Count::default();
    let error = law::any_replica(|| counter(count.clone()), Options::default()).unwrap_err();
    assert!(matches!(error, Error::NotRepeatable(_)), "{error}");
    assert!(
        message(&error).contains("has to be made anew in the closure"),
        "{error}"
    );
}

#[test]
fn mrtr_43_random_keys_are_caught() {
    let error = law::any_replica(|| asking(KeyRing::random()), Options::default()).unwrap_err();
    let text = message(&error);
    assert!(text.contains("have all the same key ring?"), "{text}");
    assert!(text.contains("-32602"), "{text}");
    let options = Options::default().cases(64);
    law::any_replica(|| asking(KeyRing::new([7; 32])), options).unwrap();
}

#[test]
fn mrtr_30_state_of_another_principal_is_refused_everywhere() {
    let options = Options::default().cases(64).principals(["ada", "bob"]);
    law::any_replica(|| asking(KeyRing::new([7; 32])), options).unwrap();
}

fn announcing(bus: Option<LocalBus>) -> Router {
    let router = Router::new("announcing", "1").key_ring(KeyRing::new([7; 32]));
    let router = match bus {
        Some(bus) => router.bus(bus),
        None => router,
    };
    router
        .resource("menu://today", async || Ok("Soup"))
        .tool("change", async |changes: Changes| {
            changes.resource_updated("menu://today");
            Ok("changed")
        })
}

#[test]
fn sub_15_a_change_that_stays_on_its_replica_is_caught() {
    let error = law::any_replica(|| announcing(None), Options::default()).unwrap_err();
    let text = message(&error);
    assert!(text.contains("subscriptions/listen, on instance"), "{text}");
    assert!(
        text.contains("its stream was open during\n    request 2, tools/call"),
        "{text}"
    );
    assert!(text.contains("is the change bus shared?"), "{text}");
}

#[test]
fn sub_15_a_shared_bus_reaches_every_replica() {
    let deployments = law::deployments(|| {
        let bus = LocalBus::new();
        move || announcing(Some(bus.clone()))
    });
    deployments.verify().unwrap();
}

#[test]
fn what_differs_each_time_is_named_and_can_be_masked() {
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    let server = || {
        Router::new("clock", "1")
            .key_ring(KeyRing::new([7; 32]))
            .tool("now", async |_: RawArgs| {
                Ok(CLOCK.fetch_add(1, Ordering::SeqCst).to_string())
            })
    };
    let error = law::any_replica(server, Options::default()).unwrap_err();
    assert!(matches!(error, Error::NotRepeatable(_)), "{error}");
    let mask = Mask::default().pointer("/result/content/*/text");
    law::any_replica(server, Options::default().mask(mask)).unwrap();
}

fn key_of(arguments: &RawArgs) -> Result<String, HandlerError> {
    let json: serde_json::Value = arguments.parse()?;
    Ok(json
        .get("key")
        .and_then(|key| key.as_str())
        .unwrap_or_default()
        .to_owned())
}

/// The key of what was put and what is asked for has to be the same, which words of a small pool are.
#[test]
fn what_one_tool_keeps_for_another_is_caught() {
    #[derive(Clone, Default)]
    struct Notes(Arc<std::sync::Mutex<std::collections::BTreeMap<String, String>>>);
    let key =
        json!({"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]});
    let server = move || {
        Router::new("notes", "1")
            .key_ring(KeyRing::new([7; 32]))
            .state(Notes::default())
            .tool(
                tool("put").input_schema(key.clone()),
                async |arguments: RawArgs, State(notes): State<Notes>| {
                    notes
                        .0
                        .lock()
                        .unwrap()
                        .insert(key_of(&arguments)?, "kept".to_owned());
                    Ok("done")
                },
            )
            .tool(
                tool("get").input_schema(key.clone()),
                async |arguments: RawArgs, State(notes): State<Notes>| {
                    let found = notes.0.lock().unwrap().get(&key_of(&arguments)?).cloned();
                    found.ok_or_else(|| HandlerError::tool("there is no such note"))
                },
            )
    };
    let error = law::any_replica(server, Options::default()).unwrap_err();
    let diverged = error.diverged().unwrap();
    assert_eq!(diverged.request.number, 2, "{error}");
    assert!(diverged.request.message.contains(r#""get""#), "{error}");
    assert!(
        diverged.elsewhere[0].message.contains(r#""put""#),
        "{error}"
    );
}

#[test]
fn the_request_to_blame_is_found_among_others() {
    let conversation = Conversation::new([
        Step::new("server/discover", json!({})),
        Step::tool("next", json!({})),
        Step::new("tools/list", json!({})),
        Step::tool("next", json!({})),
    ]);
    let replicas = law::replicas(|| counter(Count::default()));
    let together = Placement::of_steps(2, [[0], [1], [0], [1]]);
    replicas.check(&conversation, &together).unwrap();
    let error = replicas.check(&conversation, &Placement::of_steps(2, [[0], [0], [0], [1]]));
    let error = error.unwrap_err();
    let diverged = error.diverged().unwrap();
    let elsewhere: Vec<_> = diverged.elsewhere.iter().map(|it| it.number).collect();
    assert_eq!(
        (diverged.request.number, elsewhere),
        (4, vec![2]),
        "{error}"
    );
}

#[test]
fn the_same_seed_finds_the_same() {
    let find = |seed| {
        let options = Options::default().seed(seed);
        message(&law::any_replica(|| counter(Count::default()), options).unwrap_err())
    };
    assert_eq!(find(3), find(3));
}

#[tokio::test]
async fn inside_a_runtime_it_says_so() {
    let error = law::any_replica(|| counter(Count::default()), Options::default()).unwrap_err();
    assert!(matches!(error, Error::InsideRuntime));
}
