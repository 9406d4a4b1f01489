//! A `nats-server` of a test's own, and listeners whose waits are bounded.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a failed step of a test is a failed test, and not every test needs every step"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use mcpwire_nats::{Limits, NatsBus, State};
use mcpwire_service::{Change, ChangeBus as _, ChangeStream, Interest};
use tokio::time::timeout;

/// Longer than anything takes that works, on a busy machine too.
pub const LONG: Duration = Duration::from_secs(20);

/// A server process, killed when this is dropped.
pub struct NatsServer {
    process: Option<Child>,
    port: u16,
    monitor: u16,
    folder: PathBuf,
    config: String,
}

/// Whether the tests can run. Where they have to, a missing server is a failure.
pub fn installed() -> bool {
    if Command::new(binary()).arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "nats-server is not installed, and CI is set"
    );
    eprintln!("skipped: nats-server is not installed");
    false
}

fn binary() -> PathBuf {
    // Debian has it where only the path of root looks.
    let debian = PathBuf::from("/usr/sbin/nats-server");
    if debian.exists() {
        debian
    } else {
        "nats-server".into()
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl NatsServer {
    /// One that is not running yet.
    pub fn new() -> Self {
        Self::with_config("")
    }

    /// One with more in its configuration, not running yet.
    pub fn with_config(config: &str) -> Self {
        let port = free_port();
        let name = format!("mcpwire-nats-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            process: None,
            port,
            monitor: free_port(),
            folder,
            config: config.to_owned(),
        }
    }

    pub fn running() -> Self {
        let mut server = Self::new();
        server.start();
        server
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sets what else is in the configuration, from the next start on.
    pub fn configure(&mut self, config: &str) {
        config.clone_into(&mut self.config);
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn start(&mut self) {
        let (port, monitor) = (self.port, self.monitor);
        let config = format!(
            "host: 127.0.0.1\nport: {port}\nhttp: \"127.0.0.1:{monitor}\"\n{}\n",
            self.config
        );
        let path = self.folder.join("nats.conf");
        std::fs::write(&path, config).unwrap();
        let log = self.folder.join("nats.log");
        let process = Command::new(binary())
            .arg("-c")
            .arg(path)
            .arg("-l")
            .arg(&log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begun = Instant::now();
        while !self.answers() {
            assert!(
                begun.elapsed() < LONG,
                "nats-server did not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        let mut word = [0; 4];
        stream.read_exact(&mut word).is_ok() && &word == b"INFO"
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let process = self.process.as_ref().unwrap();
        let pid = rustix::process::Pid::from_child(process);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// How many clients are connected, as the server counts them.
    pub fn connections(&self) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.monitor)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
            .write_all(b"GET /varz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body.get("connections").unwrap().as_u64().unwrap()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Limits with which a lost connection is noticed soon.
pub fn quick() -> Limits {
    Limits::default()
        .beat(Duration::from_millis(200))
        .answer_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_secs(2))
        .backoff(Duration::from_millis(20), Duration::from_millis(200))
}

/// A bus that may not be up yet.
pub fn bus(server: &NatsServer) -> NatsBus {
    let builder = NatsBus::builder(server.url(), "test").limits(quick());
    builder.connect().unwrap()
}

pub async fn up(bus: &NatsBus) {
    let mut watch = bus.watch();
    let up = timeout(LONG, watch.up()).await;
    assert_eq!(up, Ok(true), "{}", bus.state());
}

pub async fn down(bus: &NatsBus) -> State {
    let mut watch = bus.watch();
    loop {
        let state = watch.state();
        if !state.is_up() {
            return state;
        }
        timeout(LONG, watch.changed()).await.unwrap().unwrap();
    }
}

pub async fn up_buses(server: &NatsServer, count: usize) -> Vec<NatsBus> {
    let buses: Vec<_> = (0..count).map(|_| bus(server)).collect();
    for bus in &buses {
        up(bus).await;
    }
    buses
}

/// Listens for everything that the tests publish.
pub fn listen(bus: &NatsBus) -> ChangeStream {
    let mut interest = Interest::default();
    interest.tools_list = true;
    interest.prompts_list = true;
    interest.resources_list = true;
    interest.resources = vec!["file:///docs".into()];
    bus.subscribe(interest)
}

pub async fn heard(stream: &mut ChangeStream) -> Change {
    let heard = timeout(LONG, stream.next()).await;
    heard.expect("something was due").unwrap()
}

/// Waits for one change, whatever comes before it.
pub async fn hears(stream: &mut ChangeStream, wanted: &Change) {
    while heard(stream).await != *wanted {}
}

pub fn updated(uri: &str) -> Change {
    Change::ResourceUpdated { uri: uri.into() }
}

/// Waits until something holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "it never held that {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
