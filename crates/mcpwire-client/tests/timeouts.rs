//! How long a call may take (CANCEL-17 to CANCEL-19), and what is heard meanwhile.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use mcpwire_client::{Client, Error, Limits};
use mcpwire_service::{Reply, ReplyItem, ReplyStream};
use tokio::time::{Instant, sleep};

mod common;
use common::{Scripted, done, note, token};

const SECOND: Duration = Duration::from_secs(1);

/// Progress every second, and the result after `count` of them.
fn slow(count: u32) -> Scripted {
    Scripted::new(move |_, request| {
        let token = token(request);
        let items = stream::iter(0..=count).then(move |step| {
            let token = token.clone();
            async move {
                sleep(SECOND).await;
                match step {
                    step if step == count => done(r#"{"content":[]}"#),
                    step => note(
                        "notifications/progress",
                        format!(r#"{{"progressToken":{token},"progress":{step}}}"#),
                    ),
                }
            }
        });
        Reply::Stream(ReplyStream::new(items))
    })
}

fn client(server: &Scripted, timeout: u64, max: u64) -> Client {
    let limits = Limits::default()
        .timeout(Duration::from_secs(timeout))
        .max_timeout(Duration::from_secs(max));
    Client::builder(server.clone()).limits(limits).build()
}

/// CANCEL-18
#[tokio::test(start_paused = true)]
async fn cancel_17_a_silent_server_is_not_awaited_for_ever() {
    let server = Scripted::new(|_, _| Reply::Stream(ReplyStream::new(stream::pending())));
    let start = Instant::now();
    let error = client(&server, 5, 60)
        .call_tool("t", &())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(start.elapsed().as_secs(), 5);
    // CANCEL-19
    let short = client(&server, 5, 60);
    let call = short.call_tool("t", &()).timeout(SECOND);
    call.await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 6);
}

/// META-17, CANCEL-20
#[tokio::test(start_paused = true)]
async fn prog_01_progress_starts_the_time_anew() {
    let server = slow(10);
    let mut seen = Vec::new();
    let client = client(&server, 2, 60);
    client
        .call_tool("t", &())
        .on_progress(|progress| seen.push(progress.progress.as_f64()))
        .await
        .unwrap();
    assert_eq!(seen.len(), 10);
    let message = server.message(0);
    assert_eq!(message["params"]["_meta"]["progressToken"], message["id"]);
}

/// CANCEL-21
#[tokio::test(start_paused = true)]
async fn prog_12_progress_cannot_go_on_for_ever() {
    let server = slow(1000);
    let start = Instant::now();
    let client = client(&server, 2, 7);
    let error = client
        .call_tool("t", &())
        .on_progress(|_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(start.elapsed().as_secs(), 7);
}

/// The time in all is that of the call, also where it is shorter than that between two signs of life;
/// and the error says which of them ran out.
#[tokio::test(start_paused = true)]
async fn cancel_21_the_time_in_all_can_be_the_shorter_one() {
    let server = slow(1000);
    let client = client(&server, 60, 600);
    let start = Instant::now();
    let call = client.call_tool("t", &()).max_timeout(3 * SECOND);
    let error = call.await.unwrap_err();
    assert!(
        matches!(error, Error::Timeout { after } if after == 3 * SECOND),
        "{error}"
    );
    assert_eq!(start.elapsed(), 3 * SECOND);
    // A longer time for one call is not cut by the limit of all calls.
    let call = client.call_tool("t", &()).timeout(700 * SECOND);
    let error = call.await.unwrap_err();
    assert!(
        matches!(error, Error::Timeout { after } if after == 700 * SECOND),
        "{error}"
    );
}

/// A stream that always has something must not outlast the time either.
#[tokio::test]
async fn prog_12_a_flood_ends_in_time() {
    let server = Scripted::new(|_, _| {
        let flood =
            stream::repeat_with(|| note("notifications/message", r#"{"level":"info","data":1}"#));
        Reply::Stream(ReplyStream::new(flood))
    });
    let limits = Limits::default().timeout(Duration::from_millis(50));
    let client = Client::builder(server).limits(limits).build();
    let error = client.call_tool("t", &()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
}

/// PROG-15: progress under another token is dropped, and does not count.
#[tokio::test]
async fn prog_15_foreign_progress_is_dropped() {
    let server = Scripted::new(|_, _| {
        common::stream(vec![
            note(
                "notifications/progress",
                r#"{"progressToken":"x","progress":1}"#,
            ),
            note("notifications/progress", r#"{"progress":1}"#),
            note("notifications/unheard", "{}"),
            done(r#"{"content":[]}"#),
        ])
    });
    let mut all = Vec::new();
    Client::new(server)
        .call_tool("t", &())
        .on_progress(|progress| panic!("{progress:?}"))
        .on_notification(|notification| all.push(notification.method().to_owned()))
        .await
        .unwrap();
    assert_eq!(all.len(), 3);
}

/// META-16, LOG-03
#[tokio::test]
async fn log_01_log_messages_are_asked_for_and_heard() {
    let server = Scripted::new(|_, _| {
        common::stream(vec![
            note(
                "notifications/message",
                r#"{"level":"warning","data":{"a":1}}"#,
            ),
            done(r#"{"content":[]}"#),
        ])
    });
    let client = Client::new(server.clone());
    let mut heard = Vec::new();
    client
        .call_tool("t", &())
        .on_log("warning", |message| heard.push(message.data.to_string()))
        .await
        .unwrap();
    assert_eq!(heard, [r#"{"a":1}"#]);
    let meta = &server.message(0)["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/logLevel"], "warning");
}

#[tokio::test]
async fn sub_22_an_answer_that_breaks_off_says_why() {
    for (items, reason) in [
        (ReplyStream::new(stream::empty()), None),
        (
            ReplyStream::fallible(stream::iter([Err::<ReplyItem, _>("reset by peer".into())])),
            Some("reset by peer"),
        ),
    ] {
        let items = std::sync::Mutex::new(Some(items));
        let server =
            Scripted::new(move |_, _| Reply::Stream(items.lock().unwrap().take().unwrap()));
        let error = Client::new(server).call_tool("t", &()).await.unwrap_err();
        let Error::Interrupted { source } = error else {
            panic!("{error:?}");
        };
        assert_eq!(source.map(|source| source.to_string()).as_deref(), reason);
    }
}
