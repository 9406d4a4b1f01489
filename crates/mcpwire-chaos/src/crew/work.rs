//! Whoever calls and lists and reads, and knows what has to come back.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mcpwire::Client;
use mcpwire::client::Error;
use mcpwire::types::{CallToolResult, ContentBlock, TextOrBlobResourceContents};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::client::{guests, pause};
use super::{Book, Retry};
use crate::Chance;
use crate::pure::{booking, digest, greeting};
use crate::serial::RESOURCE;

/// The tools of the server, in the order in which it lists them.
pub(super) const TOOLS: [&str; 6] = ["echo", "digest", "heavy", "book_table", "steps", "announce"];
const PROMPTS: [&str; 2] = ["greet", "welcome"];
/// How many times a call is made at most whose answer breaks off.
const MOST_CALLS: u32 = 8;

/// What came of a call: its result was right, or why it was not.
type Checked = Result<Result<(), String>, Error>;

/// Makes a call, and makes it again where its answer broke off: a retry layer below the client has
/// seen the head of the answer by then, and takes the call for done.
pub(super) async fn repeated<T, E, F, C>(retry: Retry, book: &Book, mut call: C) -> Result<T, Error>
where
    C: FnMut() -> F,
    F: IntoFuture<Output = Result<T, E>>,
    E: Into<Error>,
{
    let mut calls = 1;
    loop {
        match call().await.map_err(Into::into) {
            Err(Error::Interrupted { .. }) if retry == Retry::All && calls < MOST_CALLS => {
                book.made_again.fetch_add(1, Ordering::Relaxed);
                sleep(pause(calls)).await;
                calls += 1;
            }
            done => return done,
        }
    }
}

/// Reads the number of the newest change.
pub(super) async fn read_serial(client: &Client) -> Result<Result<u64, String>, Error> {
    let result = client.read_resource(RESOURCE).await?;
    let number = match result.contents.as_slice() {
        [TextOrBlobResourceContents::Text(text)] => text.text.parse().ok(),
        _ => None,
    };
    Ok(number.ok_or_else(|| format!("{RESOURCE} holds {result:?}")))
}

pub(super) struct Worker {
    name: String,
    retry: Retry,
    client: Client,
    chance: Chance,
    book: Arc<Book>,
    calls: u64,
}

impl Worker {
    pub(super) fn new(
        name: String,
        retry: Retry,
        client: Client,
        chance: Chance,
        book: Arc<Book>,
    ) -> Self {
        Self {
            name,
            retry,
            client,
            chance,
            book,
            calls: 0,
        }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self, stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.calls += 1;
            let turn = self.chance.between(0, 99);
            match turn {
                0..25 => self.made("echo", Self::echo).await,
                25..40 => self.made("digest", Self::digest).await,
                40..55 => self.made("lists", Self::lists).await,
                55..65 => self.made("prompt", Self::prompt).await,
                65..75 => self.made("read", Self::read).await,
                75..90 => self.made("booking in two rounds", Self::book).await,
                _ => self.made("progress", Self::steps).await,
            }
            sleep(Duration::from_millis(self.chance.between(0, 10))).await;
        }
    }

    async fn made<'a, F>(&'a mut self, what: &'static str, call: impl Fn(&'a Worker, u64) -> F)
    where
        F: Future<Output = Checked> + 'a,
    {
        let number = self.chance.number();
        let this: &'a Worker = self;
        let begun = Instant::now();
        let made = || call(this, number);
        match repeated(this.retry, &this.book, made).await {
            Ok(Ok(())) => this.book.well(what, begun.elapsed()),
            Ok(Err(why)) => this.book.wrong(format!("{}, {what}: {why}", this.name)),
            Err(error) => this.book.fault(&this.name, what, this.retry, &error),
        }
    }

    /// A text that no other call has.
    fn text(&self, number: u64) -> String {
        format!("{} {} {number:x}", self.name, self.calls)
    }

    async fn echo(&self, number: u64) -> Checked {
        let text = self.text(number);
        let result = self
            .client
            .call_tool("echo", &json!({ "text": text }))
            .await?;
        let said = result.structured_content.as_ref();
        let said: Option<Value> = said.and_then(|json| serde_json::from_str(json.as_str()).ok());
        let member = |name| said.as_ref()?.get(name)?.as_str();
        let known = member("replica").is_some_and(|name| name.starts_with("replica-"));
        Ok(right(
            known && member("text") == Some(&text),
            &text,
            &result,
        ))
    }

    async fn digest(&self, number: u64) -> Checked {
        // From a few bytes to many, so that bodies come in one piece and in several.
        let text = self.text(number).repeat(1 << (number % 12));
        let result = self
            .client
            .call_tool("digest", &json!({ "text": text }))
            .await?;
        Ok(says(&result, &digest(&text)))
    }

    async fn lists(&self, _: u64) -> Checked {
        let tools = self.client.list_tools().await?;
        let prompts = self.client.list_prompts().await?;
        let complete = tools.iter().map(|tool| &*tool.name).eq(TOOLS)
            && prompts.iter().map(|prompt| &*prompt.name).eq(PROMPTS);
        Ok(right(complete, &(TOOLS, PROMPTS), &(tools, prompts)))
    }

    async fn prompt(&self, number: u64) -> Checked {
        let who = self.text(number);
        let result = self.client.get_prompt("greet", [("who", &*who)]).await?;
        let wanted = greeting(&who);
        let is_right = matches!(result.messages.as_slice(), [message]
            if matches!(&message.content, ContentBlock::Text(text) if text.text == wanted));
        Ok(right(is_right, &wanted, &result))
    }

    /// Not older than what was answered for before, nor newer than what was sent until now.
    async fn read(&self, _: u64) -> Checked {
        let (least, _) = self.book.range();
        let read = read_serial(&self.client).await?;
        let (_, most) = self.book.range();
        Ok(read.and_then(|serial| {
            right(
                (least..=most).contains(&serial),
                &format!("{least} to {most}"),
                &serial,
            )
        }))
    }

    async fn book(&self, number: u64) -> Checked {
        let day = self.text(number);
        let result = self
            .client
            .call_tool("book_table", &json!({ "day": day }))
            .await?;
        let guests = guests(&day);
        let name = format!("whoever comes for {guests} on {day}");
        Ok(says(&result, &booking(&day, guests, &name)))
    }

    async fn steps(&self, number: u64) -> Checked {
        let (count, millis) = (number % 10 + 1, number % 31);
        let mut taken = Vec::new();
        let result = self
            .client
            .call_tool("steps", &json!({ "count": count, "millis": millis }))
            .on_progress(|step| taken.extend(step.progress.as_i64()))
            .await?;
        let wanted = 1..=i64::try_from(count).unwrap_or_default();
        let steps = right(taken.iter().copied().eq(wanted.clone()), &wanted, &taken);
        Ok(steps.and_then(|()| says(&result, &format!("{count} steps"))))
    }
}

fn says(result: &CallToolResult<'_>, wanted: &str) -> Result<(), String> {
    let is_right = matches!(result.content.as_slice(),
        [ContentBlock::Text(text)] if text.text == wanted);
    right(is_right, &wanted, result)
}

fn right(
    is_right: bool,
    wanted: &dyn std::fmt::Debug,
    found: &dyn std::fmt::Debug,
) -> Result<(), String> {
    /// How much of an answer is shown.
    const SHOWN: usize = 600;
    if is_right {
        return Ok(());
    }
    let why = format!("expected {wanted:?}, found {found:?}");
    Err(why.chars().take(SHOWN).collect())
}
