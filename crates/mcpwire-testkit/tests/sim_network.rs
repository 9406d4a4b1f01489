//! Each fault by itself, and what a run that fails has to say.
#![cfg(feature = "sim")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::time::Duration;

use mcpwire_client::{Client, Error};
use mcpwire_dispatch::{Router, tool};
use mcpwire_service::BoxError;
use mcpwire_testkit::sim::{Cause, Faults, Log, Network, Peer};
use tokio::time::sleep;

const LONG: usize = 10_000;

fn router(index: usize) -> Router {
    Router::new("s", "1")
        .tool(tool("who"), move || async move { Ok(index.to_string()) })
        .tool(tool("long"), || async { Ok("x".repeat(LONG)) })
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A client that calls a tool so many times, and does not mind failures.
async fn calls(peer: Peer, name: &'static str, times: usize) -> Result<(), BoxError> {
    let client = Client::new(peer.connect());
    for _ in 0..times {
        match client.call_tool(name, &()).await {
            Ok(_) => peer.note("well"),
            Err(error @ (Error::Transport(_) | Error::Interrupted { .. })) => {
                peer.note(format_args!("failed: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
        sleep(ms(50)).await;
    }
    Ok(())
}

fn run(faults: Faults, name: &'static str, times: usize) -> Log {
    Network::new(5)
        .replicas(3, router)
        .faults(faults)
        .client(move |peer| calls(peer, name, times))
        .run()
        .unwrap()
}

fn count(log: &Log, what: &str) -> usize {
    let events = log.events().iter();
    events.filter(|event| event.what.contains(what)).count()
}

#[test]
fn requests_go_round() {
    let log = run(Faults::none(), "who", 6);
    for replica in ["replica-0", "replica-1", "replica-2"] {
        assert_eq!(count(&log, &format!("{replica} answers 200")), 2, "{log}");
    }
    assert_eq!(count(&log, "well"), 6, "{log}");
}

#[test]
fn an_answer_that_is_cut_fails() {
    let log = run(Faults::none().cuts(1.0), "long", 5);
    assert_eq!(count(&log, " cut"), 5, "{log}");
    assert_eq!(count(&log, "failed"), 5, "{log}");
}

#[test]
fn a_duplicate_is_answered_once() {
    let log = run(Faults::none().duplicates(1.0), "who", 5);
    assert_eq!(count(&log, "tools/call who, twice"), 5, "{log}");
    assert_eq!(count(&log, "well"), 5, "{log}");
}

#[test]
fn a_replica_that_is_down_is_passed_over() {
    let log = run(
        Faults::none().crashes(ms(500), ms(400)..=ms(900)),
        "who",
        60,
    );
    assert!(count(&log, "crashes") > 2, "{log}");
    assert!(count(&log, "starts") > 2, "{log}");
    assert!(count(&log, "cannot be reached") > 0, "{log}");
    assert!(count(&log, "well") > 40, "{log}");
}

#[test]
fn what_is_held_comes_later() {
    let log = run(Faults::none().holds(ms(200), ms(50)..=ms(100)), "who", 60);
    assert!(count(&log, "lets go") > 5, "{log}");
    assert_eq!(count(&log, "well"), 60, "{log}");
}

#[test]
fn what_is_lost_is_found_out() {
    let log = run(Faults::none().losses(ms(500), ms(300)..=ms(600)), "who", 40);
    assert!(count(&log, "loses everything") > 5, "{log}");
    assert!(count(&log, "well again") > 5, "{log}");
    assert!(count(&log, "failed") > 0, "{log}");
    assert!(count(&log, "well") > 20, "{log}");
}

#[test]
fn a_slow_reader_takes_its_time() {
    let took = |faults| run(faults, "long", 1).events().last().unwrap().at;
    let (quick, slow) = (took(Faults::none()), took(Faults::none().slow_readers(1.0)));
    // 128 bytes in 5 ms.
    assert!(slow > quick + ms(350), "{slow:?}");
}

#[test]
fn one_replica_can_be_asked_past_the_balancer() {
    let log = Network::new(1)
        .replicas(2, router)
        .client(|peer| async move {
            let client = Client::new(peer.replica(1).build()?);
            client.call_tool("who", &()).await?;
            let client = Client::new(peer.replica(1).http2_prior_knowledge().build()?);
            client.call_tool("who", &()).await?;
            peer.note("done");
            Ok(())
        })
        .run()
        .unwrap();
    assert_eq!(log.events().len(), 1, "{log}");
}

#[test]
fn a_failure_names_the_seed_and_how_to_repeat_it() {
    let failure = Network::new(17)
        .replicas(1, router)
        .client(|peer| async move {
            peer.note("the last word");
            Err("a wrong answer".into())
        })
        .run()
        .unwrap_err();
    assert_eq!(failure.seed, 17);
    assert!(
        matches!(&failure.cause, Cause::Client { name, .. } if name == "client-0"),
        "{failure:?}"
    );
    let text = failure.to_string();
    assert!(text.contains("client-0: a wrong answer"), "{text}");
    assert!(text.contains("MCPWIRE_SEED=17"), "{text}");
    assert!(format!("{failure:?}").contains("the last word"));
}

#[test]
fn an_assertion_of_a_client_is_a_failure() {
    let failure = Network::new(4)
        .client(|_| async { panic!("two and two are five") })
        .run()
        .unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("two and two are five"), "{text}");
    assert!(text.contains("MCPWIRE_SEED=4"), "{text}");
}

#[test]
fn a_run_that_does_not_end_is_ended() {
    let failure = Network::new(1)
        .max_duration(ms(500))
        .client(|_| async { Ok(()) })
        .client(|_| std::future::pending())
        .run()
        .unwrap_err();
    assert!(
        matches!(&failure.cause, Cause::TooLong { unfinished, .. } if unfinished == &["client-1"]),
        "{failure:?}"
    );
}
