//! Answers every request with its own parameters, until `stdin` ends or Ctrl-C is pressed.
//!
//! ```sh
//! echo '{"jsonrpc":"2.0","id":1,"method":"any/method","params":{"a":1}}' | cargo run --example echo
//! ```

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use mcpwire_service::{Reply, Request, Service};
use mcpwire_stdio::{ServeError, Server};

#[derive(Clone)]
struct Echo;

impl Service<Request> for Echo {
    type Response = Reply;
    type Error = Infallible;
    type Future = Ready<Result<Reply, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        ready(Ok(Reply::result(
            request.params().unwrap_or_else(|| "{}".into()),
        )))
    }
}

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    // Return after this, and the process ends.
    Server::new(Echo)
        .with_graceful_shutdown(ctrl_c)
        .serve_stdio()
        .await
}
