//! A server whose handler prints to `stdout` and starts a child process that reads `stdin`. On Unix
//! neither does any harm: `stdout` carries messages alone, and the child finds nothing to read.

use std::convert::Infallible;
use std::process::Command;
use std::task::{Context, Poll};

use mcpwire_service::{Reply, Request, Service};

#[derive(Clone)]
struct Careless;

impl Service<Request> for Careless {
    type Response = Reply;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Reply, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    #[expect(clippy::print_stdout, reason = "that is what it shows")]
    fn call(&mut self, _: Request) -> Self::Future {
        println!("a line from the handler");
        let child = Command::new("sh")
            .args(["-c", "echo from the child; cat"])
            .status();
        let result = format!(
            r#"{{"child":{}}}"#,
            child.is_ok_and(|status| status.success())
        );
        std::future::ready(Ok(Reply::result(result)))
    }
}

#[tokio::main]
async fn main() -> Result<(), mcpwire_stdio::ServeError> {
    mcpwire_stdio::serve(Careless).await
}
