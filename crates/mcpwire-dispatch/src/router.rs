//! The router: what a server is put together with.
//!
//! Settings are here; `chain` and `edit` register handlers, and `dispatch.rs` has the way of a request.

pub(crate) mod dispatch;
pub(crate) mod register;
pub(crate) mod registry;
pub(crate) mod replicas;
pub(crate) mod run;
pub(crate) mod table;

mod chain;
mod edit;

use std::sync::{Arc, PoisonError, RwLock};

use mcpwire_service::{ChangeBus, Extensions, LocalBus};
use mcpwire_types::{Implementation, JSONObject};
use serde::Serialize;

use crate::feature::cache::{CacheHint, CacheHints};
use crate::feature::completion::Completers;
use crate::input::InputPolicy;
use crate::input::seal::KeyRing;
use crate::limits::Limits;
use crate::listen::budget::ListenStats;
use crate::listen::changes::Changes;
use crate::router::registry::{Declared, Registry, ServerInfo, Written};
use crate::router::table::Table;

/// A server put together from handlers: a `Service` from a request to a reply.
///
/// It is a handle: clones are cheap and are the same server, and what is registered on one is there on
/// all. Registering consumes and returns the handle, for chains; the `add_*` and `remove_*` methods do
/// the same on a server that is running, return errors where the chain panics, and tell subscribers.
///
/// Requests run concurrently. One that has begun sees the server as it was at that moment.
#[derive(Clone, Debug)]
pub struct Router {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: RwLock<Arc<Registry>>,
}

/// A feature of a server, declared as a capability in `server/discover` (DISC-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// `tools`.
    Tools,
    /// `prompts`.
    Prompts,
    /// `resources`, templates included.
    Resources,
    /// `completions`.
    Completions,
    /// `logging`, deprecated in this revision (LOG-01).
    Logging,
}

/// Settings, for when the server is put together.
impl Router {
    /// A server without features, under its name and version (BASE-43).
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self::with_info(Implementation::new(name.into(), version.into()))
    }

    /// [`Router::new`] with title, description, website or icons.
    pub fn with_info(info: Implementation<'static>) -> Self {
        let limits = Limits::default();
        let registry = Registry {
            info: ServerInfo::new(info),
            send_info: true,
            instructions: None,
            cache: CacheHints::default(),
            extensions: Vec::new(),
            states: Extensions::default(),
            input: input_policy(KeyRing::random(), &limits),
            limits,
            bus: Some(Arc::new(LocalBus::default())),
            listening: Arc::default(),
            replicated: false,
            declared: Declared::default(),
            tools: Table::default(),
            prompts: Table::default(),
            resources: Table::default(),
            templates: Table::default(),
            completers: Completers::default(),
            methods: Table::default(),
            written: Written::default(),
        };
        Self {
            shared: Arc::new(Shared {
                registry: RwLock::new(Arc::new(registry)),
            }),
        }
    }

    /// Tells models how to use the server as a whole (DISC-07).
    pub fn instructions(self, instructions: impl Into<String>) -> Self {
        self.set(|registry| registry.instructions = Some(instructions.into()))
    }

    /// Puts a value where handlers find it as [`State<S>`](crate::State), in place of an earlier one of
    /// the same type. It comes before the handlers that take it.
    pub fn state<S: Clone + Send + Sync + 'static>(self, state: S) -> Self {
        self.set(|registry| registry.states.insert(state))
    }

    /// Replaces the bounds.
    pub fn limits(self, limits: Limits) -> Self {
        self.set(|registry| {
            registry.input = input_policy(registry.input.keys.clone(), &limits);
            registry.limits = limits;
        })
    }

    /// How long the answers of `server/discover` and of all lists may be kept; the default is not at all,
    /// and privately. Reads of resources have their own default, see [`Router::cache_method`].
    pub fn cache(self, hint: CacheHint) -> Self {
        self.set(|registry| {
            let read = registry.cache.read;
            registry.cache = CacheHints {
                discover: hint,
                tools: hint,
                prompts: hint,
                resources: hint,
                templates: hint,
                read,
            };
        })
    }

    /// [`Router::cache`] for one method, such as [`method::RESOURCES_READ`](mcpwire_types::method::RESOURCES_READ).
    ///
    /// # Panics
    ///
    /// When answers of the method carry no such hint (CACHE-03).
    pub fn cache_method(self, method: &str, hint: CacheHint) -> Self {
        self.set(|registry| match registry.cache.of(method) {
            Some(place) => *place = hint,
            None => mistake(&format!("answers of {method} carry no caching hint")),
        })
    }

    /// The keys that request state is sealed with (MRTR-30).
    ///
    /// The default is a random key of this process: behind a balancer give every replica the same ring, or
    /// a retry that reaches another replica is refused.
    pub fn key_ring(self, ring: KeyRing) -> Self {
        self.set(|registry| registry.input.keys = ring)
    }

    /// Carries changes to subscribers over this bus instead of one inside the process. Replicas share
    /// changes only over a bus that reaches all of them.
    pub fn bus(self, bus: impl ChangeBus) -> Self {
        self.set(|registry| registry.bus = Some(Arc::new(bus)))
    }

    /// Announces no changes: `listChanged` and `subscribe` are not declared and `subscriptions/listen` is
    /// no method of the server (SUB-29). For where streams cannot stay open.
    pub fn without_changes(self) -> Self {
        self.set(|registry| registry.bus = None)
    }

    /// Leaves the server's name out of results (META-23).
    pub fn without_server_info(self) -> Self {
        self.set(|registry| registry.send_info = false)
    }

    /// Declares a feature that has nothing in it yet. What is registered declares its feature by itself,
    /// and a feature stays declared when the last of it is removed (TOOL-03).
    pub fn declare(self, feature: Feature) -> Self {
        self.set(|registry| {
            let declared = &mut registry.declared;
            match feature {
                Feature::Tools => declared.tools = true,
                Feature::Prompts => declared.prompts = true,
                Feature::Resources => declared.resources = true,
                Feature::Completions => declared.completions = true,
                Feature::Logging => declared.logging = true,
            }
        })
    }

    /// Declares an extension with its settings, an object (EXT-01, EXT-03).
    ///
    /// # Panics
    ///
    /// When the identifier has no prefix (EXT-02) or the settings are no JSON object.
    pub fn extension(self, identifier: impl Into<String>, settings: impl Serialize) -> Self {
        let identifier = identifier.into();
        if !is_extension_identifier(&identifier) {
            mistake(&format!(
                "{identifier:?} is no extension identifier such as com.example/name"
            ));
        }
        let Ok(settings) = JSONObject::from_serialize(&settings) else {
            mistake(&format!(
                "the settings of extension {identifier} are no JSON object"
            ));
        };
        self.set(|registry| {
            registry
                .extensions
                .retain(|(known, _)| *known != identifier);
            registry.extensions.push((identifier, settings));
        })
    }

    fn set(self, change: impl FnOnce(&mut Registry)) -> Self {
        self.update(change);
        self
    }
}

