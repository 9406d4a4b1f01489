//! What one replica publishes reaches the listeners of all, once each.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a failed step of a test is a failed test"
)]

mod common;

use std::time::{Duration, Instant};

use common::*;
use mcpwire_nats::NatsBus;
use mcpwire_service::{Change, ChangeBus as _, Interest};

async fn everybody_hears_each_once(count: usize) {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, count).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    let mut slowest = Duration::ZERO;
    for (n, bus) in buses.iter().enumerate() {
        let changes = [
            Change::ToolsListChanged,
            Change::PromptsListChanged,
            Change::ResourcesListChanged,
            updated(&format!("file:///docs/{n}")),
        ];
        let begun = Instant::now();
        for change in &changes {
            bus.publish(change.clone());
        }
        for stream in &mut streams {
            for change in &changes {
                assert_eq!(heard(stream).await, *change);
            }
        }
        slowest = slowest.max(begun.elapsed());
    }
    eprintln!("{count} replicas, 4 changes: {slowest:?} until the last had heard the last");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    // Whatever came twice would be between these two.
    buses[0].publish(updated("file:///docs/end"));
    for stream in &mut streams {
        assert_eq!(heard(stream).await, updated("file:///docs/end"));
    }
    for bus in &buses {
        let stats = bus.stats();
        assert_eq!((stats.junk, stats.gaps, stats.repeated), (0, 0, 0));
    }
    until("all is confirmed", || buses[0].stats().confirmed == 5).await;
}

#[tokio::test]
async fn sub_32_two_replicas_hear_each_change_once() {
    everybody_hears_each_once(2).await;
}

#[tokio::test]
async fn sub_32_four_replicas_hear_each_change_once() {
    everybody_hears_each_once(4).await;
}

#[tokio::test]
async fn sub_14_only_matching_listeners_are_told() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut interest = Interest::default();
    interest.prompts_list = true;
    let mut prompts = buses[1].subscribe(interest);
    buses[0].publish(Change::ToolsListChanged);
    buses[0].publish(updated("file:///docs/a"));
    buses[0].publish(Change::PromptsListChanged);
    assert_eq!(heard(&mut prompts).await, Change::PromptsListChanged);
}

#[tokio::test]
async fn two_servers_on_one_nats_do_not_hear_each_other() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let other_name = NatsBus::builder(server.url(), "other").limits(quick());
    let other_prefix = NatsBus::builder(server.url(), "test")
        .prefix("staging")
        .limits(quick());
    let others = [
        other_name.connect().unwrap(),
        other_prefix.connect().unwrap(),
    ];
    let buses = up_buses(&server, 2).await;
    for bus in &others {
        up(bus).await;
        bus.publish(Change::ToolsListChanged);
    }
    for bus in &others {
        until("the other one was told", || bus.stats().confirmed == 1).await;
    }
    let mut stream = listen(&buses[1]);
    buses[0].publish(Change::PromptsListChanged);
    assert_eq!(heard(&mut stream).await, Change::PromptsListChanged);
    assert_eq!(buses[1].stats().gaps, 0);
    assert!(others.iter().all(|bus| bus.stats().foreign == 0));
}

#[tokio::test]
async fn a_change_that_fits_into_no_message_makes_the_others_re_read() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 2).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    // The second one is short enough until it is escaped.
    let long = format!("file:///docs/{}", "x".repeat(40_000));
    let escaped = format!("file:///docs/{}", "\u{1}".repeat(10_000));
    for (n, uri) in (1..).zip([long, escaped]) {
        buses[0].publish(updated(&uri));
        assert_eq!(heard(&mut streams[0]).await, updated(&uri));
        assert_eq!(heard(&mut streams[1]).await, Change::Missed);
        assert_eq!(buses[0].stats().oversized, n);
    }
}

#[tokio::test]
async fn a_burst_beyond_the_queue_becomes_one_that_stands_for_all() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let limits = || quick().queue(8).unconfirmed(2);
    let builder = || NatsBus::builder(server.url(), "test").limits(limits());
    let buses = [builder().connect().unwrap(), builder().connect().unwrap()];
    for bus in &buses {
        up(bus).await;
    }
    let mut stream = listen(&buses[1]);
    for n in 0..100 {
        buses[0].publish(updated(&format!("file:///docs/{n}")));
    }
    hears(&mut stream, &Change::Missed).await;
    assert!(buses[0].stats().overflows > 0);
    buses[0].publish(Change::ToolsListChanged);
    hears(&mut stream, &Change::ToolsListChanged).await;
}

#[tokio::test]
async fn sub_32_a_change_is_everywhere_within_a_second() {
    if !installed() {
        return;
    }
    let server = NatsServer::running();
    let buses = up_buses(&server, 4).await;
    let mut streams: Vec<_> = buses.iter().map(listen).collect();
    let mut times = Vec::new();
    for n in 0..200 {
        let change = updated(&format!("file:///docs/{n}"));
        let begun = Instant::now();
        buses[n % 4].publish(change.clone());
        for stream in &mut streams {
            assert_eq!(heard(stream).await, change);
        }
        times.push(begun.elapsed());
    }
    times.sort();
    let (half, most, all) = (times[100], times[198], times[199]);
    eprintln!("heard by all of 4: half within {half:?}, 99 % within {most:?}, all within {all:?}");
    assert!(all < Duration::from_secs(1), "{all:?}");
}
