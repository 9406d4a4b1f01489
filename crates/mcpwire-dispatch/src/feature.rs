//! What a server offers: one module for each feature, and what their lists have in common.
//!
//! A feature's module holds its definition (what is listed), what its handlers return, and the way of
//! one call. Which request comes here is decided in `router::dispatch`.

pub(crate) mod cache;
pub(crate) mod completion;
pub(crate) mod discover;
pub(crate) mod method;
pub(crate) mod page;
pub(crate) mod prompt;
pub(crate) mod resource;
pub(crate) mod tool;
