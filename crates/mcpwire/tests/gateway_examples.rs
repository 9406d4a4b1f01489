//! The two example gateways as processes, one behind the other, between a client and a server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mcpwire::Client;
use mcpwire::stdio::client::Command as Server;
use serde_json::json;
use std::io::{BufRead as _, BufReader};

/// `cargo test` builds the examples; a run of this test alone may have to ask for them.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let example = profile.join("examples").join(name);
    if !example.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", env!("CARGO_PKG_NAME")]);
        build.args(["--example", name]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        build.arg("--target-dir").arg(profile.parent().unwrap());
        assert!(build.status().unwrap().success());
    }
    example
}

/// A process that ends with the test. Its own child ends with its `stdin`.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_client_and_a_server_over_stdio_meet_over_http() {
    let mut front = Command::new(example("gateway_stdio_to_http"))
        .arg("127.0.0.1:0")
        .arg(example("stdio"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(front.stdout.take().unwrap());
    let _front = Process(front);
    let mut url = String::new();
    stdout.read_line(&mut url).unwrap();

    let server = Server::new(example("gateway_http_to_stdio"))
        .arg(url.trim())
        .start();
    let client = Client::builder(server.clone()).info("test", "1").build();
    let talk = async {
        let found = client.discover().await.unwrap();
        assert_eq!(found.supported_versions, ["2026-07-28"]);
        let text = json!({"text": "as if there was nothing between"});
        let counted = client.call_tool("count", &text).await.unwrap();
        let count = counted.structured_content.unwrap();
        assert_eq!(count.as_str(), r#"{"words":6}"#);
        let mut steps = Vec::new();
        client
            .call_tool("wait", &json!({"seconds": 2}))
            .on_progress(|step| steps.push(step.progress.to_string()))
            .await
            .unwrap();
        assert_eq!(steps, ["1", "2"]);
        server.close().await;
    };
    tokio::time::timeout(Duration::from_secs(60), talk)
        .await
        .unwrap();
}
