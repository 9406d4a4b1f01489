//! Ours, as the README of `mcpwire-client` shows it.

use mcpwire_client::Client;
use mcpwire_types::ContentBlock;

use super::Caller;
use super::envelope::Arguments;
use crate::{message, text};

pub(super) fn client(url: &str) -> Result<Client, String> {
    let remote = mcpwire_http::client::Client::new(url).map_err(text)?;
    Ok(Client::builder(remote).info("bench", "1").build())
}

impl Caller for Client {
    async fn call(&self) -> Result<(), String> {
        let arguments = Arguments {
            text: message::TEXT,
        };
        let result = self.call_tool("echo", &arguments).await.map_err(text)?;
        match &*result.content {
            [ContentBlock::Text(found)] if found.text == message::TEXT => Ok(()),
            other => Err(format!("an unexpected answer: {other:?}")),
        }
    }
}
