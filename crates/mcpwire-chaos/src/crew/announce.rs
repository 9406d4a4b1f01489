//! Whoever makes changes: one at a time, each until it is answered for.

use std::sync::Arc;
use std::time::Duration;

use mcpwire::Client;
use mcpwire::types::ContentBlock;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::client::pause;
use super::{Book, Retry};
use crate::Chance;

const WHAT: &str = "announce";

/// Makes changes until it is told to stop.
pub(super) async fn run(
    client: Client,
    mut chance: Chance,
    book: Arc<Book>,
    stop: watch::Receiver<bool>,
) {
    let mut serial = 0;
    while !*stop.borrow() {
        serial += 1;
        let mut attempts = 0;
        loop {
            attempts += 1;
            book.announce(serial);
            let begun = Instant::now();
            let call = client.call_tool("announce", &json!({ "serial": serial }));
            match call.await {
                Ok(result) => {
                    let said = serial.to_string();
                    let right = matches!(result.content.as_slice(),
                        [ContentBlock::Text(text)] if text.text == said);
                    if right {
                        book.well(WHAT, begun.elapsed());
                    } else {
                        book.wrong(format!("announce of {serial}: {result:?}"));
                    }
                    break;
                }
                // Sent again here and not by a layer, since who listens may hear of it twice then.
                Err(error) if attempts == 20 => {
                    book.wrong(format!("announce of {serial}: {error}"));
                    break;
                }
                Err(error) => {
                    book.fault("announcer", WHAT, Retry::None, &error);
                    sleep(pause(attempts)).await;
                }
            }
        }
        book.announced(serial);
        sleep(Duration::from_millis(chance.between(20, 60))).await;
    }
}
