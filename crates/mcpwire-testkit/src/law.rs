//! **Any replica answers any request.** For any conversation, and any assignment of its requests to
//! fresh instances of a server, what comes out is what comes out of one instance.
//!
//! ```
//! use mcpwire_dispatch::{KeyRing, RawArgs, Router};
//! use mcpwire_testkit::law;
//!
//! /// What all replicas have in common comes from outside: here the key of their request state.
//! fn server(keys: KeyRing) -> Router {
//!     Router::new("greeter", "1").key_ring(keys).tool("greet", async |_: RawArgs| Ok("Hello!"))
//! }
//!
//! let keys = KeyRing::new([7; 32]);
//! law::any_replica(|| server(keys.clone()), law::Options::default().cases(16))?;
//! # Ok::<(), law::Error>(())
//! ```
//!
//! Each conversation is had twice: with one instance, and with several, each request on an instance
//! that is drawn. **Conversations** are made of what the server says that it has: tools with arguments
//! that fit their schema, prompts, resources, templates, completions, lists page by page, unknown names
//! and bad parameters. Where the server asks for input it gets some, and each round may be on another
//! instance. A `subscriptions/listen` stream stays open to the end of its conversation. What is
//! found is made as small as it gets before it is reported.
//!
//! **What replicas share**, such as keys, is captured by the closure that makes one. What holds data that
//! requests change, such as a database, has to be empty for each run: [`deployments`] takes a closure
//! that makes it, and gives the closure that makes instances.
//!
//! ```
//! # use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
//! # use mcpwire_dispatch::{RawArgs, Router};
//! # use mcpwire_testkit::law;
//! # type Store = Arc<AtomicU64>;
//! # fn server(store: Store) -> Router {
//! #     Router::new("counter", "1").tool("next", move |_: RawArgs| {
//! #         let store = store.clone();
//! #         async move { Ok(store.fetch_add(1, Ordering::SeqCst).to_string()) }
//! #     })
//! # }
//! law::deployments(|| {
//!     let store = Store::default();
//!     move || server(store.clone())
//! })
//! .verify()?;
//! # Ok::<(), law::Error>(())
//! ```
//!
//! **The clock** of a law stands still while anything can go on, so that a handler that sleeps for an
//! hour costs nothing; see [`Options::real_time`] for a server that waits for something outside of the
//! process. Requests go out one after the other: that answers are right when requests overlap is
//! another law.

mod answers;
mod catalog;
mod conversation;
mod diverged;
mod error;
mod limits;
mod options;
mod replicas;
mod run;

pub use conversation::{Conversation, Placement, Step};
pub use diverged::{Diverged, Sent};
pub use error::Error;
pub use limits::Limits;
pub use options::Options;
pub use replicas::{Replicas, Report, any_replica, deployments, replicas};
