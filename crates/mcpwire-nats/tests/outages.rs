//! NATS goes away and comes back: local delivery goes on, and nobody has a silent gap.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use std::time::{Duration, Instant};

use common::*;
use mcpwire_nats::{NatsBus, Reason};
use mcpwire_service::{Change, ChangeBus as _, Reach};
use rustix::process::Signal;

#[tokio::test]
async fn nats_may_be_down_at_the_start() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::new();
    let buses = [bus(&server), bus(&server)];
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    until("an attempt has failed", || {
        buses[0].stats().failed_attempts > 0
    })
    .await;
    let state = down(&buses[0]).await;
    assert!(
        matches!(state.reason(), Some(Reason::Unreachable(_))),
        "{state}"
    );
    assert!(matches!(buses[0].reach(), Reach::Interrupted(_)));
    buses[0].publish(Change::ToolsListChanged);
    assert_eq!(heard(&mut streams[0]).await, Change::ToolsListChanged);
    server.start();
    for bus in &buses {
        up(bus).await;
    }
    assert_eq!(buses[0].reach(), Reach::Replicas);
    // Each was cut off until now, and the other also gets what was waiting to be told.
    assert_eq!(heard(&mut streams[0]).await, Change::Missed);
    hears(&mut streams[1], &Change::Missed).await;
    buses[0].publish(updated("file:///docs/a"));
    for stream in &mut streams {
        hears(stream, &updated("file:///docs/a")).await;
    }
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_no_silent_gap() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    server.kill();
    for bus in &buses {
        let state = down(bus).await;
        assert!(state.reason().is_some());
    }
    buses[0].publish(Change::PromptsListChanged);
    buses[0].publish(updated("file:///docs/a"));
    for wanted in [Change::PromptsListChanged, updated("file:///docs/a")] {
        assert_eq!(heard(&mut streams[0]).await, wanted);
    }
    server.start();
    for bus in &buses {
        up(bus).await;
    }
    assert_eq!(heard(&mut streams[0]).await, Change::Missed);
    hears(&mut streams[1], &Change::Missed).await;
    // From here on it is as it was before, once each.
    until("what waited was told", || buses[0].stats().confirmed == 2).await;
    until("and heard", || buses[1].stats().foreign >= 2).await;
    buses[1].publish(updated("file:///docs/b"));
    assert_eq!(heard(&mut streams[0]).await, updated("file:///docs/b"));
    hears(&mut streams[1], &updated("file:///docs/b")).await;
    assert_eq!(buses[0].stats().disconnects, 1);
}

/// With the limits that a user gets, after as many failures as it takes to reach the longest pause.
#[tokio::test]
async fn sub_32_a_change_is_heard_within_a_second_after_a_long_outage_too() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::new();
    let bus = NatsBus::builder(server.url(), "test").connect().unwrap();
    let mut stream = listen(&bus);
    until("some attempts have failed", || {
        bus.stats().failed_attempts >= 6
    })
    .await;
    server.start();
    let back = Instant::now();
    up(&bus).await;
    hears(&mut stream, &Change::Missed).await;
    // One pause, and what a busy machine takes on top.
    let took = back.elapsed();
    assert!(took < Duration::from_millis(1900), "{took:?}");
}

#[tokio::test]
async fn what_waits_for_nats_is_bounded_and_not_forgotten() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::new();
    let limits = quick().queue(4);
    let first = NatsBus::builder(server.url(), "test")
        .limits(limits)
        .connect()
        .unwrap();
    for n in 0..1000 {
        first.publish(updated(&format!("file:///docs/{n}")));
    }
    assert_eq!(first.stats().overflows, 1);
    server.start();
    // This one is up before the other has spoken, or gets it at its own start: either way it re-reads.
    let second = bus(&server);
    let mut stream = listen(&second);
    up(&first).await;
    up(&second).await;
    assert_eq!(heard(&mut stream).await, Change::Missed);
    until("it was told", || first.stats().confirmed == 1).await;
    assert_eq!(first.stats().published, 1);
}

#[tokio::test]
async fn a_server_that_flaps_leaves_no_silent_gap() {
    if !installed() {
        return;
    }
    let mut server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    for n in 0..5 {
        server.kill();
        let uri = format!("file:///docs/{n}");
        buses[n % 2].publish(updated(&uri));
        server.start();
        for stream in &mut streams {
            // The publisher's own stream hears the change, and the other it or what makes it re-read.
            // What it heard of as missed in an earlier turn may still come.
            let mut change = heard(stream).await;
            while (0..n).any(|earlier| change == updated(&format!("file:///docs/{earlier}"))) {
                change = heard(stream).await;
            }
            assert!(
                change == updated(&uri) || change == Change::Missed,
                "{change:?}"
            );
        }
    }
    for bus in &buses {
        up(bus).await;
    }
    // Both may be up on a connection that they have yet to find dead; the end is what counts.
    buses[0].publish(Change::ToolsListChanged);
    buses[1].publish(Change::PromptsListChanged);
    for stream in &mut streams {
        let (mut tools, mut prompts) = (false, false);
        while !(tools && prompts) {
            match heard(stream).await {
                Change::ToolsListChanged => tools = true,
                Change::PromptsListChanged => prompts = true,
                Change::Missed => (tools, prompts) = (true, true),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_counts_as_down_and_what_it_held_comes_once() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    server.signal(Signal::STOP);
    buses[0].publish(updated("file:///docs/held"));
    assert_eq!(heard(&mut streams[0]).await, updated("file:///docs/held"));
    for bus in &buses {
        let state = down(bus).await;
        let reason = state.reason().unwrap();
        assert!(
            matches!(reason, Reason::NoAnswer { .. } | Reason::Unreachable(_)),
            "{reason}"
        );
    }
    buses[0].publish(updated("file:///docs/later"));
    assert_eq!(heard(&mut streams[0]).await, updated("file:///docs/later"));
    server.signal(Signal::CONT);
    for bus in &buses {
        up(bus).await;
    }
    assert_eq!(heard(&mut streams[0]).await, Change::Missed);
    hears(&mut streams[1], &Change::Missed).await;
    until("all is confirmed", || buses[0].stats().confirmed == 2).await;
    // It was sent twice, over two connections, under one number.
    assert_eq!(buses[0].stats().published, 2);
    buses[0].publish(Change::ToolsListChanged);
    hears(&mut streams[1], &Change::ToolsListChanged).await;
    assert_eq!(buses[1].stats().gaps, 0);
}

#[tokio::test]
async fn a_short_pause_of_the_server_is_no_outage() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let builder = || {
        let limits = quick().answer_timeout(LONG);
        NatsBus::builder(server.url(), "test").limits(limits)
    };
    let buses = [builder().connect().unwrap(), builder().connect().unwrap()];
    for bus in &buses {
        up(bus).await;
    }
    let mut stream = listen(&buses[1]);
    server.signal(Signal::STOP);
    buses[0].publish(Change::ToolsListChanged);
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.signal(Signal::CONT);
    assert_eq!(heard(&mut stream).await, Change::ToolsListChanged);
    assert!(buses.iter().all(|bus| bus.stats().disconnects == 0));
}
