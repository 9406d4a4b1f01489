//! A recording that is read.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, Read as _};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Limits;
use crate::transcript::Item;

/// One request of a recording, and what was answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The message of the request.
    pub request: Value,
    /// On whose behalf it was.
    pub principal: Option<String>,
    /// What came back; without a last item where nobody waited for it.
    pub items: Vec<Item>,
}

/// A conversation that was written down, see [`Recorder`](super::Recorder).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    pub(super) exchanges: Vec<Recorded>,
}

impl Recording {
    /// Reads a recording within the default [`Limits`].
    pub fn load(from: impl BufRead) -> Result<Self, LoadError> {
        Self::load_with(from, &Limits::default())
    }

    /// Reads a recording within these limits.
    pub fn load_with(mut from: impl BufRead, limits: &Limits) -> Result<Self, LoadError> {
        let mut recording = Self::default();
        let mut places: HashMap<u64, usize> = HashMap::new();
        let (mut number, mut total) = (0, 0_usize);
        loop {
            number += 1;
            let bad = |why: &str| LoadError::Line {
                number,
                why: why.to_owned(),
            };
            let mut line = Vec::new();
            let most = u64::try_from(limits.line)
                .unwrap_or(u64::MAX)
                .saturating_add(2);
            let read = (&mut from).take(most).read_until(b'\n', &mut line);
            if read.map_err(LoadError::Read)? == 0 {
                return Ok(recording);
            }
            total = total.saturating_add(line.len());
            if total > limits.total {
                return Err(LoadError::TooLong {
                    limit: limits.total,
                });
            }
            if line.strip_suffix(b"\n").unwrap_or(&line).len() > limits.line {
                return Err(bad(&format!(
                    "it has more than the limit of {} bytes",
                    limits.line
                )));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let mut members: Map<String, Value> =
                serde_json::from_slice(&line).map_err(|error| bad(&error.to_string()))?;
            let exchange = members.remove("exchange").as_ref().and_then(Value::as_u64);
            let exchange = exchange.ok_or_else(|| bad("it names no exchange"))?;
            if let Some(request) = members.remove("request") {
                places.insert(exchange, recording.exchanges.len());
                recording.exchanges.push(Recorded {
                    request,
                    principal: members
                        .get("principal")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                    items: Vec::new(),
                });
                continue;
            }
            let place = places.get(&exchange).copied();
            let place = place.and_then(|place| recording.exchanges.get_mut(place));
            let place = place.ok_or_else(|| bad("its exchange has no request before it"))?;
            let item = item(&members).ok_or_else(|| bad("it is nothing that a recording has"))?;
            place.items.push(item);
        }
    }

    /// The exchanges, in the order of their requests.
    pub fn exchanges(&self) -> &[Recorded] {
        &self.exchanges
    }
}

fn item(members: &Map<String, Value>) -> Option<Item> {
    let (kind, value) = members.iter().find(|(name, _)| *name != "refused")?;
    let json = || Bytes::from(value.to_string());
    let text = || value.as_str().unwrap_or_default().to_owned();
    Some(match kind.as_str() {
        "notification" => Item::Notification(json()),
        "result" => Item::Result(json()),
        "error" => Item::Error {
            json: json(),
            refused: members.get("refused") == Some(&Value::Bool(true)),
        },
        "broken" => Item::Broken(text()),
        "failed" => Item::Failed(text()),
        _ => return None,
    })
}

/// Why a recording cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The source fails.
    Read(io::Error),
    /// A line is no line of a recording.
    Line {
        /// Which, from 1 on.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It is longer than [`Limits::total`].
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(_) => f.write_str("the recording cannot be read"),
            Self::Line { number, why } => write!(f, "line {number} of the recording: {why}"),
            Self::TooLong { limit } => {
                write!(f, "the recording has more than the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::Line { .. } | Self::TooLong { .. } => None,
        }
    }
}
