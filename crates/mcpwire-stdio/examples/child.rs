//! Starts the server that the command line names, and prints its tools.
//!
//! ```sh
//! cargo run --example child -- path/to/server --its --arguments
//! ```

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), mcpwire_service::BoxError> {
    use std::io::Write as _;

    use futures_util::StreamExt as _;
    use mcpwire_codec::{Message, encode_request};
    use mcpwire_service::{Reply, ReplyItem, Request, oneshot};
    use mcpwire_stdio::client::Command;

    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("name the program of a server")?;
    let server = Command::new(program).args(arguments).start();

    let params = r#"{"_meta":{
        "io.modelcontextprotocol/protocolVersion":"2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":{},
        "io.modelcontextprotocol/clientInfo":{"name":"child","version":"1.0.0"}
    }}"#;
    let line = encode_request(&1.into(), "tools/list", params.into());
    let request = Request::new(Message::decode(line.to_bytes())?).map_err(|_| "not a request")?;

    // This starts it.
    let response = match oneshot(server.clone(), request).await? {
        Reply::Response(response) => response,
        Reply::Stream(mut items) => loop {
            match items.next().await {
                Some(ReplyItem::Notification(_)) => {}
                Some(ReplyItem::Response(response)) => break response,
                None => return Err(items.failure().unwrap_or("no response".into())),
            }
        },
    };
    match (response.as_result(), response.as_error()) {
        (Some(result), _) => writeln!(std::io::stdout(), "{}", String::from_utf8_lossy(result))?,
        (_, Some((_, error))) => return Err(String::from_utf8_lossy(error).into()),
        _ => {}
    }

    // So that it has the time to end by itself.
    server.close().await;
    Ok(())
}

/// Child processes are for Unix.
#[cfg(not(unix))]
fn main() {}
