//! The one owner of a connection: it reads lines, hands them to whom they belong, and says what is
//! written.
//!
//! The table of requests in flight and the queued output belong to this one task, so a cancellation
//! and a response that come at the same moment happen in some order (CANCEL-11).
//!
//! Input is always read, except while a reply has no room for its next notification: for
//! [`Limits::reply_stall`] at most, then that reply is given up.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use mcpwire_codec::line::{self, Frame};
use mcpwire_codec::{Encoded, encode_notification};
use mcpwire_service::Notification;
use mcpwire_types::{CancelledNotificationParams, method};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};

use super::error::{Error, Loss};
use super::handle::{Command, Inbox, Shared, Start};
use super::incoming::{self, Incoming, Why};
use super::limits::Limits;
use super::rewrite::Number;
use super::stats::count;
use super::table::{Entry, Table};
use crate::connection::{after, passed};
use crate::error::ServeError;
use crate::in_flight::Key;
use crate::lines::Lines;
use crate::output::{Output, Owner};

/// As many commands are taken before something is written.
const BATCH: usize = 64;

/// Why a connection is not used any more.
#[derive(Debug)]
pub(super) enum End {
    /// No handle and no reply is left.
    Unused,
    /// It was asked for.
    Closed,
    Lost(Loss),
}

#[derive(Debug)]
pub(super) struct Connection<R, W> {
    lines: Lines<R>,
    output: Output<W>,
    table: Table,
    shared: Arc<Shared>,
    limits: Limits,
    codec: mcpwire_codec::Limits,
    held: Option<Held>,
    /// How the output broke, and until when answers are read all the same.
    broken: Option<(Loss, Instant)>,
}

/// A notification that its reply has no room for. Nothing is read behind it.
#[derive(Debug)]
struct Held {
    number: Number,
    notification: Notification,
    deadline: Instant,
}

