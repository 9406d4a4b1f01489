//! Ten thousand times: connect, call, drop. Nothing is left behind: no task, no descriptor, no memory
//! that grows, no process. Each round that is a multiple of three drops its call in the middle.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::process::Command as Program;
use std::time::Duration;

use mcpwire::service::{BoxError, Reply, Request, Service};
use mcpwire::stdio::Server;
use mcpwire::stdio::client::{Client as Line, Command};
use mcpwire::{Args, Client, Router, http, tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

const ROUNDS: usize = 10_000;
/// Rounds until caches and allocators have what they keep.
const WARM: usize = 2_000;
/// What the allocator may keep on top of that.
const MAX_GROWTH_KIB: u64 = 1024;

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

fn router() -> Router {
    Router::new("echo", "1.0.0")
        .tool(tool("echo"), |Args(echo): Args<Echo>| async move {
            Ok(echo.text)
        })
        .tool(tool("hang"), |Args(_): Args<Nothing>| async move {
            std::future::pending::<()>().await;
            Ok("never")
        })
}

/// A call, and then the client is gone.
async fn round<S>(service: S, number: usize)
where
    S: Service<Request, Response = Reply> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    let client = Client::new(service);
    if number.is_multiple_of(3) {
        let arguments = json!({});
        let hanging = client.call_tool("hang", &arguments);
        let ended = timeout(Duration::from_millis(2), hanging.into_future()).await;
        assert!(ended.is_err(), "{ended:?}");
    } else {
        let text = "x".repeat(1000);
        let result = client
            .call_tool("echo", &json!({"text": text}))
            .await
            .unwrap();
        assert_eq!(result.content.len(), 1);
    }
}

#[derive(Debug, Clone, Copy)]
struct Use {
    descriptors: usize,
    tasks: usize,
    memory_kib: u64,
}

impl Use {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        Self {
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks(),
            memory_kib: memory.trim().trim_end_matches(" kB").parse().unwrap(),
        }
    }

    /// Waits until what ends has ended, and compares.
    async fn held(self, since: Use, more: usize) {
        let mut now = self;
        for _ in 0..100 {
            if now.descriptors <= since.descriptors + more && now.tasks <= since.tasks + more {
                break;
            }
            sleep(Duration::from_millis(50)).await;
            now = Self::now();
        }
        assert!(
            now.descriptors <= since.descriptors + more,
            "{since:?} {now:?}"
        );
        assert!(now.tasks <= since.tasks + more, "{since:?} {now:?}");
        assert!(
            now.memory_kib <= since.memory_kib + MAX_GROWTH_KIB,
            "{since:?} {now:?}"
        );
    }
}

#[tokio::test]
async fn clients_over_http_leave_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let serving = tokio::spawn(http::serve(listener, router()).into_future());
    let mut warm = Use::now();
    for number in 0..ROUNDS {
        if number == WARM {
            sleep(Duration::from_millis(200)).await;
            warm = Use::now();
        }
        round(http::client::Client::new(&url).unwrap(), number).await;
    }
    sleep(Duration::from_millis(200)).await;
    Use::now().held(warm, 2).await;
    serving.abort();
}

#[tokio::test]
async fn clients_over_byte_streams_leave_nothing() {
    let mut warm = Use::now();
    for number in 0..ROUNDS {
        if number == WARM {
            warm = Use::now();
        }
        let (near, far) = tokio::io::duplex(4096);
        let (reader, writer) = tokio::io::split(far);
        let serving = tokio::spawn(Server::new(router()).serve(reader, writer));
        let (reader, writer) = tokio::io::split(near);
        round(
            Line::spawn(reader, writer, mcpwire::stdio::client::Limits::default()),
            number,
        )
        .await;
        timeout(Duration::from_secs(5), serving)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
    Use::now().held(warm, 0).await;
}

/// Processes cost more, so that there are fewer rounds of them.
#[tokio::test]
async fn clients_of_child_processes_leave_nothing() {
    // Answers everything, and takes its time with what it should hang on.
    let script = r#"
import sys, json
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and message["params"].get("name") != "hang":
        result = {"content": [{"type": "text", "text": "x"}]}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"#;
    let mut warm = Use::now();
    for number in 0..120 {
        if number == 20 {
            warm = Use::now();
        }
        let child = Command::new("python3").arg("-c").arg(script).start();
        round(child.clone(), number).await;
        timeout(Duration::from_secs(10), child.close())
            .await
            .unwrap();
    }
    Use::now().held(warm, 0).await;
    let children = Program::new("ps")
        .args([
            "--no-headers",
            "-o",
            "comm",
            "--ppid",
            &std::process::id().to_string(),
        ])
        .output();
    if let Ok(children) = children {
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        // The one that looks.
        assert_eq!(children.trim(), "ps", "{children}");
    }
}
