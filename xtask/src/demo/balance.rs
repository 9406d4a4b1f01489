//! The gateway's service: each request goes to the next replica.
//!
//! Any service would do here, one of `tower::balance` among them. In turns, because then it can be said
//! beforehand which replica answers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use mcpwire::http::client::Client;
use mcpwire::service::{BoxError, Reply, Request, Service};

/// Goes round the replicas. Clones share the turn.
#[derive(Clone)]
pub(super) struct Balance {
    replicas: Arc<[(String, Client)]>,
    turn: Arc<AtomicUsize>,
}

impl Balance {
    /// Replicas by name, the first one first.
    pub(super) fn new(replicas: Vec<(String, Client)>) -> Self {
        Self {
            replicas: replicas.into(),
            turn: Arc::default(),
        }
    }

    /// The name of the replica that the last request went to.
    pub(super) fn last(&self) -> &str {
        let turn = self.turn.load(Ordering::Relaxed).checked_sub(1);
        let replica = turn.and_then(|turn| self.at(turn));
        replica.map_or("nobody", |(name, _)| name)
    }

    /// Sends the next request where the last one went.
    pub(super) fn stay(&self) {
        self.turn.fetch_sub(1, Ordering::Relaxed);
    }

    fn at(&self, turn: usize) -> Option<&(String, Client)> {
        self.replicas.get(turn.checked_rem(self.replicas.len())?)
    }
}

impl Service<Request> for Balance {
    type Response = Reply;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send>>;

    /// The client of a replica is always ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let replica = self.at(turn).map(|(_, client)| client.clone());
        Box::pin(async move {
            let mut replica = replica.ok_or("there are no replicas")?;
            Ok(replica.call(request).await?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_round() {
        let names = ["a", "b"];
        let client = |name: &str| Client::new(&format!("http://{name}/")).unwrap();
        let mut balance = Balance::new(names.map(|name| (name.to_owned(), client(name))).into());
        assert_eq!(balance.last(), "nobody");
        let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let message = mcpwire::codec::Message::decode(message).unwrap();
        let request = Request::new(message).unwrap();
        let mut went = || {
            drop(balance.call(request.clone()));
            balance.last().to_owned()
        };
        assert_eq!([went(), went(), went()], ["a", "b", "a"]);
        balance.stay();
        drop(balance.call(request));
        assert_eq!(balance.last(), "a");
    }
}
