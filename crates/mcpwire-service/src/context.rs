//! Facts about a request that are not in its message: who asked, over what, until when.

use std::any::{Any, TypeId};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

/// What a transport and the middleware in front of a service know about one request.
///
/// Nothing in it outlives the request (BASE-34).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// Who asks, as far as something in front of the service has verified it (SEC-06).
    pub principal: Option<Principal>,
    /// `Mcp-Param-*` fields, on a transport that mirrors parameters (HDR-30); `None` elsewhere.
    pub mirrored_params: Option<MirroredParams>,
    /// Tells a long answer that the transport is about to close (SUB-19).
    pub drain: Drain,
    /// Whatever else middleware wants to hand to handlers, by type.
    pub extensions: Extensions,
}

/// A verified identity, such as the `sub` of a checked access token.
///
/// What a server binds to a principal (sealed request state, handles) is refused for any other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal(Arc<str>);

impl Principal {
    /// Call this for an identity that was verified, never for one that was merely claimed.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The `Mcp-Param-*` header fields of a request: raw values, not yet decoded or compared.
#[derive(Clone, Debug, Default)]
pub struct MirroredParams(Vec<(String, Bytes)>);

impl MirroredParams {
    /// Adds one field; `name` is the part after `Mcp-Param-`.
    pub fn push(&mut self, name: &str, value: Bytes) {
        self.0.push((name.to_owned(), value));
    }

    /// Every value sent under `name`, compared without case (HTTP-47). More than one is a mismatch
    /// (HTTP-53).
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Bytes> + 'a {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Every field: the part of its name after `Mcp-Param-`, and its raw value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), &value[..]))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

type DrainFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A signal that the transport is shutting down and wants open streams to end properly.
///
/// The default never fires.
#[derive(Clone, Default)]
pub struct Drain(Option<Arc<dyn Fn() -> DrainFuture + Send + Sync>>);

impl Drain {
    /// `signal` is called by each waiter and gives a future that ends when the drain begins.
    pub fn new<F, Fut>(signal: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(Some(Arc::new(move || Box::pin(signal()))))
    }

    /// Ends when the drain begins; never, where nobody can start one.
    pub fn begun(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match &self.0 {
            Some(signal) => signal(),
            None => Box::pin(std::future::pending()),
        }
    }
}

impl fmt::Debug for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain")
            .field("can_begin", &self.0.is_some())
            .finish()
    }
}

/// Values by type, for what middleware hands to handlers.
///
/// There are a few in each request, so that looking at one after the other is the fastest way to one.
#[derive(Clone, Default)]
pub struct Extensions(Vec<(TypeId, Arc<dyn Any + Send + Sync>)>);

impl Extensions {
    /// Puts a value in, in place of an earlier one of the same type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.insert_shared(Arc::new(value));
    }

    /// The same for a value that many requests have in common, such as the address of their connection:
    /// it is found by its own type.
    pub fn insert_shared(&mut self, value: Arc<dyn Any + Send + Sync>) {
        let kind = (*value).type_id();
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, place)) => *place = value,
            None => self.0.push((kind, value)),
        }
    }

    /// The value of this type, if somebody put one in.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let kind = TypeId::of::<T>();
        let (_, value) = self.0.iter().find(|(known, _)| *known == kind)?;
        value.downcast_ref()
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions")
            .field("len", &self.0.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_47_mirrored_params_are_found_without_regard_to_case() {
        let mut params = MirroredParams::default();
        params.push("Region", Bytes::from_static(b"eu"));
        params.push("REGION", Bytes::from_static(b"us"));
        assert_eq!(params.get_all("region").count(), 2);
        assert_eq!(params.get_all("zone").count(), 0);
    }

    #[test]
    fn extensions_are_kept_by_type() {
        let mut extensions = Extensions::default();
        extensions.insert(7_u8);
        extensions.insert("text");
        extensions.insert(8_u8);
        assert_eq!(extensions.get::<u8>(), Some(&8));
        assert_eq!(extensions.get::<&str>(), Some(&"text"));
        assert_eq!(extensions.get::<u16>(), None);
        extensions.insert_shared(Arc::new(9_u16));
        assert_eq!(extensions.get::<u16>(), Some(&9));
    }
}
