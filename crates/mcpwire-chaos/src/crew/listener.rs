//! Whoever listens for changes, and reads again what has changed.

use std::sync::Arc;

use futures_util::StreamExt as _;
use mcpwire::Client;
use mcpwire::client::{Event, Loss};
use mcpwire::types::SubscriptionFilter;
use tokio::time::Instant;

use super::work::{TOOLS, read_serial, repeated};
use super::{Book, Retry};
use crate::serial::{RESOURCE, of_part};

/// Listens until it is dropped.
pub(super) async fn run(number: usize, client: Client, retry: Retry, book: Arc<Book>) {
    let filter = SubscriptionFilter::new()
        .tools_list_changed(true)
        .resource_subscriptions([RESOURCE]);
    let mut events = client.listen(filter);
    let listener = Listener {
        number,
        name: format!("listener {number}"),
        client: client.clone(),
        retry,
        book,
    };
    while let Some(event) = events.next().await {
        listener.hear(event).await;
    }
}

struct Listener {
    number: usize,
    name: String,
    client: Client,
    retry: Retry,
    book: Arc<Book>,
}

impl Listener {
    async fn hear(&self, event: Event) {
        let book = &self.book;
        match event {
            Event::Listening(filter) => {
                book.session_over(self.number);
                let asked = filter.tools_list_changed == Some(true)
                    && filter
                        .resource_subscriptions
                        .is_some_and(|uris| uris == [RESOURCE]);
                if !asked {
                    book.wrong(format!("{} is not heard in full", self.name));
                }
                self.read(0).await;
            }
            Event::ResourceUpdated { uri } => match of_part(&uri) {
                Some(serial) => {
                    book.notified(self.number, serial);
                    self.read(serial).await;
                }
                None if uri == RESOURCE => {
                    book.missed(self.number);
                    self.read(0).await;
                }
                None => book.wrong(format!("{} hears of {uri}", self.name)),
            },
            Event::ToolsListChanged => {
                book.heard(self.number, |heard| heard.tools += 1);
                self.list().await;
            }
            Event::Gap(Loss::Closed) => book.heard(self.number, |heard| heard.closed += 1),
            Event::Gap(Loss::Lost(error)) => {
                book.heard(self.number, |heard| heard.lost.push(error.to_string()));
            }
            other => book.wrong(format!("{} hears {other:?}", self.name)),
        }
    }

    /// Reads the number of the newest change, which is `least` or later.
    async fn read(&self, least: u64) {
        let begun = Instant::now();
        match repeated(self.retry, &self.book, || read_serial(&self.client)).await {
            Ok(Ok(serial)) if serial >= least => {
                self.book.well("read after a change", begun.elapsed());
                self.book
                    .heard(self.number, |heard| heard.known = heard.known.max(serial));
            }
            Ok(Ok(serial)) => {
                let why = format!("{} hears of {least} and then reads {serial}", self.name);
                self.book.wrong(why);
            }
            Ok(Err(why)) => self.book.wrong(format!("{}: {why}", self.name)),
            Err(error) => {
                self.book
                    .fault(&self.name, "read after a change", self.retry, &error);
            }
        }
    }

    async fn list(&self) {
        let begun = Instant::now();
        let what = "list after a change";
        match repeated(self.retry, &self.book, || self.client.list_tools()).await {
            Ok(tools) if tools.iter().map(|tool| &*tool.name).eq(TOOLS) => {
                self.book.well(what, begun.elapsed());
            }
            Ok(tools) => self.book.wrong(format!("{} lists {tools:?}", self.name)),
            Err(error) => self.book.fault(&self.name, what, self.retry, &error),
        }
    }
}
