//! A service without a dispatcher: it answers with the parameters that it was given.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use mcpwire_codec::Message;
use mcpwire_service::{Reply, Request, Service};

struct Echo;

impl Service<Request> for Echo {
    type Response = Reply;
    type Error = Infallible;
    type Future = Ready<Result<Reply, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The result is a slice of the bytes that came in: nothing is copied.
        let result = request.params().unwrap_or_else(|| "{}".into());
        ready(Ok(Reply::result(result)))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = r#"{"jsonrpc":"2.0","id":"a","method":"echo","params":{"say":"hello"}}"#;
    let request = Request::new(Message::decode(text)?).map_err(|_| "not a request")?;
    let id = request.id().clone();
    if let Reply::Response(response) = Echo.call(request).into_inner()? {
        let line = response.encode(&id).to_bytes();
        eprintln!("{}", String::from_utf8_lossy(&line));
    }
    Ok(())
}
