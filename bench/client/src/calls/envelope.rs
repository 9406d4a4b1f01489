//! The pooled client with what one writes first: `serde_json` both ways.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Caller;
use super::bare::Poster;
use crate::{message, text};

#[derive(Serialize)]
struct Call<'a> {
    jsonrpc: &'a str,
    id: u64,
    method: &'a str,
    params: Params<'a>,
}

#[derive(Serialize)]
struct Params<'a> {
    name: &'a str,
    arguments: Arguments<'a>,
    #[serde(rename = "_meta")]
    meta: &'a RawValue,
}

#[derive(Serialize)]
pub(super) struct Arguments<'a> {
    pub(super) text: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    id: u64,
    result: Output,
}

#[derive(Deserialize)]
struct Output {
    content: Vec<Content>,
}

#[derive(Deserialize)]
struct Content {
    text: String,
}

#[derive(Clone)]
pub(super) struct Envelope(Arc<(Poster, Box<RawValue>, AtomicU64)>);

impl Envelope {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let params: serde_json::Value = serde_json::from_str(&message::params("")).map_err(text)?;
        let meta = serde_json::value::to_raw_value(&params["_meta"]).map_err(text)?;
        let first = AtomicU64::new(1);
        Ok(Self(Arc::new((Poster::new(url)?, meta, first))))
    }
}

impl Caller for Envelope {
    async fn call(&self) -> Result<(), String> {
        let (poster, meta, ids) = &*self.0;
        let id = ids.fetch_add(1, Ordering::Relaxed);
        let call = Call {
            jsonrpc: "2.0",
            id,
            method: "tools/call",
            params: Params {
                name: "echo",
                arguments: Arguments {
                    text: message::TEXT,
                },
                meta,
            },
        };
        let body = serde_json::to_vec(&call).map_err(text)?;
        let answer = poster.post(body.into()).await?;
        let answer: Answer = serde_json::from_slice(&answer).map_err(text)?;
        match &*answer.result.content {
            [content] if content.text == message::TEXT && answer.id == id => Ok(()),
            _ => Err("an unexpected answer".to_owned()),
        }
    }
}
