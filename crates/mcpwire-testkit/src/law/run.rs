//! A conversation with instances, and everything that comes out.

use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use mcpwire_service::{BoxError, Context, Drain, Principal, Reply, Request, Service};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::answers;
use super::conversation::{Conversation, Kind, Step};
use super::limits::Limits;
use crate::tape::Tape;
use crate::transcript::{self, Answer, Item};

/// Where the nth request goes, which is a round of a step.
pub(super) type Places<'a> = &'a dyn Fn(usize, usize, usize) -> usize;

/// What was asked and what came out, in the order of time.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) asked: Vec<Asked>,
    pub(super) entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) instance: usize,
    pub(super) method: String,
    /// The JSON text.
    pub(super) line: String,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// Which request it answers.
    pub(super) asked: usize,
    /// The latest request when it came, which is another one on a stream that stays open.
    pub(super) during: usize,
    pub(super) item: Item,
}

/// A stream that stays open.
struct Open {
    asked: usize,
    answer: Answer,
    heard: usize,
}

pub(super) struct Driver<'a> {
    limits: &'a Limits,
    run: Run,
    open: Vec<Open>,
    drain: watch::Sender<bool>,
}

impl<'a> Driver<'a> {
    /// Has these conversations with these instances, one after the other.
    pub(super) async fn run<S>(
        instances: &mut [S],
        conversations: &[Conversation],
        places: Places<'_>,
        limits: &'a Limits,
    ) -> Run
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let mut driver = Self {
            limits,
            run: Run::default(),
            open: Vec::new(),
            drain: watch::Sender::new(false),
        };
        let mut index = 0;
        for conversation in conversations {
            for step in &conversation.steps {
                driver.step(instances, index, step, places).await;
                index += 1;
            }
            driver.end().await;
        }
        driver.run
    }

    async fn step<S>(&mut self, instances: &mut [S], index: usize, step: &Step, places: Places<'_>)
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let mut tape = Tape::new(&step.answers);
        let mut more = Map::new();
        for round in 0..self.limits.rounds.max(1) {
            let nth = self.run.asked.len();
            let instance = places(nth, index, round);
            let line = step.request(nth, &more);
            let request = transcript::request(line.clone(), self.context(step));
            self.run.asked.push(Asked {
                instance,
                method: step.method.clone(),
                line,
            });
            match (request, instances.get_mut(instance)) {
                (Ok(request), Some(service)) => self.exchange(service, request, step.kind).await,
                (Ok(_), None) => self.note(nth, Item::Failed("there is no such instance".into())),
                (Err(why), _) => self.note(nth, Item::Failed(why)),
            }
            self.hear(nth).await;
            match self.next_round(nth, step, &mut tape) {
                Some(next) => more = next,
                None => return,
            }
        }
    }

    fn context(&self, step: &Step) -> Context {
        let mut context = Context::default();
        context.principal = step.principal.as_deref().map(Principal::new);
        let drain = self.drain.subscribe();
        context.drain = Drain::new(move || {
            let mut drain = drain.clone();
            async move {
                // A sender that is gone has nothing left to end.
                let _ = drain.wait_for(|begun| *begun).await;
            }
        });
        context
    }

    fn note(&mut self, asked: usize, item: Item) {
        let during = self.run.asked.len().saturating_sub(1);
        self.run.entries.push(Entry {
            asked,
            during,
            item,
        });
    }

    /// Everything that comes for a request, or until its stream is open.
    async fn exchange<S>(&mut self, service: &mut S, request: Request, kind: Kind)
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let nth = self.run.asked.len().saturating_sub(1);
        let patience = self.limits.patience;
        let Ok(mut answer) = timeout(patience, Answer::to(service, request)).await else {
            return self.note(nth, Item::Silent);
        };
        if kind == Kind::Listen && matches!(answer, Answer::Stream(_)) {
            self.open.push(Open {
                asked: nth,
                answer,
                heard: 0,
            });
            return;
        }
        for _ in 0..self.limits.items {
            match next(&mut answer, patience).await {
                Some(item) => self.note(nth, item),
                None => return,
            }
        }
        self.note(nth, Item::Endless);
    }

    /// What open streams have to tell by now.
    async fn hear(&mut self, nth: usize) {
        if self.open.is_empty() {
            return;
        }
        // Lets everything else come to rest first: on a clock that stands still this takes no time, and
        // ends when nothing else can go on.
        sleep(Duration::from_millis(1)).await;
        let mut open = std::mem::take(&mut self.open);
        for stream in &mut open {
            while let Poll::Ready(Some(item)) = poll_once(&mut stream.answer) {
                stream.heard += 1;
                let endless = stream.heard > self.limits.items;
                self.run.entries.push(Entry {
                    asked: stream.asked,
                    during: nth,
                    item: if endless { Item::Endless } else { item },
                });
                if endless {
                    stream.answer = Answer::Over;
                }
            }
        }
        open.retain(|stream| !matches!(stream.answer, Answer::Over));
        self.open = open;
    }

    /// Asks the streams that are open to end, and hears what they still have to tell.
    async fn end(&mut self) {
        self.drain.send_replace(true);
        self.drain = watch::Sender::new(false);
        for mut stream in std::mem::take(&mut self.open) {
            for _ in stream.heard..self.limits.items {
                match next(&mut stream.answer, self.limits.patience).await {
                    Some(item) => self.note(stream.asked, item),
                    None => break,
                }
            }
        }
    }

    /// What the next round adds to the parameters, if there is one.
    fn next_round(
        &self,
        nth: usize,
        step: &Step,
        tape: &mut Tape<'_>,
    ) -> Option<Map<String, Value>> {
        let last = self.run.entries.iter().rev().find(|it| it.asked == nth)?;
        let Item::Result(json) = &last.item else {
            return None;
        };
        let mut more = Map::new();
        if step.kind == Kind::Pages {
            let mut page: Map<String, Value> = serde_json::from_slice(json).ok()?;
            more.insert("cursor".to_owned(), page.remove("nextCursor")?);
            return Some(more);
        }
        // Most results are of the other kind, and need not be read for that.
        let asks = br#""input_required""#;
        if !json.windows(asks.len()).any(|window| window == asks) {
            return None;
        }
        let mut result: Map<String, Value> = serde_json::from_slice(json).ok()?;
        if result.get("resultType").and_then(Value::as_str) != Some("input_required") {
            return None;
        }
        if let Some(state) = result.remove("requestState") {
            more.insert("requestState".to_owned(), state);
        }
        if let Some(Value::Object(requests)) = result.get("inputRequests") {
            let answers = answers::to_all(requests, tape);
            more.insert("inputResponses".to_owned(), Value::Object(answers));
        }
        Some(more)
    }
}

async fn next(answer: &mut Answer, patience: Duration) -> Option<Item> {
    let next = timeout(patience, answer.next()).await;
    next.unwrap_or_else(|_| {
        *answer = Answer::Over;
        Some(Item::Silent)
    })
}

/// What is there already. Nobody is woken for what comes later: it is asked for again.
fn poll_once(answer: &mut Answer) -> Poll<Option<Item>> {
    match Box::pin(answer.next()).as_mut().now_or_never() {
        Some(item) => Poll::Ready(item),
        None => Poll::Pending,
    }
}
