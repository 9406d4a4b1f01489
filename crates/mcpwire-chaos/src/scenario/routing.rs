//! The balancer routes by what header fields say, and the server holds them to it.

use mcpwire::Client;
use mcpwire::http::client::Client as Remote;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Setup, Verdict};
use crate::{Common, Failed, Folder, Nginx, Replica, Settings};

/// The one that takes the heavy calls.
const HEAVY: &str = "replica-heavy";
const CALLS: usize = 40;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let folder = Folder::new()?;
    let common = Common::new(setup.program.clone(), &folder);
    let replicas = Replica::start_all(&common, setup.replicas).await?;
    let heavy = Replica::start(&common, HEAVY).await?;
    let ports = replicas.iter().map(Replica::port).collect();
    let settings = Settings::new(ports).heavy(vec![heavy.port()]);
    let nginx = Nginx::start(&settings).await?;
    let remote = Remote::new(&nginx.url()).map_err(|error| Failed::new(error.to_string()))?;
    let client = Client::new(remote);

    let mut met = std::collections::BTreeMap::<String, usize>::new();
    let (mut astray, mut left) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        match replica(&client, "heavy").await {
            Ok(name) if name == HEAVY => {}
            other => astray.push(format!("{other:?}")),
        }
        match replica(&client, "echo").await {
            Ok(name) if name != HEAVY => *met.entry(name).or_default() += 1,
            other => left.push(format!("{other:?}")),
        }
    }
    verdict.number(format!("calls of echo were answered by {met:?}"));
    verdict.none("calls of the heavy tool go to its own replica", &astray);
    verdict.none("all other calls go elsewhere", &left);
    let all = replicas.iter().all(|one| met.contains_key(one.name()));
    verdict.check(
        "they go to all replicas in turns",
        all.then_some(()).ok_or_else(|| format!("only to {met:?}")),
    );

    // Who says one thing to the balancer and another to the server is found out.
    let forged = ask(nginx.port(), "tools/call", "heavy", "echo").await?;
    let refused = forged.starts_with("HTTP/1.1 400 ") && forged.contains("-32020");
    verdict.check(
        "a header field that says another tool than the body is refused",
        refused.then_some(()).ok_or(forged),
    );
    let honest = ask(nginx.port(), "tools/call", "heavy", "heavy").await?;
    let answered = honest.starts_with("HTTP/1.1 200 ") && honest.contains(HEAVY);
    verdict.check(
        "the same request with the right one is answered",
        answered.then_some(()).ok_or(honest),
    );
    nginx.stop().await?;
    for mut replica in replicas.into_iter().chain([heavy]) {
        replica.stop().await?;
    }
    Ok(verdict)
}

/// Which replica answers for a tool.
async fn replica(client: &Client, tool: &str) -> Result<String, String> {
    let call = client.call_tool(tool, &json!({ "text": "hello" }));
    let result = call.await.map_err(|error| error.to_string())?;
    let said = result.structured_content.as_ref();
    let said: Option<Value> = said.and_then(|json| serde_json::from_str(json.as_str()).ok());
    let name = said.as_ref().and_then(|said| said.get("replica")?.as_str());
    name.map(str::to_owned).ok_or_else(|| format!("{result:?}"))
}

/// Sends a call by hand, with header fields of its own, and gives the whole answer.
async fn ask(port: u16, method: &str, name: &str, tool: &str) -> Result<String, Failed> {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": method,
        "params": {
            "name": tool,
            "arguments": { "text": "hello" },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let body = body.to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nMcp-Name: {name}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    exchange.await.map_err(Failed::at("a call through nginx"))
}
