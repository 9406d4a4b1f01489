//! `subscriptions/listen` (SUB rows).

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use mcpwire_client::{Client, End, Event, Limits, Loss};
use mcpwire_service::{Reply, ReplyItem, ReplyStream};
use mcpwire_types::SubscriptionFilter;
use tokio::time::Instant;

mod common;
use common::{Scripted, done, note, rpc_error};

const ACK: &str = "notifications/subscriptions/acknowledged";
const ENDED: &str =
    r#"{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":1}}"#;

fn filter() -> SubscriptionFilter<'static> {
    SubscriptionFilter::new().tools_list_changed(true)
}

fn acknowledged() -> ReplyItem {
    note(
        ACK,
        r#"{"notifications":{"toolsListChanged":true},"_meta":{}}"#,
    )
}

fn broken(items: Vec<ReplyItem>) -> Reply {
    let items = stream::iter(items).map(Ok);
    let cut = stream::iter([Err("connection reset".into())]);
    Reply::Stream(ReplyStream::fallible(items.chain(cut)))
}

fn open(items: Vec<ReplyItem>) -> Reply {
    Reply::Stream(ReplyStream::new(
        stream::iter(items).chain(stream::pending()),
    ))
}

/// SUB-01, SUB-10: what is asked for, what is granted, and what comes.
#[tokio::test]
async fn sub_10_changes_come_as_events() {
    let server = Scripted::new(|_, _| {
        open(vec![
            acknowledged(),
            note("notifications/tools/list_changed", "{}"),
            note("notifications/prompts/list_changed", "{}"),
            note("notifications/resources/list_changed", "{}"),
            note("notifications/resources/updated", r#"{"uri":"x:/y"}"#),
            note("notifications/resources/updated", "{}"),
            note("notifications/new", r#"{"a":1}"#),
        ])
    });
    let client = Client::new(server.clone());
    let events: Vec<_> = client.listen(filter()).take(7).collect().await;
    assert!(matches!(&events[0], Event::Listening(granted) if *granted == filter()));
    assert!(matches!(events[1], Event::ToolsListChanged));
    assert!(matches!(events[2], Event::PromptsListChanged));
    assert!(matches!(events[3], Event::ResourcesListChanged));
    assert!(matches!(&events[4], Event::ResourceUpdated { uri } if uri == "x:/y"));
    assert!(matches!(events[5], Event::Other(_)));
    assert!(matches!(&events[6], Event::Other(other) if other.method() == "notifications/new"));
    let asked = &server.message(0)["params"]["notifications"];
    assert_eq!(asked, &serde_json::json!({"toolsListChanged": true}));
}

/// SUB-23, SUB-33: opened again under another ID; the gap is told, for nothing is replayed (SUB-25).
#[tokio::test(start_paused = true)]
async fn sub_25_a_lost_subscription_is_opened_again_after_a_gap() {
    let server = Scripted::new(|index, _| match index {
        0 => broken(vec![acknowledged()]),
        1 => Reply::Response(mcpwire_service::Response::error(
            &mcpwire_types::Error::internal("busy"),
        )),
        _ => open(vec![acknowledged()]),
    });
    let client = Client::new(server.clone());
    let start = Instant::now();
    let events: Vec<_> = client.listen(filter()).take(4).collect().await;
    assert!(matches!(events[0], Event::Listening(_)));
    let Event::Gap(Loss::Lost(error)) = &events[1] else {
        panic!("{events:?}");
    };
    assert!(error.to_string().ends_with(": connection reset"), "{error}");
    assert!(matches!(events[2], Event::Gap(Loss::Lost(_))));
    assert!(matches!(events[3], Event::Listening(_)));
    assert_ne!(server.message(0)["id"], server.message(2)["id"]);
    // 500 ms and then a second, each up to half more or less.
    let waited = start.elapsed().as_millis();
    assert!((750..=2250).contains(&waited), "{waited}");
}

/// SUB-22: an orderly end is told apart, and answered in the same way: replicas come and go.
#[tokio::test(start_paused = true)]
async fn sub_22_an_orderly_end_is_told_apart() {
    let server = Scripted::new(|index, _| match index {
        0 => common::stream(vec![acknowledged(), done(ENDED)]),
        _ => open(vec![acknowledged()]),
    });
    let client = Client::new(server.clone());
    let events: Vec<_> = client.listen(filter()).take(3).collect().await;
    assert!(matches!(events[1], Event::Gap(Loss::Closed)), "{events:?}");
    let once = Scripted::new(|_, _| common::stream(vec![acknowledged(), done(ENDED)]));
    let events: Vec<_> = Client::new(once).listen_once(filter()).collect().await;
    assert!(matches!(
        events[..],
        [Event::Listening(_), Event::Ended(End::Closed)]
    ));
}

#[tokio::test]
async fn sub_23_without_another_attempt_the_loss_is_the_end() {
    let server = Scripted::new(|_, _| broken(vec![acknowledged()]));
    let events: Vec<_> = Client::new(server).listen_once(filter()).collect().await;
    assert!(matches!(
        events[..],
        [Event::Listening(_), Event::Ended(End::Lost(_))]
    ));
}

/// A server that is careless with the acknowledgement is listened to all the same.
#[tokio::test]
async fn sub_05_an_acknowledgement_that_cannot_be_read_still_is_one() {
    let server = Scripted::new(|_, _| {
        open(vec![
            note("notifications/tools/list_changed", "{}"),
            note(ACK, r#"{"notifications":7}"#),
        ])
    });
    let client = Client::new(server);
    let events: Vec<_> = client.listen(filter()).take(2).collect().await;
    let empty = SubscriptionFilter::new();
    assert!(
        matches!(&events[..], [Event::ToolsListChanged, Event::Listening(granted)] if *granted == empty)
    );
}

#[tokio::test]
async fn sub_01_a_refusal_is_the_end() {
    let server = Scripted::new(|_, _| rpc_error(-32601, r#"{"code":-32601,"message":"no"}"#));
    let events: Vec<_> = Client::new(server.clone()).listen(filter()).collect().await;
    let [Event::Ended(End::Refused(error))] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(error.code(), Some(-32601));
    assert_eq!(server.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn sub_23_a_server_that_stays_away_is_given_up() {
    let server = Scripted::new(|_, _| broken(vec![]));
    let limits = Limits::default().max_listen_attempts(4);
    let client = Client::builder(server.clone()).limits(limits).build();
    let events: Vec<_> = client.listen(filter()).collect().await;
    assert!(matches!(
        events.last(),
        Some(Event::Ended(End::GivenUp { attempts: 4, .. }))
    ));
    assert_eq!(server.count(), 4);
}

/// CANCEL-23: one that does not acknowledge is lost, after the time that any answer has.
#[tokio::test(start_paused = true)]
async fn sub_05_silence_is_no_acknowledgement() {
    let server = Scripted::new(|_, _| open(vec![]));
    let limits = Limits::default().timeout(Duration::from_secs(3));
    let client = Client::builder(server).limits(limits).build();
    let start = Instant::now();
    let events: Vec<_> = client.listen_once(filter()).collect().await;
    assert!(
        matches!(events[..], [Event::Ended(End::Lost(_))]),
        "{events:?}"
    );
    assert_eq!(start.elapsed().as_secs(), 3);
}
