//! The examples as processes of their own, on real pipes.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for a loaded machine, and shorter than for ever.
const LONG: Duration = Duration::from_secs(30);

/// `cargo test` builds the examples; a run of this test alone may have to ask for them.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let example = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !example.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--example",
            name,
        ]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        build.arg("--target-dir").arg(profile.parent().unwrap());
        assert!(build.status().unwrap().success());
    }
    example
}

struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Process {
    fn start() -> Self {
        Self::of("echo", Stdio::inherit())
    }

    fn of(name: &str, stderr: Stdio) -> Self {
        let mut command = Command::new(example(name));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Self {
            child,
            stdin,
            stdout,
        }
    }

    fn send(&mut self, id: usize, padding: usize) -> std::io::Result<()> {
        let params = json!({ "text": "x".repeat(padding) });
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": "any", "params": params });
        writeln!(self.stdin.as_mut().unwrap(), "{request}")
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// As Ctrl-C does.
    #[cfg(unix)]
    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < LONG, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// STDIO-02, STDIO-04, STDIO-19
#[test]
fn stdio_19_it_answers_and_exits_at_the_end_of_input() {
    let mut process = Process::start();
    for id in 0..100 {
        process.send(id, 0).unwrap();
        assert_eq!(process.read()["id"], id);
    }
    // In flight when input ends, and larger than any buffer on the way.
    let sizes = [10, 100_000, 1_000_000];
    for (id, size) in sizes.into_iter().enumerate() {
        process.send(id, size).unwrap();
    }
    drop(process.stdin.take());
    let mut rest = String::new();
    process
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    let mut found = [0; 3];
    for line in rest.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let id = usize::try_from(message["id"].as_u64().unwrap()).unwrap();
        found[id] = message["result"]["text"].as_str().unwrap().len();
    }
    assert_eq!(found, sizes);
    assert!(process.wait().success());
}

#[test]
fn it_exits_when_nobody_reads_its_output_any_more() {
    let mut process = Process::start();
    process.send(1, 0).unwrap();
    process.read();
    drop(process.stdout.take());
    // It finds out when it answers. Its end of the pipe may be gone before all of this is sent.
    while process.send(2, 0).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(process.wait().success());
}

// STDIO-20: input stays open, and a thread is waiting for it.
#[cfg(unix)]
#[test]
fn stdio_20_it_exits_upon_a_signal() {
    let mut process = Process::start();
    process.send(1, 0).unwrap();
    process.read();
    process.interrupt();
    assert!(process.wait().success());
    let mut rest = String::new();
    process
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert_eq!(rest, "");
}

// Output is full, and a thread is stuck in writing it.
#[cfg(unix)]
#[test]
fn stdio_20_it_exits_upon_a_signal_even_if_nobody_reads() {
    let mut process = Process::start();
    process.send(1, 0).unwrap();
    process.read();
    for id in 0..10 {
        process.send(id, 50_000).unwrap();
    }
    process.interrupt();
    assert!(process.wait().success());
}

// STDIO-04, STDIO-05
#[cfg(unix)]
#[test]
fn stdio_04_nothing_but_messages_on_stdout_and_nobody_else_on_stdin() {
    let mut process = Process::of("careless", Stdio::piped());
    for id in 0..3 {
        process.send(id, 0).unwrap();
        assert_eq!(
            process.read(),
            json!({ "jsonrpc": "2.0", "id": id, "result": { "child": true } })
        );
    }
    drop(process.stdin.take());
    let mut rest = String::new();
    process
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert_eq!(rest, "");
    let mut printed = String::new();
    process
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    assert_eq!(printed.matches("a line from the handler\n").count(), 3);
    assert_eq!(printed.matches("from the child\n").count(), 3);
    assert!(process.wait().success());
}
