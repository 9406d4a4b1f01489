//! Child processes that behave, and others. Nothing of them is left behind.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "test helpers"
)]

mod common_client;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common_client::*;
use mcpwire_service::Service;
use mcpwire_stdio::client::{Child, Command, Error, Limits, Loss};
use serde_json::{Value, json};

/// A server that does what the method says.
const SERVER: &str = r#"
import json, os, signal, subprocess, sys, time

def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()

stubborn = "stubborn" in sys.argv
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    identity, method, params = message["id"], message["method"], message["params"]
    result = {"pid": os.getpid()}
    if method == "hang":
        continue
    if method == "die":
        sys.stderr.write("cannot open the database\n")
        sys.stderr.flush()
        os._exit(3)
    if method == "last words":
        token = message["params"]["_meta"]["progressToken"]
        for progress in range(100):
            params = {"progressToken": token, "progress": progress}
            say({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        say({"jsonrpc": "2.0", "id": identity, "result": result})
        os._exit(0)
    if method == "kill":
        params = {"progressToken": message["params"]["_meta"]["progressToken"], "progress": 1}
        say({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)
    if method == "close":
        os.close(1)
        time.sleep(1000)
    if method == "fork":
        result["child"] = subprocess.Popen(["sleep", "1000"]).pid
    if method == "fork and die":
        result["child"] = subprocess.Popen(["sleep", "1000"]).pid
        say({"jsonrpc": "2.0", "id": identity, "result": result})
        os._exit(0)
    if method == "flood":
        for _ in range(1000):
            sys.stderr.write("x" * 1000 + "\n")
        sys.stderr.write("the end\n")
        sys.stderr.flush()
    if method == "environment":
        result = dict(os.environ)
        result["directory"] = os.getcwd()
        result["arguments"] = sys.argv[1:]
    say({"jsonrpc": "2.0", "id": identity, "result": result})
while stubborn:
    time.sleep(1)
"#;

fn limits() -> Limits {
    Limits::default()
        .backoff(Duration::from_millis(10))
        .exit_grace(Duration::from_millis(500))
        .term_grace(Duration::from_millis(500))
}

fn python() -> Command {
    Command::new("python3")
        .args(["-c", SERVER])
        .limits(limits())
}

fn shell(script: &str) -> Command {
    Command::new("/bin/sh")
        .args(["-c", script])
        .limits(limits())
}

async fn ask(server: &Child, method: &str) -> Value {
    result(call(server, request(1, method, json!({}))).await)
}

async fn fails(server: &Child, method: &str) -> Error {
    error(call(server, request(1, method, json!({}))).await)
}

fn pid(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap()
}

/// A process that was not waited for yet does nothing any more, too.
fn is_alive(process: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest);
    state.is_some_and(|rest| !rest.starts_with(['Z', 'X']))
}

async fn is_gone(process: u64) {
    within(async {
        while is_alive(process) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// The processes whose parent this is.
fn children(parent: u64) -> Vec<u64> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse::<u64>() else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let rest = stat.rsplit_once(") ").map(|(_, rest)| rest);
        let of = rest.and_then(|rest| rest.split(' ').nth(1)).map(str::parse);
        if of == Some(Ok(parent)) {
            children.push(process);
        }
    }
    children
}

#[tokio::test]
async fn stdio_01_a_server_is_started_by_the_first_request_and_ended_at_the_end() {
    let server = python().start();
    assert_eq!((server.id(), server.starts()), (None, 0));
    let first = pid(&ask(&server, "ping").await, "pid");
    assert_eq!(pid(&ask(&server, "ping").await, "pid"), first);
    assert_eq!(server.id().map(u64::from), Some(first));
    assert_eq!(server.starts(), 1);
    within(server.close()).await;
    assert!(!is_alive(first));
    assert_eq!(server.id(), None);
    assert!(fails(&server, "ping").await.is_unsent());
}

#[tokio::test]
async fn stdio_17_dropping_the_last_handle_ends_the_process() {
    let server = python().start();
    let process = pid(&ask(&server, "ping").await, "pid");
    let waiting = server.clone().call(request(1, "hang", json!({})));
    drop(server);
    assert!(is_alive(process));
    drop(waiting);
    is_gone(process).await;
}

#[tokio::test]
async fn stdio_18_a_server_that_ignores_the_end_and_sigterm_is_killed() {
    let server = python().arg("stubborn").start();
    let process = pid(&ask(&server, "ping").await, "pid");
    let start = std::time::Instant::now();
    within(server.close()).await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert!(!is_alive(process));
}

#[tokio::test]
async fn a_grandchild_goes_with_the_server() {
    let server = python().start();
    let grandchild = pid(&ask(&server, "fork").await, "child");
    assert!(is_alive(grandchild));
    within(server.close()).await;
    is_gone(grandchild).await;
}

#[tokio::test]
async fn a_grandchild_goes_when_the_server_has_gone_by_itself() {
    let server = python().start();
    let answer = ask(&server, "fork and die").await;
    is_gone(pid(&answer, "child")).await;
    // And it does not keep the next one from starting.
    assert_ne!(pid(&ask(&server, "ping").await, "pid"), pid(&answer, "pid"));
    within(server.close()).await;
}

/// STDIO-07, STDIO-08
#[tokio::test]
async fn stdio_09_a_flood_on_stderr_blocks_nothing_and_its_end_is_kept() {
    let seen = Arc::new(Mutex::new(0));
    let sum = Arc::clone(&seen);
    let server = python()
        .limits(limits().stderr_tail(100))
        .on_stderr(move |piece| *sum.lock().unwrap() += piece.len())
        .start();
    ask(&server, "flood").await;
    within(server.close()).await;
    let tail = server.stderr_tail();
    assert_eq!(tail.len(), 100);
    assert!(tail.ends_with("x\nthe end\n"), "{tail}");
    assert_eq!(*seen.lock().unwrap(), 1001 * 1000 + 8);
}

#[tokio::test]
async fn stdio_21_what_was_in_flight_fails_at_once_and_the_next_call_works() {
    let server = python().start();
    let process = pid(&ask(&server, "ping").await, "pid");
    let waiting = server.clone().call(request(1, "hang", json!({})));
    let died = fails(&server, "die").await;
    for lost in [died, error(within(waiting).await)] {
        assert!(!lost.is_unsent());
        match lost.loss() {
            Some(Loss::Exited {
                status: Some(status),
                stderr,
            }) => {
                assert_eq!(status.code(), Some(3));
                assert_eq!(&**stderr, "cannot open the database\n");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(
            lost.to_string(),
            "the connection was lost before the response: the server exited (exit status: 3); \
             the last it said: \"cannot open the database\""
        );
    }
    assert_ne!(pid(&ask(&server, "ping").await, "pid"), process);
    assert_eq!(server.starts(), 2);
    within(server.close()).await;
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_of_a_stream() {
    use std::os::unix::process::ExitStatusExt as _;

    let server = python().start();
    let mut reply = stream(call(&server, with_token(1, "kill", "t")).await);
    notification(&mut reply).await;
    let lost = failure(&mut reply).await;
    let Some(Loss::Exited {
        status: Some(status),
        ..
    }) = lost.loss()
    else {
        panic!("{lost}");
    };
    assert_eq!(status.signal(), Some(9));
    ask(&server, "ping").await;
    within(server.close()).await;
}

#[tokio::test]
async fn the_last_words_of_a_server_are_heard_by_a_slow_reader() {
    let limits = limits()
        .reply_queue(2)
        .close_grace(Duration::from_millis(100));
    let server = python().limits(limits).start();
    let mut reply = stream(call(&server, with_token(1, "last words", "t")).await);
    let process = server.id().unwrap();
    is_gone(process.into()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for progress in 0..100 {
        assert_eq!(notification(&mut reply).await.1["progress"], progress);
    }
    response(&mut reply).await;
    within(server.close()).await;
}

#[tokio::test]
async fn a_server_that_closes_its_output_is_ended() {
    let limits = limits().close_grace(Duration::from_millis(50));
    let server = python().limits(limits).start();
    let process = pid(&ask(&server, "ping").await, "pid");
    let lost = fails(&server, "close").await;
    assert!(
        matches!(lost.loss(), Some(Loss::Exited { status: None, .. })),
        "{lost}"
    );
    is_gone(process).await;
    ask(&server, "ping").await;
    within(server.close()).await;
}

#[tokio::test]
async fn stdio_27_a_server_that_exits_at_once_is_given_up() {
    let limits = limits()
        .restarts(2)
        .restart_window(Duration::from_secs(600));
    let server = shell("echo 'no license' >&2; exit 3")
        .limits(limits)
        .start();
    for start in 1..=3 {
        let lost = fails(&server, "ping").await;
        assert_eq!(server.starts(), start);
        let Some(Loss::Exited {
            status: Some(status),
            stderr,
        }) = lost.loss()
        else {
            panic!("{lost}");
        };
        assert_eq!((status.code(), &**stderr), (Some(3), "no license\n"));
    }
    let given_up = fails(&server, "ping").await;
    assert!(
        matches!(given_up, Error::GivenUp { restarts: 2, .. })
            && given_up.to_string().contains("no license"),
        "{given_up}"
    );
    assert!(given_up.is_unsent());
    assert_eq!(server.starts(), 3);
    within(server.close()).await;
}

#[tokio::test]
async fn a_program_that_is_not_there() {
    let server = Command::new("no-such-program-anywhere").start();
    let missing = fails(&server, "ping").await;
    assert!(missing.is_unsent());
    match missing {
        Error::Start { program, source } => {
            assert_eq!(program, "no-such-program-anywhere");
            assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
        }
        other => panic!("{other}"),
    }
    within(server.close()).await;
}

#[tokio::test]
async fn the_environment_is_what_was_allowed() {
    let directory = std::env::temp_dir().canonicalize().unwrap();
    let server = python()
        .args(["a b", "$HOME", "; exit 1"])
        .env("GIVEN", "1")
        .inherit_env("CARGO_MANIFEST_DIR")
        .inherit_env("NOT_THERE_AT_ALL")
        .current_dir(&directory)
        .start();
    let environment = ask(&server, "environment").await;
    let get = |name: &str| environment.get(name).and_then(Value::as_str);
    assert_eq!(get("GIVEN"), Some("1"));
    assert_eq!(get("CARGO_MANIFEST_DIR"), Some(env!("CARGO_MANIFEST_DIR")));
    assert!(get("PATH").is_some());
    // Cargo sets it for tests.
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
    assert_eq!(get("CARGO_PKG_NAME"), None);
    assert_eq!(get("directory"), directory.to_str());
    assert_eq!(
        environment.get("arguments"),
        Some(&json!(["a b", "$HOME", "; exit 1"]))
    );
    within(server.close()).await;
}

#[tokio::test]
async fn a_runtime_that_ends_takes_the_process_along() {
    let process = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let server = python().arg("stubborn").start_in(&runtime);
        runtime.block_on(async { pid(&ask(&server, "ping").await, "pid") })
    })
    .join()
    .unwrap();
    is_gone(process).await;
}

trait StartIn {
    fn start_in(self, runtime: &tokio::runtime::Runtime) -> Child;
}

impl StartIn for Command {
    fn start_in(self, runtime: &tokio::runtime::Runtime) -> Child {
        let _inside = runtime.enter();
        self.start()
    }
}

const PARENT: &str = "MCPWIRE_TEST_PARENT";

/// Not a test of its own: the process that the next one kills.
#[tokio::test]
async fn parent_to_be_killed() {
    if std::env::var_os(PARENT).is_none() {
        return;
    }
    let server = python().arg("stubborn").start();
    let answer = ask(&server, "fork").await;
    println!("\nstarted {answer}");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_server_dies_even_if_its_parent_is_killed() {
    use std::io::BufRead as _;

    let mut parent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_to_be_killed", "--nocapture"])
        .env(PARENT, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let answer: Value = std::io::BufReader::new(parent.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| serde_json::from_str(line.strip_prefix("started ")?).ok())
        .unwrap();
    // The server and its guard.
    let mut processes = children(parent.id().into());
    assert_eq!(processes.len(), 2);
    assert!(processes.contains(&pid(&answer, "pid")));
    processes.push(pid(&answer, "child"));
    parent.kill().unwrap();
    parent.wait().unwrap();
    for process in processes {
        is_gone(process).await;
    }
}