impl<R, W> Connection<R, W>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    pub(super) fn new(reader: R, writer: W, inbox: &Inbox) -> Self {
        let limits = inbox.shared.limits;
        Self {
            lines: Lines::new(reader, limits.max_line_bytes),
            output: Output::new(writer, limits.write_stall),
            table: Table::default(),
            shared: Arc::clone(&inbox.shared),
            limits,
            codec: limits.codec(),
            held: None,
            broken: None,
        }
    }

    /// Moves messages until there is an end. What is in flight then stays there: [`Self::fail`] says
    /// why it gets no response. Nothing is lost if the future is dropped; it may be run again.
    pub(super) async fn run(&mut self, inbox: &mut Inbox) -> End {
        loop {
            if self.broken.is_some() && self.table.is_empty() {
                return self.lost(Loss::Closed);
            }
            let deadline = self.held.as_ref().map(|held| held.deadline);
            let broken = self.broken.as_ref().map(|(_, until)| *until);
            tokio::select! {
                frame = self.lines.next(), if self.held.is_none() => match frame {
                    Ok(Some(frame)) => self.receive(frame),
                    Ok(None) => return self.lost(Loss::Ended),
                    Err(error) => return self.lost(Loss::Read(Arc::new(error))),
                },
                command = inbox.commands.recv(), if broken.is_none() => {
                    if let Some(end) = self.take(command, inbox) {
                        return end;
                    }
                }
                progress = self.output.progress(), if broken.is_none() && !self.output.is_idle() => {
                    self.written();
                    if let Err(error) = progress {
                        self.broken = Some((loss(error), after(Instant::now(), self.limits.close_grace)));
                    }
                }
                () = room(self.held.as_ref(), &self.table) => self.retry(),
                () = passed(deadline) => self.give_up(),
                () = passed(self.table.next_end()) => self.end_listen(),
                () = passed(broken), if self.held.is_none() => return self.lost(Loss::Closed),
            }
        }
    }

    /// What broke first is the reason.
    fn lost(&mut self, loss: Loss) -> End {
        End::Lost(self.broken.take().map_or(loss, |(first, _)| first))
    }

    /// Nothing is sent any more, for this reason; what was asked before may be answered still, within
    /// the grace.
    #[cfg(unix)]
    pub(super) fn stop_writing(&mut self, loss: Loss) {
        let until = after(Instant::now(), self.limits.close_grace);
        self.broken.get_or_insert((loss, until));
    }

    /// Fails everything in flight.
    pub(super) fn fail(&mut self, loss: &Loss) {
        let begun = self.begun();
        self.held = None;
        for (number, entry) in self.table.take() {
            let unsent = !entry.sent && begun != Some(number);
            let loss = loss.clone();
            drop(entry.finish(Err(Error::Lost { loss, unsent })));
        }
    }

    /// Writes what is queued and closes the output, for as long as the peer takes it within the
    /// grace; gives back the input, of which the rest means nothing.
    pub(super) async fn finish(mut self) -> Lines<R> {
        let output = &mut self.output;
        let write = async {
            while !output.is_idle() {
                if output.progress().await.is_err() {
                    return;
                }
            }
            // A peer that keeps us from saying so loses nothing.
            let _ = output.close().await;
        };
        tokio::select! {
            _ = timeout(self.limits.close_grace, write) => {}
            // So that a peer that writes first and reads then gets that far.
            () = discard(&mut self.lines), if self.broken.is_none() => {}
        }
        self.lines
    }

    /// Takes this command and what waits behind it.
    fn take(&mut self, first: Option<Command>, inbox: &mut Inbox) -> Option<End> {
        let mut next = first;
        for left in (0..BATCH).rev() {
            match next {
                None => return Some(End::Unused),
                Some(Command::Close) => return Some(End::Closed),
                Some(Command::Start(start)) => self.start(*start),
                Some(Command::Cancel(number)) => self.cancel(number, None),
            }
            if left == 0 {
                break;
            }
            match inbox.commands.try_recv() {
                Ok(command) => next = Some(command),
                Err(_) => break,
            }
        }
        None
    }

    /// Queues a request, unless nobody waits for it any more.
    pub(super) fn start(&mut self, start: Start) {
        if start.mailbox.is_abandoned() {
            return;
        }
        let Start {
            number,
            line,
            names,
            mailbox,
            place,
        } = start;
        let entry = Entry {
            mailbox,
            names,
            sent: false,
            ended: None,
            place,
        };
        self.table.insert(number, entry);
        self.output.push(
            line,
            Owner::Reply {
                key: key(number),
                last: true,
                _place: None,
            },
        );
    }

    /// Lines of requests were written to their end.
    fn written(&mut self) {
        for Key(number) in self.output.answered() {
            if let Some(entry) = self.table.get_mut(number.cast_signed()) {
                entry.sent = true;
            }
        }
    }

    /// The request whose line is written in part.
    fn begun(&self) -> Option<Number> {
        self.output.begun().map(|Key(number)| number.cast_signed())
    }

    /// Forgets a request, and tells the server if it may have seen it (CANCEL-06).
    fn cancel(&mut self, number: Number, error: Option<Error>) {
        let Some(entry) = self.table.remove(number) else {
            return;
        };
        self.held.take_if(|held| held.number == number);
        let sent = entry.sent || self.begun() == Some(number);
        let over = entry.ended.is_some();
        let place = match error {
            Some(error) => entry.finish(Err(error)),
            None => entry.place,
        };
        if !sent {
            self.output.discard(key(number));
        } else if !over {
            // The place is free again when the line is written, so there is never more than one of
            // these for each place.
            self.output.push(
                cancellation(number),
                Owner::Reply {
                    key: key(number),
                    last: false,
                    _place: Some(place),
                },
            );
        }
    }

    fn receive(&mut self, frame: Frame) {
        match incoming::read(frame, &self.codec) {
            Incoming::Response { number, message } => {
                if let Some(entry) = self.answered(number)
                    && let Some(response) = entry.names.response(&message)
                {
                    drop(entry.finish(Ok(response)));
                }
            }
            Incoming::Malformed {
                number,
                source,
                raw,
            } => {
                if let Some(entry) = self.answered(number) {
                    let kept = raw.len().min(self.limits.max_kept_bytes);
                    let error = Error::Malformed {
                        source,
                        length: raw.len(),
                        // Not a slice: that would keep the buffer it was read into.
                        raw: Bytes::copy_from_slice(raw.get(..kept).unwrap_or_default()),
                    };
                    drop(entry.finish(Err(error)));
                }
            }
            Incoming::Progress {
                number,
                place,
                message,
            } => {
                let entry = self.sent(number).filter(|entry| entry.names.has_token());
                let found = entry.map(|entry| entry.names.notification(&message, Some(place)));
                self.deliver(number, found);
            }
            Incoming::Subscription { number, message } => {
                let entry = self.sent(number).filter(|entry| entry.names.is_listen());
                let found = entry.map(|entry| entry.names.notification(&message, None));
                self.deliver(number, found);
            }
            Incoming::Log(message) => {
                let number = self.table.only_logging().unwrap_or_default();
                let entry = self.sent(number);
                let found = entry.map(|entry| entry.names.notification(&message, None));
                self.deliver(number, found);
            }
            Incoming::Ended { number, reason } => {
                if self
                    .sent(number)
                    .is_some_and(|entry| entry.names.is_listen())
                {
                    let deadline = after(Instant::now(), self.limits.listen_end_wait);
                    self.table.end(number, reason, deadline);
                } else {
                    self.stray(number);
                }
            }
            Incoming::Ignored(why) => self.ignore(why),
        }
    }

    fn ignore(&mut self, why: Why) {
        let counters = &self.shared.counters;
        match why {
            Why::Blank => {}
            Why::Malformed => count(&counters.malformed),
            Why::Request => count(&counters.requests),
            Why::Unmatched => count(&counters.unmatched),
            Why::TooLong { limit } => {
                count(&counters.too_long);
                if let Some(number) = self.table.only()
                    && self.sent(number).is_some()
                {
                    self.cancel(number, Some(Error::TooLong { limit }));
                }
            }
        }
    }

    /// A request that the server can know of.
    fn sent(&self, number: Number) -> Option<&Entry> {
        self.table.get(number).filter(|entry| entry.sent)
    }

    /// Takes out the request that is answered.
    fn answered(&mut self, number: Number) -> Option<Entry> {
        if self.sent(number).is_none() {
            self.stray(number);
            return None;
        }
        self.table.remove(number)
    }

    /// Something came for a request that is not in flight (CANCEL-10, PROG-15).
    fn stray(&self, number: Number) {
        let counters = &self.shared.counters;
        if self.table.is_past(number) {
            count(&counters.late);
        } else {
            count(&counters.unmatched);
        }
    }

    fn deliver(&mut self, number: Number, notification: Option<Notification>) {
        let Some(notification) = notification else {
            return self.stray(number);
        };
        let Some(entry) = self.table.get(number) else {
            return;
        };
        if let Err(notification) = entry.mailbox.push(notification) {
            self.held = Some(Held {
                number,
                notification,
                deadline: after(Instant::now(), self.limits.reply_stall),
            });
        }
    }

    /// There is room for what was held back.
    fn retry(&mut self) {
        if let Some(held) = self.held.take() {
            self.go_on_reading();
            self.deliver(held.number, Some(held.notification));
        }
    }

    fn give_up(&mut self) {
        if let Some(held) = self.held.take() {
            self.go_on_reading();
            count(&self.shared.counters.stalled);
            let limit = self.limits.reply_stall;
            self.cancel(held.number, Some(Error::Stalled { limit }));
        }
    }

    /// The time for which a reply held up the input is not that of the peer's last words.
    fn go_on_reading(&mut self) {
        if let Some((_, until)) = &mut self.broken {
            *until = after(Instant::now(), self.limits.close_grace);
        }
    }

    /// The result of a listen stream did not follow its end.
    fn end_listen(&mut self) {
        if let Some(mut entry) = self.table.ended() {
            let reason = entry.ended.take().and_then(|told| told.reason);
            drop(entry.finish(Err(Error::Ended { reason })));
        }
    }
}

