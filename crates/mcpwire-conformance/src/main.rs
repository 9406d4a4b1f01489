//! The fixture server: what the official conformance suite and the clients of other SDKs expect of a
//! server, written with the public interface of `mcpwire` as a user would.
//!
//! ```text
//! mcpwire-conformance --http 127.0.0.1:0   serve over HTTP; the first line on stdout is the URL
//! mcpwire-conformance --stdio              serve over stdin and stdout
//! ```

mod options;

use std::io::Write as _;

use mcpwire::{http, stdio};
use mcpwire_conformance::server;
use options::{Options, Transport};
use tokio::net::TcpListener;

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let options = Options::parse(std::env::args().skip(1))?;
    let server = server(options.page_size);
    match options.transport {
        Transport::Stdio => stdio::serve(server).await?,
        Transport::Http(address) => {
            let listener = TcpListener::bind(address).await?;
            let mut stdout = std::io::stdout();
            writeln!(stdout, "http://{}/mcp", listener.local_addr()?)?;
            stdout.flush()?;
            let end = end(options.until_stdin_closes);
            http::serve(listener, server)
                .with_graceful_shutdown(end)
                .await?;
        }
    }
    Ok(())
}

/// Ends on Ctrl-C; with the flag when standard input does, so as not to outlive whoever holds it.
async fn end(until_stdin_closes: bool) {
    if !until_stdin_closes {
        let _ = tokio::signal::ctrl_c().await;
        return;
    }
    let (sender, closed) = tokio::sync::oneshot::channel::<()>();
    // A thread of its own: a runtime that shuts down would wait for a blocking read.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(sender);
    });
    let _ = closed.await;
}
