//! The one owner of a child process, and of the next one after it.

use std::collections::VecDeque;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::process::{ChildStdin, ChildStdout};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::super::connection::{Connection, End, discard};
use super::super::error::{Error, Loss};
use super::super::handle::{Command as Order, Inbox, Start};
use super::super::limits::Limits;
use super::Life;
use super::command::Command;
use super::group::Group;
use super::restarts::Restarts;
use super::stderr;
use crate::connection::after;

/// Requests that wait for a process. There are never more than places in flight.
type Waiting = VecDeque<Start>;

/// Starts processes as requests come, until nobody is left to send any.
pub(super) async fn supervise(command: Command, life: Arc<Life>, mut inbox: Inbox) {
    let mut restarts = Restarts::new(&command.limits);
    let mut waiting = Waiting::new();
    loop {
        if waiting.is_empty() {
            let order = inbox.commands.recv().await;
            if queue(order, &mut waiting).is_none() {
                break;
            }
            continue;
        }
        let due = match restarts.pause(Instant::now()) {
            Ok(pause) => after(Instant::now(), pause),
            Err(error) => {
                fail(&mut waiting, &error);
                continue;
            }
        };
        if pause(due, &mut inbox, &mut waiting).await.is_none() {
            break;
        }
        if waiting.is_empty() {
            continue;
        }
        restarts.started(Instant::now());
        match Process::start(&command, &life, &inbox) {
            Ok(process) => match process.run(&mut inbox, &mut waiting).await {
                Some(loss) => restarts.ended(loss),
                None => break,
            },
            Err(source) => {
                let error = Error::Start {
                    program: command.program.to_string_lossy().into_owned(),
                    source: Arc::new(source),
                };
                fail(&mut waiting, &error);
            }
        }
    }
    inbox.end(&Loss::Closed);
    let closed = Error::Lost {
        loss: Loss::Closed,
        unsent: true,
    };
    fail(&mut waiting, &closed);
}

/// Takes orders until a process is due, or nobody waits for one any more. `None` as of [`queue`].
async fn pause(due: Instant, inbox: &mut Inbox, waiting: &mut Waiting) -> Option<()> {
    while !waiting.is_empty() {
        tokio::select! {
            order = inbox.commands.recv() => queue(order, waiting)?,
            () = sleep_until(due) => break,
        }
    }
    Some(())
}

/// `None` when no more will come.
fn queue(order: Option<Order>, waiting: &mut Waiting) -> Option<()> {
    match order? {
        Order::Start(start) => waiting.push_back(*start),
        // If it is none of these, it has failed already.
        Order::Cancel(number) => waiting.retain(|start| start.number != number),
        Order::Close => return None,
    }
    Some(())
}

fn fail(waiting: &mut Waiting, error: &Error) {
    for start in waiting.drain(..) {
        start.fail(error.clone());
    }
}

/// A process that runs, and the connection to it.
struct Process {
    group: Group,
    connection: Connection<ChildStdout, ChildStdin>,
    /// Reads `stderr`.
    drain: JoinSet<()>,
    life: Arc<Life>,
    limits: Limits,
}

/// What happened first.
enum Event {
    Connection(End),
    Exit(Option<ExitStatus>),
}

impl Process {
    fn start(command: &Command, life: &Arc<Life>, inbox: &Inbox) -> std::io::Result<Self> {
        life.tail.clear();
        let (group, streams) = Group::start(command)?;
        life.id.store(group.id(), Ordering::Relaxed);
        life.starts.fetch_add(1, Ordering::Relaxed);
        let mut drain = JoinSet::new();
        let sink = command.stderr.clone();
        drain.spawn(stderr::drain(streams.stderr, Arc::clone(life), sink));
        Ok(Self {
            group,
            connection: Connection::new(streams.stdout, streams.stdin, inbox),
            drain,
            life: Arc::clone(life),
            limits: command.limits,
        })
    }

    /// Until it ends, and how it did. `None` if there shall not be another one.
    async fn run(mut self, inbox: &mut Inbox, waiting: &mut Waiting) -> Option<Loss> {
        for start in waiting.drain(..) {
            self.connection.start(start);
        }
        let event = tokio::select! {
            end = self.connection.run(inbox) => Event::Connection(end),
            status = self.group.exited() => Event::Exit(status),
        };
        match event {
            Event::Connection(End::Unused | End::Closed) => {
                // Later calls need not wait for that.
                inbox.end(&Loss::Closed);
                self.shut_down().await;
                None
            }
            Event::Connection(End::Lost(loss)) => Some(self.lost(loss).await),
            Event::Exit(status) => {
                // Whoever of the group is left keeps the streams open.
                self.group.kill();
                self.connection.stop_writing(Loss::Ended);
                self.connection.run(inbox).await;
                Some(self.exited(status).await)
            }
        }
    }

    /// STDIO-17, STDIO-18
    async fn shut_down(mut self) {
        self.connection.fail(&Loss::Closed);
        // This closes `stdin`.
        let mut lines = self.connection.finish().await;
        let exited = async {
            let exited = timeout(self.limits.exit_grace, self.group.exited()).await;
            if exited.is_err() {
                self.group.terminate(self.limits.term_grace).await;
            }
        };
        tokio::select! {
            () = exited => {}
            // It may have something to say before it goes.
            () = discard(&mut lines) => {}
        }
        self.group.end(self.limits.term_grace).await;
        self.life.id.store(0, Ordering::Relaxed);
    }

    /// The streams broke; most often, because the process is ending.
    async fn lost(mut self, loss: Loss) -> Loss {
        if !matches!(loss, Loss::WriteStalled { .. })
            && let Ok(status) = timeout(self.limits.close_grace, self.group.exited()).await
        {
            return self.exited(status).await;
        }
        let loss = match loss {
            stalled @ Loss::WriteStalled { .. } => stalled,
            _ => self.exit(None),
        };
        self.connection.fail(&loss);
        drop(self.connection);
        self.group.terminate(self.limits.term_grace).await;
        self.group.end(self.limits.term_grace).await;
        self.life.id.store(0, Ordering::Relaxed);
        loss
    }

    /// Fails what is in flight, and clears up.
    async fn exited(mut self, status: Option<ExitStatus>) -> Loss {
        self.group.kill();
        // The last words are on their way, unless somebody outside of the group has the stream.
        let _ = timeout(self.limits.close_grace, self.drain.join_next()).await;
        let loss = self.exit(status);
        self.connection.fail(&loss);
        drop(self.connection);
        self.group.end(self.limits.term_grace).await;
        self.life.id.store(0, Ordering::Relaxed);
        loss
    }

    fn exit(&self, status: Option<ExitStatus>) -> Loss {
        Loss::Exited {
            status,
            stderr: self.life.tail.text().into(),
        }
    }
}
