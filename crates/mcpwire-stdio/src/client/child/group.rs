//! A process and the process group that it leads.
//!
//! A group is known by the process ID of its leader, and that number stays taken until the leader is
//! waited for. So the leader is looked at without waiting for it, whatever is left of the group is
//! killed, and only then the leader is waited for: no signal ever goes to a stranger that has
//! inherited the number.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::timeout;

use super::command::Command;
use super::guard::Guard;

/// Dropping it kills the group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    id: Pid,
    guard: Option<Guard>,
    /// Tells that some child process has changed its state.
    changes: unix::Signal,
    reaped: bool,
}

/// The other ends of the streams of a process.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

impl Group {
    pub(super) fn start(command: &Command) -> io::Result<(Self, Streams)> {
        // Both before the process, so that neither can come too late.
        let changes = signal(SignalKind::child())?;
        let mut guard = command.guarded.then(Guard::start).transpose()?;
        let mut process = tokio::process::Command::from(command.to_std());
        let mut leader = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let gone = || io::Error::other("the process has no streams");
        let streams = Streams {
            stdin: leader.stdin.take().ok_or_else(gone)?,
            stdout: leader.stdout.take().ok_or_else(gone)?,
            stderr: leader.stderr.take().ok_or_else(gone)?,
        };
        let id = leader.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let mut group = Self {
            leader,
            id: id.ok_or_else(gone)?,
            guard: None,
            changes,
            reaped: false,
        };
        if let Some(guard) = &mut guard {
            // The group is killed if this fails.
            guard.watch(group.id)?;
        }
        group.guard = guard;
        Ok((group, streams))
    }

    pub(super) fn id(&self) -> u32 {
        self.id.as_raw_nonzero().get().cast_unsigned()
    }

    /// Waits until the leader has ended, and leaves its number taken. `None` if somebody else has
    /// waited for it.
    pub(super) async fn exited(&mut self) -> Option<ExitStatus> {
        loop {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            match waitid(WaitId::Pid(self.id), options) {
                Ok(Some(status)) => {
                    let code = status.exit_status().map(|code| (code & 0xff) << 8);
                    let raw = code.or(status.terminating_signal());
                    return raw.map(ExitStatus::from_raw);
                }
                Ok(None) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => {
                    // The number may be anybody's now.
                    self.reaped = true;
                    return None;
                }
            }
            // Never `None`: signals do not end.
            self.changes.recv().await;
        }
    }

    /// Asks the group to end, and kills it after the grace.
    pub(super) async fn terminate(&mut self, grace: Duration) {
        self.signal(Signal::TERM);
        let _ = timeout(grace, self.exited()).await;
    }

    /// Kills what is left of the group.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Kills what is left of the group and waits for the leader, for as long as a process that
    /// cannot be killed may take.
    pub(super) async fn end(mut self, patience: Duration) {
        self.kill();
        let _ = timeout(patience, self.exited()).await;
        self.dismiss_guard().await;
        if !self.reaped && matches!(self.leader.try_wait(), Ok(Some(_))) {
            self.reaped = true;
        }
    }

    /// While the number is still taken: what the guard knows is the number.
    async fn dismiss_guard(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.dismiss().await;
        }
    }

    fn signal(&self, signal: Signal) {
        if !self.reaped {
            // An error means that nobody is left to get it.
            let _ = kill_process_group(self.id, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
