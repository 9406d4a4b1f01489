//! Our client against a server that somebody else wrote: every request method, over a transport.
//!
//! ```text
//! mcpwire-peer-client [--server typescript|python] http URL
//! mcpwire-peer-client [--server typescript|python] stdio PROGRAM [ARGUMENT]..
//! ```
//!
//! Prints `ok NAME` or `FAIL NAME: why` for each check. The servers are in `xtask/peers`.

#![allow(
    clippy::print_stdout,
    reason = "a command line program talks on stdout"
)]

use std::future::IntoFuture as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use mcpwire::Client;
use mcpwire::client::{Event, Listen};
use mcpwire::http::client::Client as Remote;
use mcpwire::service::BoxError;
use mcpwire::stdio::client::{Child, Command};
use mcpwire::types::{
    CallToolResult, ContentBlock, CreateMessageResult, ElicitAction, ElicitResult, ElicitValue,
    PromptReference, ResourceTemplateReference, Role, Root, SamplingContent,
    SamplingMessageContentBlock, SubscriptionFilter, TextContent, TextOrBlobResourceContents,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

const USAGE: &str =
    "usage: mcpwire-peer-client [--server typescript|python] http URL | stdio PROGRAM [ARGUMENT]..";
/// The longest that a single check may take.
const LIMIT: Duration = Duration::from_secs(15);

type Check = Result<(), BoxError>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("FAIL run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<usize, BoxError> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut python = false;
    if args.first().is_some_and(|arg| arg == "--server") {
        python = args.get(1).ok_or(USAGE)? == "python";
        args.drain(..2);
    }
    let mut args = args.into_iter();
    match (args.next().as_deref(), args.next()) {
        (Some("http"), Some(url)) => {
            let builder = Client::builder(Remote::new(&url)?);
            Ok(Talk::new(builder, python, true).run().await)
        }
        (Some("stdio"), Some(program)) => {
            let child = Command::new(program).args(args).start();
            let failed = Talk::new(Client::builder(child.clone()), python, false)
                .run()
                .await;
            Ok(failed + end(child).await)
        }
        _ => Err(USAGE.into()),
    }
}

/// The child goes when it is told to.
async fn end(child: Child) -> usize {
    let pid = child.id();
    let closed = timeout(LIMIT, child.close()).await;
    let path = format!("/proc/{}", pid.unwrap_or_default());
    let gone = !std::path::Path::new(&path).exists();
    if closed.is_ok() && gone {
        println!("ok the child process ends");
        return 0;
    }
    println!("FAIL the child process ends: {path}");
    1
}

struct Talk {
    client: Client,
    python: bool,
    http: bool,
    failed: usize,
}

impl Talk {
    fn new(builder: mcpwire::client::Builder, python: bool, http: bool) -> Self {
        let client = builder
            .info("mcpwire-peer-client", env!("CARGO_PKG_VERSION"))
            .check_output(true)
            .on_form(|form| async move {
                assert_eq!(form.message, "What is your name?");
                let content = [("name", ElicitValue::from("Ada"))];
                Ok::<_, BoxError>(ElicitResult::new(ElicitAction::Accept).content(content))
            })
            .on_sampling(|_| async {
                let text = SamplingMessageContentBlock::Text(TextContent::new("Paris"));
                let content = SamplingContent::One(text);
                Ok::<_, BoxError>(CreateMessageResult::new(
                    Role::Assistant,
                    content,
                    "a-model",
                ))
            })
            .on_roots(|| async { Ok::<_, BoxError>(vec![Root::new("file:///r")]) })
            .build();
        Self {
            client,
            python,
            http,
            failed: 0,
        }
    }

    async fn run(mut self) -> usize {
        let client = self.client.clone();
        let (python, http) = (self.python, self.http);
        self.check("server/discover", discover(&client)).await;
        self.check("tools/list", tools(&client)).await;
        self.check("resources/list, over pages", resources(&client))
            .await;
        self.check("resources/templates/list", templates(&client))
            .await;
        self.check("prompts/list and prompts/get", prompts(&client))
            .await;
        self.check("completion/complete", completion(&client)).await;
        self.check("resources/read", read(&client)).await;
        self.check("a tool gives text", echo(&client)).await;
        self.check("a tool gives structured output", add(&client))
            .await;
        self.check("a tool that fails", fail(&client)).await;
        self.check("what is unknown is refused", unknown(&client, python))
            .await;
        self.check("a mirrored argument", region(&client, http))
            .await;
        self.check("progress", progress(&client)).await;
        self.check("log messages", log(&client)).await;
        self.check("a form", ask(&client)).await;
        self.check("everything at once, with a state", ask_all(&client))
            .await;
        self.check("many calls at once", many(&client)).await;
        self.check("a dropped call is cancelled", cancelled(&client))
            .await;
        self.check(
            "a timeout cancels, and the next call works",
            timed_out(&client),
        )
        .await;
        self.check("changes on a subscription", changes(&client))
            .await;
        self.check("two subscriptions at once", two(&client)).await;
        self.failed
    }

    async fn check(&mut self, name: &str, check: impl Future<Output = Check>) {
        let result = timeout(LIMIT, check).await;
        let why = match result {
            Ok(Ok(())) => return println!("ok {name}"),
            Ok(Err(error)) => chain(&*error),
            Err(_) => format!("took longer than {LIMIT:?}"),
        };
        self.failed += 1;
        println!("FAIL {name}: {}", why.replace('\n', " "));
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn holds(holds: bool, what: impl std::fmt::Debug) -> Check {
    if holds {
        Ok(())
    } else {
        Err(format!("found {what:?}").into())
    }
}

fn text_of(result: &CallToolResult<'_>) -> String {
    let texts = result.content.iter().map(|block| match block {
        ContentBlock::Text(text) => text.text.clone().into_owned(),
        other => format!("{other:?}"),
    });
    texts.collect()
}

async fn discover(client: &Client) -> Check {
    let found = client.discover().await?;
    let versions = &found.supported_versions;
    holds(
        versions.iter().any(|version| version == "2026-07-28"),
        versions,
    )?;
    let info = found
        .meta
        .and_then(|meta| meta.server_info)
        .ok_or("no server info")?;
    holds(info.name.starts_with("peer-server"), info.name)?;
    holds(found.capabilities.tools.is_some(), "no tools")
}

async fn tools(client: &Client) -> Check {
    let tools = client.list_tools().await?;
    holds(tools.skipped.is_empty(), &tools.skipped)?;
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    let all = [
        "echo", "add", "fail", "slow", "log", "ask", "ask_all", "region", "trigger",
    ];
    holds(all.iter().all(|name| names.contains(name)), names)
}

async fn resources(client: &Client) -> Check {
    let resources = client.list_resources().await?;
    holds(resources.skipped.is_empty(), &resources.skipped)?;
    holds(resources.len() == 32, resources.len())
}

async fn templates(client: &Client) -> Check {
    let templates = client.list_resource_templates().await?;
    let found = templates
        .iter()
        .any(|template| template.uri_template == "test://item/{id}");
    holds(found, &templates.items)
}

async fn prompts(client: &Client) -> Check {
    let prompts = client.list_prompts().await?;
    holds(
        prompts.iter().any(|prompt| prompt.name == "greet"),
        &prompts.items,
    )?;
    let prompt = client.get_prompt("greet", [("who", "Ada")]).await?;
    let text = format!("{:?}", prompt.messages);
    holds(text.contains("Ada"), text)
}

async fn completion(client: &Client) -> Check {
    let found = client
        .complete(PromptReference::new("greet"), "who", "a")
        .await?;
    holds(
        found.completion.values == ["Ada", "Alan"],
        found.completion.values,
    )?;
    let template = ResourceTemplateReference::new("test://item/{id}");
    let found = client.complete(template, "id", "12").await?;
    holds(
        found.completion.values == ["12", "123"],
        found.completion.values,
    )
}

async fn read(client: &Client) -> Check {
    let read = client.read_resource("test://text").await?;
    let text = matches!(&read.contents[..], [TextOrBlobResourceContents::Text(text)] if text.text == "some text");
    holds(text, read.contents)?;
    let read = client.read_resource("test://blob").await?;
    let blob = matches!(&read.contents[..], [TextOrBlobResourceContents::Blob(blob)] if blob.blob == "AAEC/w==");
    holds(blob, read.contents)?;
    let read = client.read_resource("test://item/42").await?;
    let text = format!("{:?}", read.contents);
    holds(text.contains("42"), text)
}

async fn echo(client: &Client) -> Check {
    let said = "Grüße, 世界 \u{1F600} \u{2028} \"quoted\"\n";
    let result = client.call_tool("echo", &json!({"text": said})).await?;
    holds(text_of(&result) == said, result.content)?;
    let long = "x".repeat(1 << 20);
    let result = client.call_tool("echo", &json!({"text": long})).await?;
    holds(text_of(&result) == long, "another megabyte")
}

async fn add(client: &Client) -> Check {
    let result = client.call_tool("add", &json!({"a": 40, "b": 2})).await?;
    let sum: Value = result
        .structured_content
        .ok_or("no structured content")?
        .parse()?;
    let number = sum.get("sum").and_then(Value::as_f64);
    holds(
        number.is_some_and(|sum| (sum - 42.0).abs() < f64::EPSILON),
        sum,
    )
}

async fn fail(client: &Client) -> Check {
    let result = client.call_tool("fail", &json!({})).await?;
    holds(result.is_error == Some(true), &result)?;
    holds(text_of(&result).contains("told to fail"), &result)
}

async fn unknown(client: &Client, python: bool) -> Check {
    let error = client.read_resource("test://nope").await;
    let error = error.err().ok_or("an unknown resource was read")?;
    holds(error.code() == Some(-32602), &error)?;
    match client.call_tool("nope", &json!({})).await {
        Err(error) => holds(error.code() == Some(-32602), error)?,
        // The Python SDK makes it a failure of the tool.
        Ok(result) => holds(python && result.is_error == Some(true), result)?,
    }
    let method = Unknown;
    let error = client
        .call(method)
        .await
        .err()
        .ok_or("an unknown method was answered")?;
    holds(error.code() == Some(-32601), error)
}

/// A method that no server has.
struct Unknown;

impl serde::Serialize for Unknown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::ser::SerializeMap::end(serializer.serialize_map(Some(0))?)
    }
}

impl mcpwire::client::Method for Unknown {
    const NAME: &'static str = "mcpwire/unknown";
    type Result = ();

    fn decode(_: &str) -> Result<(), mcpwire::types::DecodeError> {
        Ok(())
    }
}

async fn region(client: &Client, http: bool) -> Check {
    for region in ["eu-west", "Zürich", " padded "] {
        let result = client
            .call_tool("region", &json!({"region": region}))
            .await?;
        let text = text_of(&result);
        holds(
            result.is_error != Some(true) && text.starts_with(region),
            &text,
        )?;
        holds(!http || !text.contains("none"), &text)?;
    }
    Ok(())
}

async fn progress(client: &Client) -> Check {
    let mut seen = Vec::new();
    let call = client
        .call_tool("slow", &json!({}))
        .on_progress(|progress| {
            seen.push((
                progress.progress.as_f64(),
                progress.message.map(std::borrow::Cow::into_owned),
            ));
        });
    let result = call.await?;
    holds(text_of(&result) == "done", result)?;
    holds(seen.len() == 3, &seen)?;
    let growing = seen.windows(2).all(|pair| match pair {
        [(before, _), (after, _)] => before < after,
        _ => false,
    });
    holds(growing, seen)
}

async fn log(client: &Client) -> Check {
    let mut heard = Vec::new();
    let call = client
        .call_tool("log", &json!({}))
        .on_log("info", |message| {
            heard.push(message.data.to_string());
        });
    call.await?;
    holds(
        heard.len() == 1 && heard.iter().all(|data| data.contains("something")),
        &heard,
    )?;
    // Without asking there is nothing to hear.
    client
        .call_tool("log", &json!({}))
        .on_notification(|notification| println!("# unasked: {}", notification.method()))
        .await?;
    Ok(())
}

async fn ask(client: &Client) -> Check {
    let result = client.call_tool("ask", &json!({})).await?;
    holds(text_of(&result) == "Hello, Ada!", result)
}

async fn ask_all(client: &Client) -> Check {
    let result = client.call_tool("ask_all", &json!({})).await?;
    holds(text_of(&result) == "Ada, Paris, file:///r", result)
}

async fn many(client: &Client) -> Check {
    let calls = (0..50).map(|number| async move {
        let text = number.to_string();
        let result = client.call_tool("echo", &json!({"text": text})).await?;
        holds(text_of(&result) == text, result)
    });
    futures_util::future::try_join_all(calls).await.map(drop)
}

async fn count(client: &Client) -> Result<f64, BoxError> {
    let result = client.call_tool("cancelled", &json!({})).await?;
    let count: Value = result
        .structured_content
        .ok_or("no structured content")?
        .parse()?;
    Ok(count
        .get("count")
        .and_then(Value::as_f64)
        .unwrap_or_default())
}

/// Waits until the server has counted one cancellation more.
async fn counted(client: &Client, before: f64) -> Check {
    let start = Instant::now();
    while count(client).await? <= before {
        holds(
            start.elapsed() < Duration::from_secs(5),
            "no cancellation after 5 s",
        )?;
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn cancelled(client: &Client) -> Check {
    let before = count(client).await?;
    let arguments = json!({"ms": 30_000});
    let call = client.call_tool("slow", &arguments).on_progress(|_| {});
    let given_up = timeout(Duration::from_millis(300), call.into_future()).await;
    holds(given_up.is_err(), "an answer at once")?;
    counted(client, before).await
}

async fn timed_out(client: &Client) -> Check {
    let before = count(client).await?;
    let call = client.call_tool("slow", &json!({"ms": 30_000}));
    let error = call.timeout(Duration::from_millis(300)).await;
    let error = error.err().ok_or("an answer at once")?;
    holds(
        matches!(error, mcpwire::client::Error::Timeout { .. }),
        error,
    )?;
    counted(client, before).await?;
    echo(client).await
}

fn filter() -> SubscriptionFilter<'static> {
    SubscriptionFilter::new()
        .tools_list_changed(true)
        .resource_subscriptions(["test://text"])
}

async fn opened(events: &mut Listen) -> Check {
    match events.next().await {
        Some(Event::Listening(granted)) => holds(granted.tools_list_changed == Some(true), granted),
        other => holds(false, other),
    }
}

/// The two changes of `trigger`, in whatever order.
async fn two_changes(events: &mut Listen) -> Check {
    let (mut tools, mut resource) = (0, 0);
    while tools + resource < 2 {
        match events.next().await {
            Some(Event::ToolsListChanged) => tools += 1,
            Some(Event::ResourceUpdated { uri }) if uri == "test://text" => resource += 1,
            other => return holds(false, other),
        }
    }
    holds((tools, resource) == (1, 1), (tools, resource))
}

async fn changes(client: &Client) -> Check {
    let mut events = client.listen(filter());
    opened(&mut events).await?;
    for _ in 0..2 {
        client.call_tool("trigger", &json!({})).await?;
        two_changes(&mut events).await?;
    }
    Ok(())
}

async fn two(client: &Client) -> Check {
    let (mut first, mut second) = (client.listen(filter()), client.listen(filter()));
    opened(&mut first).await?;
    opened(&mut second).await?;
    client.call_tool("trigger", &json!({})).await?;
    two_changes(&mut first).await?;
    two_changes(&mut second).await?;
    drop(first);
    client.call_tool("trigger", &json!({})).await?;
    two_changes(&mut second).await
}
