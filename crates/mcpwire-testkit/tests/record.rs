//! Conversations that are written down, had again, and answered from what was written.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use mcpwire_client::Client;
use mcpwire_dispatch::{Form, HandlerError, Input, KeyRing, Progress, RawArgs, Router};
use mcpwire_testkit::Mask;
use mcpwire_testkit::record::{Limits, LoadError, Recorder, Recording};
use mcpwire_types::{ElicitAction, ElicitResult, ElicitValue};
use serde_json::json;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Memory {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

async fn ask(input: Input) -> Result<String, HandlerError> {
    input.bind();
    let form = Form::new("Name?").string("name").required();
    let name = input.elicit("name", form)?.require()?;
    Ok(format!("Hello, {}!", name.text("name").unwrap_or_default()))
}

fn server(greeting: &'static str) -> Router {
    Router::new("recorded", "1")
        .key_ring(KeyRing::new([7; 32]))
        .tool("ask", ask)
        .tool("work", async |progress: Progress| {
            progress.report(1).await;
            progress.report(2).await;
            Ok("done")
        })
        .tool("greet", move |_: RawArgs| async move { Ok(greeting) })
}

/// A conversation of a client with each kind of answer.
async fn converse<S>(service: S)
where
    S: mcpwire_service::Service<mcpwire_service::Request, Response = mcpwire_service::Reply>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<mcpwire_service::BoxError>,
    S::Future: Send,
{
    let client = Client::builder(service)
        .on_form(|_| async {
            let answer = ElicitResult::new(ElicitAction::Accept);
            let answer = answer.content([("name", ElicitValue::String("Ada".into()))]);
            Ok::<_, std::io::Error>(answer)
        })
        .build();
    client.list_tools().await.unwrap();
    client.call_tool("greet", &json!({})).await.unwrap();
    client
        .call_tool("work", &json!({}))
        .on_progress(|_| {})
        .await
        .unwrap();
    client.call_tool("ask", &json!({})).await.unwrap();
    client
        .call_tool("no such tool", &json!({}))
        .await
        .unwrap_err();
}

async fn recorded() -> (Memory, Recording) {
    let memory = Memory::default();
    let (recorder, sink) = Recorder::new(server("Hello!"), memory.clone());
    converse(recorder).await;
    sink.finish().unwrap();
    assert_eq!(sink.dropped(), 0);
    let recording = Recording::load(Cursor::new(memory.text())).unwrap();
    (memory, recording)
}

#[tokio::test]
async fn what_was_recorded_is_answered_again() {
    let (memory, recording) = recorded().await;
    // A list, a call, a call with progress, two rounds, and an error.
    assert_eq!(recording.exchanges().len(), 6, "{}", memory.text());
    let service = recording.service();
    converse(service.clone()).await;
    assert_eq!(service.left(), 0);
}

#[tokio::test]
async fn the_same_server_replays_without_a_difference() {
    let (_, recording) = recorded().await;
    let replayed = recording
        .replay(&mut server("Hello!"), &Mask::default())
        .await;
    assert_eq!(replayed.requests, 6);
    assert!(
        replayed.differences.is_empty(),
        "{:?}",
        replayed.differences
    );
}

#[tokio::test]
async fn another_server_shows_where_it_differs() {
    let (_, recording) = recorded().await;
    let replayed = recording
        .replay(&mut server("Good day!"), &Mask::default())
        .await;
    let [one] = replayed.differences.as_slice() else {
        panic!("{:?}", replayed.differences);
    };
    let text = one.to_string();
    assert!(
        text.contains(r#"$.result.content[0].text: "Hello!" became "Good day!""#),
        "{text}"
    );
    let mask = Mask::default().pointer("/result/content/*/text");
    let replayed = recording.replay(&mut server("Good day!"), &mask).await;
    assert!(replayed.differences.is_empty());
}

#[tokio::test]
async fn nothing_is_written_beyond_the_limits() {
    let memory = Memory::default();
    let limits = Limits::default().total(600).line(500);
    let (recorder, sink) = Recorder::with_limits(server("Hello!"), memory.clone(), limits.clone());
    converse(recorder).await;
    assert!(sink.dropped() > 0);
    assert!(memory.text().len() <= 600);
    let error = Recording::load_with(Cursor::new("{}\n".repeat(400)), &limits).unwrap_err();
    assert!(
        matches!(error, LoadError::Line { number: 1, .. }),
        "{error}"
    );
    let error = Recording::load_with(Cursor::new("\n".repeat(700)), &limits).unwrap_err();
    assert!(
        matches!(error, LoadError::TooLong { limit: 600 }),
        "{error}"
    );
    let error = Recording::load_with(Cursor::new("x".repeat(501)), &limits).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("more than the limit of 500 bytes"),
        "{error}"
    );
}
