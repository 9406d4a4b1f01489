//! What is started, and with what.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::handle::Client;
use super::super::limits::Limits;
use super::supervisor::supervise;
use super::{Child, Life};

/// Variables that a process inherits unless it is told otherwise. Those that hold secrets have other
/// names.
const INHERITED: [&str; 8] = [
    "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER",
];

/// So are all whose name starts like this: they say how to write for people.
const LOCALE: &[u8] = b"LC_";

/// A program and how it is run as a server: its arguments, environment, directory and limits.
///
/// There is no shell: the program is given its arguments as they are. Of the environment it inherits
/// `HOME`, `LANG`, `LC_*`, `LOGNAME`, `PATH`, `SHELL`, `TERM`, `TMPDIR` and `USER` alone, so that
/// secrets of this process do not leak into servers; [`Command::env`] and [`Command::inherit_env`]
/// add to that.
///
/// ```no_run
/// # async fn example() {
/// use mcpwire_stdio::client::Command;
///
/// let server = Command::new("my-server")
///     .args(["--root", "/srv/data"])
///     .inherit_env("MY_SERVER_TOKEN")
///     .start();
/// # drop(server);
/// # }
/// ```
#[derive(Clone)]
pub struct Command {
    pub(super) program: OsString,
    arguments: Vec<OsString>,
    /// `None` stands for the value that this process has.
    environment: BTreeMap<OsString, Option<OsString>>,
    directory: Option<PathBuf>,
    pub(super) limits: Limits,
    pub(super) stderr: Option<Sink>,
    pub(super) guarded: bool,
}

/// Who is told what comes on `stderr`.
pub(super) type Sink = Arc<dyn Fn(&[u8]) + Send + Sync>;

impl Command {
    /// The program is looked up in `PATH` unless it has a `/`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            directory: None,
            limits: Limits::default(),
            stderr: None,
            guarded: true,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), Some(value.into()));
        self
    }

    /// Lets the process inherit a variable, if this process has it when that one is started.
    pub fn inherit_env(mut self, name: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), None);
        self
    }

    /// The directory to run in, instead of that of this process.
    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// In place of [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Called with whatever the process writes to `stderr`, in the pieces that come (STDIO-07). It
    /// should be quick: while it works, nothing more of it is read. It is read in any case, and the
    /// end of it kept (STDIO-09).
    pub fn on_stderr(mut self, sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.stderr = Some(Arc::new(sink));
        self
    }

    /// Goes without the guard: a second process, `/bin/sh`, that does nothing but wait for this
    /// process to die, and then ends the server. It is what ends a server that ignores the end of its
    /// `stdin` when this process is killed by `SIGKILL`. Where there is no `/bin/sh`, do without.
    pub fn without_guard(mut self) -> Self {
        self.guarded = false;
        self
    }

    /// The service. Nothing is started before the first request.
    ///
    /// Must be called inside a tokio runtime with time and I/O.
    pub fn start(self) -> Child {
        let life = Arc::new(Life::new(self.limits.stderr_tail));
        let (client, inbox) = Client::new(self.limits);
        tokio::spawn(supervise(self, Arc::clone(&life), inbox));
        Child { client, life }
    }

    /// The command of the standard library, without its streams.
    pub(super) fn to_std(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.arguments).env_clear();
        for (name, value) in std::env::vars_os() {
            if is_inherited(&name) {
                command.env(name, value);
            }
        }
        for (name, value) in &self.environment {
            if let Some(value) = value.clone().or_else(|| std::env::var_os(name)) {
                command.env(name, value);
            }
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }
}

fn is_inherited(name: &OsStr) -> bool {
    INHERITED.iter().any(|inherited| name == *inherited)
        || name.as_encoded_bytes().starts_with(LOCALE)
}

/// Values of the environment may be secret, and so may arguments.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("arguments", &self.arguments.len())
            .field("directory", &self.directory)
            .field("limits", &self.limits)
            .field("guarded", &self.guarded)
            .finish_non_exhaustive()
    }
}