/// Drives a connection until its end.
pub(super) async fn drive<R, W>(
    mut connection: Connection<R, W>,
    mut inbox: Inbox,
) -> Result<(), Loss>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (loss, outcome) = match connection.run(&mut inbox).await {
        End::Unused | End::Closed => (Loss::Closed, Ok(())),
        End::Lost(loss) => (loss.clone(), Err(loss)),
    };
    inbox.end(&loss);
    connection.fail(&loss);
    if outcome.is_ok() {
        connection.finish().await;
    }
    outcome
}

/// Reads lines for nobody, and never ends.
pub(super) async fn discard<R: AsyncRead + Unpin>(lines: &mut Lines<R>) {
    while let Ok(Some(_)) = lines.next().await {}
    std::future::pending::<()>().await;
}

/// Ends when there is room for what is held back; never, where nothing is.
async fn room(held: Option<&Held>, table: &Table) {
    poll_fn(|cx| match held {
        Some(held) => match table.get(held.number) {
            Some(entry) => entry.mailbox.poll_room(cx),
            None => Poll::Ready(()),
        },
        None => Poll::Pending,
    })
    .await;
}

fn key(number: Number) -> Key {
    Key(number.cast_unsigned())
}

fn loss(error: ServeError) -> Loss {
    match error {
        ServeError::Read(error) => Loss::Read(Arc::new(error)),
        ServeError::Write(error) => Loss::Write(Arc::new(error)),
        ServeError::Stalled { limit } => Loss::WriteStalled { limit },
    }
}

/// CANCEL-01
fn cancellation(number: Number) -> Encoded {
    let params = CancelledNotificationParams::new(number);
    // It is a number and a name, which always serialize.
    let params = mcpwire_codec::to_json(&params).map(Bytes::from).ok();
    line::frame(encode_notification(method::NOTIFICATIONS_CANCELLED, params))
}
