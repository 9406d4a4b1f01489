//! Ours, as the README of `mcpwire-http` shows it: a client behind `serve`.

use tokio::net::TcpListener;

use crate::text;

pub(super) fn start(listener: TcpListener, url: &str) -> Result<(), String> {
    let remote = mcpwire_http::client::Client::new(url).map_err(text)?;
    let server = mcpwire_http::serve(listener, remote);
    tokio::spawn(async move { server.await });
    Ok(())
}
