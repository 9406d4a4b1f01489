//! Answers that are fresh for a while (CACHE rows).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mcpwire_types::method;
use tokio::time::Instant;

use crate::Limits;
use crate::head::Head;

/// What an answer was the answer to. Tokens, traces and the client's name are not part of it
/// (CACHE-37).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) method: &'static str,
    /// The JSON text of the parameters, without `_meta`.
    pub(crate) params: String,
    pub(crate) version: String,
}

/// Shared by the clients of one endpoint. Private answers are kept apart by authorization.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    by_key: HashMap<(Key, Scope), Entry>,
    bytes: usize,
    /// Counts the changes that were heard of. What was asked before one is not kept after it.
    generation: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Public,
    /// For whoever has this authorization alone (CACHE-20).
    Private(String),
}

struct Entry {
    result: Bytes,
    until: Instant,
    size: usize,
}

/// Which answers a change makes stale (CACHE-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale<'a> {
    Tools,
    Prompts,
    Resources,
    Resource(&'a str),
    Everything,
}

/// Whether answers of a method can be kept at all (CACHE-01).
pub(crate) fn is_cacheable(name: &str) -> bool {
    matches!(
        name,
        method::SERVER_DISCOVER
            | method::TOOLS_LIST
            | method::PROMPTS_LIST
            | method::RESOURCES_LIST
            | method::RESOURCES_TEMPLATES_LIST
            | method::RESOURCES_READ
    )
}

impl Cache {
    pub(crate) fn get(&self, key: &Key, authorization: &str) -> Option<Bytes> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for scope in [Scope::Public, Scope::Private(authorization.to_owned())] {
            let key = (key.clone(), scope);
            match entries.by_key.get(&key) {
                Some(entry) if now < entry.until => return Some(entry.result.clone()),
                Some(_) => entries.remove(&key),
                None => {}
            }
        }
        None
    }

    /// To be asked for before the request is sent, and given to [`put`](Self::put).
    pub(crate) fn generation(&self) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .generation
    }

    pub(crate) fn put(
        &self,
        key: Key,
        authorization: &str,
        head: &Head<'_>,
        result: &Bytes,
        generation: u64,
        limits: &Limits,
    ) {
        let ttl = Duration::from_millis(head.ttl_ms()).min(limits.max_cache_age);
        let size = result.len() + key.params.len() + authorization.len() + 256;
        let Some(until) = Instant::now().checked_add(ttl) else {
            return;
        };
        if ttl.is_zero() || size > limits.max_cache_bytes || limits.max_cache_entries == 0 {
            return;
        }
        let scope = if head.is_public() {
            Scope::Public
        } else {
            Scope::Private(authorization.to_owned())
        };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.generation != generation {
            return;
        }
        let key = (key, scope);
        entries.remove(&key);
        entries.make_room(size, limits);
        entries.bytes += size;
        // A copy: the slice would keep the whole message alive, and more than is counted.
        let result = Bytes::copy_from_slice(result);
        entries.by_key.insert(
            key,
            Entry {
                result,
                until,
                size,
            },
        );
    }

    pub(crate) fn invalidate(&self, stale: Stale<'_>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.generation += 1;
        let gone: Vec<_> = entries
            .by_key
            .keys()
            .filter(|(key, _)| stale.hits(key))
            .cloned()
            .collect();
        for key in &gone {
            entries.remove(key);
        }
    }
}

impl Entries {
    fn remove(&mut self, key: &(Key, Scope)) {
        if let Some(entry) = self.by_key.remove(key) {
            self.bytes -= entry.size;
        }
    }

    /// Those that end first go first.
    fn make_room(&mut self, size: usize, limits: &Limits) {
        while self.by_key.len() >= limits.max_cache_entries
            || self.bytes + size > limits.max_cache_bytes
        {
            let first = self.by_key.iter().min_by_key(|(_, entry)| entry.until);
            let Some(key) = first.map(|(key, _)| key.clone()) else {
                return;
            };
            self.remove(&key);
        }
    }
}

impl Stale<'_> {
    fn hits(self, key: &Key) -> bool {
        match self {
            Self::Tools => key.method == method::TOOLS_LIST,
            Self::Prompts => key.method == method::PROMPTS_LIST,
            Self::Resources => matches!(
                key.method,
                method::RESOURCES_LIST | method::RESOURCES_TEMPLATES_LIST
            ),
            // The notice may name a part of what was read (SUB-27), so that all readings below the
            // same or a shorter URI count.
            Self::Resource(uri) => {
                key.method == method::RESOURCES_READ && {
                    let read = read_uri(&key.params);
                    uri.starts_with(&read) || read.starts_with(uri)
                }
            }
            Self::Everything => true,
        }
    }
}

/// `uri` out of the parameters of `resources/read`; what cannot be told counts as any.
fn read_uri(params: &str) -> String {
    let params: Option<mcpwire_types::Map<'_, std::borrow::Cow<'_, str>>> =
        mcpwire_types::decode_str(params).ok();
    params
        .and_then(|params| params.get("uri").map(|uri| uri.clone().into_owned()))
        .unwrap_or_default()
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Cache")
            .field("entries", &entries.by_key.len())
            .field("bytes", &entries.bytes)
            .finish()
    }
}
