//! A gateway that shuts down ends the subscriptions that it forwards in an orderly way.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use mcpwire::client::{End, Event};
use mcpwire::types::SubscriptionFilter;
use mcpwire::{Client, Router, http, tool};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// SUB-19: though the server behind it goes on, and knows nothing of it.
#[tokio::test]
async fn sub_19_a_gateway_that_shuts_down_ends_what_it_forwards() {
    let router = Router::new("behind", "1.0.0").tool(tool("t"), || async { Ok("t") });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let behind = tokio::spawn(http::serve(listener, router).into_future());

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = format!("http://{}/mcp", listener.local_addr().unwrap());
    let remote = http::client::Client::new(&url).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let gateway = tokio::spawn(
        http::serve(listener, remote)
            .with_graceful_shutdown(async { drop(stopped.await) })
            .into_future(),
    );

    let client = Client::new(http::client::Client::new(&front).unwrap());
    let mut events = client.listen_once(SubscriptionFilter::new().tools_list_changed(true));
    assert!(matches!(events.next().await, Some(Event::Listening(_))));
    let start = Instant::now();
    stop.send(()).unwrap();
    let last = timeout(Duration::from_secs(5), events.next())
        .await
        .unwrap();
    assert!(matches!(last, Some(Event::Ended(End::Closed))), "{last:?}");
    timeout(Duration::from_secs(5), gateway)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    behind.abort();
}
