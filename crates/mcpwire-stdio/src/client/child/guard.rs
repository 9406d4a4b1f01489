//! What ends a process when this one is killed: nobody here can do that any more.
//!
//! A shell waits at the end of a pipe of which only this process has the other end. However this
//! process ends, the pipe does, and then the shell ends the process group that it was told of.

use std::io::{self, PipeWriter, Write as _};
use std::process::Stdio;

use rustix::process::Pid;
use tokio::process::{Child, Command};

/// The first line is the group. What comes next is the end, or nothing at all: a guard that is not
/// needed any more is killed. The group has two seconds between the two signals.
const SCRIPT: &str = r#"
read -r group || exit 0
read -r end
kill -s TERM -- "-$group" || exit 0
left=20
while [ "$left" -gt 0 ]; do
    sleep 0.1 || sleep 1
    kill -s 0 -- "-$group" || exit 0
    left=$((left - 1))
done
kill -s KILL -- "-$group"
"#;

/// Dropping it ends it, so drop it after the group.
#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
    /// Closed upon exec, as all pipes of the standard library are, so no child process has it.
    pipe: PipeWriter,
}

impl Guard {
    pub(super) fn start() -> io::Result<Self> {
        let (reader, pipe) = io::pipe()?;
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(reader)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What is sent to our group, such as by Ctrl-C, is not meant for it.
            .process_group(0)
            .spawn()?;
        Ok(Self { shell, pipe })
    }

    /// Tells which group it is about.
    pub(super) fn watch(&mut self, group: Pid) -> io::Result<()> {
        // A few bytes, for which a pipe always has room.
        writeln!(self.pipe, "{}", group.as_raw_nonzero())
    }

    /// It is not needed any more. Ends when it is gone.
    pub(super) async fn dismiss(mut self) {
        // It cannot refuse, and is waited for; the pipe is closed after that.
        let _ = self.shell.kill().await;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The runtime waits for it some time.
        let _ = self.shell.start_kill();
    }
}