impl Router {
    /// Announces changes that the router cannot know of, such as the content of a resource.
    pub fn changes(&self) -> Changes {
        self.snapshot().changes()
    }

    /// What became of the `subscriptions/listen` requests so far.
    pub fn listen_stats(&self) -> ListenStats {
        self.snapshot().listening.stats()
    }

    /// Names the key that request state is sealed with, to compare replicas; it does not give the key
    /// away.
    pub fn key_fingerprint(&self) -> String {
        self.snapshot().input.keys.fingerprint()
    }

    /// What the router is at this moment.
    pub(crate) fn snapshot(&self) -> Arc<Registry> {
        let registry = self
            .shared
            .registry
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&registry)
    }

    /// Replaces what the router is; requests that have begun keep what they have.
    fn update<R>(&self, change: impl FnOnce(&mut Registry) -> R) -> R {
        let mut registry = self
            .shared
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let registry = Arc::make_mut(&mut registry);
        let outcome = change(registry);
        registry.written = Written::default();
        outcome
    }
}

fn input_policy(keys: KeyRing, limits: &Limits) -> InputPolicy {
    InputPolicy {
        keys,
        lifetime: limits.request_state_ttl,
        max_state_bytes: limits.max_request_state,
        max_rounds: limits.max_input_rounds,
    }
}

/// EXT-02: a prefix of dot-separated labels, a slash, and a name.
fn is_extension_identifier(identifier: &str) -> bool {
    let Some((prefix, name)) = identifier.split_once('/') else {
        return false;
    };
    let inner = |text: &str, more: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let label = |label: &str| {
        label.starts_with(|first: char| first.is_ascii_alphabetic())
            && label.ends_with(|last: char| last.is_ascii_alphanumeric())
            && inner(label, b"-")
    };
    prefix.split('.').all(label)
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.ends_with(|last: char| last.is_ascii_alphanumeric())
        && inner(name, b"-_.")
}

/// Ends the program where it was put together wrongly.
#[expect(
    clippy::panic,
    reason = "a mistake of the programmer, before the server serves anybody"
)]
fn mistake(message: &str) -> ! {
    panic!("{message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ext_02_identifiers_have_a_prefix() {
        for good in [
            "com.example/x",
            "io.modelcontextprotocol/tasks",
            "a/b",
            "a-b.c1/x_y.z",
        ] {
            assert!(is_extension_identifier(good), "{good}");
        }
        for bad in [
            "",
            "tasks",
            "/x",
            "com.example/",
            "1a/x",
            "a-/x",
            "a..b/x",
            "a/x-",
            "a/b/c",
        ] {
            assert!(!is_extension_identifier(bad), "{bad}");
        }
    }
}
