//! Puts a server that is a program, and speaks over its `stdin` and `stdout`, on HTTP.
//!
//! ```sh
//! cargo run -p mcpwire --example gateway_stdio_to_http -- 127.0.0.1:8080 path/to/server --its --arguments
//! ```
//!
//! Requests and results pass as they are. The program is started by the first request, and again
//! should it end; all callers share one process, so that only a server that keeps nothing between
//! requests, as the protocol has it, belongs behind this. Two things that HTTP has and stdio lacks:
//!
//! - Log messages do not say which request they belong to. They pass while one request at a time asks for
//!   them, and are dropped while it could be another.
//! - Nobody compares `Mcp-Param-*` header fields with the arguments that they mirror: a server over stdio
//!   never sees them.

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), mcpwire::service::BoxError> {
    use std::io::Write as _;

    let mut arguments = std::env::args_os().skip(1);
    let address = arguments.next().and_then(|first| first.into_string().ok());
    let address = address.ok_or("name an address to listen at, such as 127.0.0.1:8080")?;
    let program = arguments.next().ok_or("name the program of a server")?;

    let server = mcpwire::stdio::client::Command::new(program)
        .args(arguments)
        .start();
    let listener = tokio::net::TcpListener::bind(address).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "http://{}/mcp", listener.local_addr()?)?;
    stdout.flush()?;
    mcpwire::http::serve(listener, server.clone())
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;

    // So that it has the time to end by itself.
    server.close().await;
    Ok(())
}

/// Child processes are for Unix.
#[cfg(not(unix))]
fn main() {}
