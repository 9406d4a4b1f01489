//! The handle that requests are sent by, and what it shares with the owner of the connection.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use mcpwire_codec::Encoded;
use mcpwire_service::{Reply, Request, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::connection::{Connection, drive};
use super::error::{Error, Loss};
use super::exchange::Exchange;
use super::limits::Limits;
use super::mailbox::{Sender, mailbox};
use super::rewrite::{self, Names, Number};
use super::stats::{Counters, Stats};

/// A client over any pair of byte streams (TRANS-07), and what drives it.
///
/// The driver reads and writes; nothing moves unless it is polled, inside a tokio runtime with time.
/// It ends when the last handle and the last reply are dropped, after what is queued was written
/// ([`Limits::close_grace`]), or with the [`Loss`] of the connection. Dropping it fails everything in
/// flight. [`Client::spawn`] gives it to the runtime.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mcpwire_stdio::client::{Limits, connect};
///
/// let (ours, theirs) = tokio::io::duplex(4096);
/// let (reader, writer) = tokio::io::split(ours);
/// let (client, driver) = connect(reader, writer, Limits::default());
/// # drop((client, theirs));
/// driver.await?;
/// # Ok(())
/// # }
/// ```
pub fn connect<R, W>(
    reader: R,
    writer: W,
    limits: Limits,
) -> (Client, impl Future<Output = Result<(), Loss>> + use<R, W>)
where
    R: AsyncRead,
    W: AsyncWrite,
{
    let (client, inbox) = Client::new(limits);
    let driver = async move {
        let (reader, writer) = (Box::pin(reader), Box::pin(writer));
        drive(Connection::new(reader, writer, &inbox), inbox).await
    };
    (client, driver)
}

/// Sends requests over one connection.
///
/// Clones share the connection and its limits. `poll_ready` waits for a place among
/// [`Limits::max_in_flight`], which the handle keeps until it is called or dropped; a call without it
/// waits in its future instead. A request with a place is handed over when it is called, so these go
/// out in the order of the calls.
///
/// The future ends with the first thing that comes: [`Reply::Response`] if that is the response, and
/// [`Reply::Stream`] if it is a notification. Dropping the future or the reply before its response
/// cancels the request: `notifications/cancelled` is sent once, unless the request itself was not
/// sent yet (STDIO-16, CANCEL-06).
pub struct Client {
    commands: UnboundedSender<Command>,
    shared: Arc<Shared>,
    place: Place,
}

/// A place among the requests in flight, on behalf of the next call.
enum Place {
    None,
    Wanted(Acquire),
    Taken(OwnedSemaphorePermit),
}

type Acquire =
    Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send + Sync>>;

impl Client {
    pub(super) fn new(limits: Limits) -> (Self, Inbox) {
        let (commands, receiver) = unbounded_channel();
        let places = limits.max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Arc::new(Shared {
            next: AtomicI64::new(1),
            places: Arc::new(Semaphore::new(places)),
            loss: OnceLock::new(),
            gone: Semaphore::new(0),
            counters: Counters::default(),
            limits,
        });
        let client = Self {
            commands,
            shared: Arc::clone(&shared),
            place: Place::None,
        };
        let inbox = Inbox {
            commands: receiver,
            shared,
        };
        (client, inbox)
    }

    /// [`connect`], with the driver as a task of the runtime that this is called in. It ends with the
    /// last handle and reply.
    pub fn spawn<R, W>(reader: R, writer: W, limits: Limits) -> Self
    where
        R: AsyncRead + Send + 'static,
        W: AsyncWrite + Send + 'static,
    {
        let (client, driver) = connect(reader, writer, limits);
        // How it ended is told to whoever calls.
        tokio::spawn(async move { _ = driver.await });
        client
    }

    /// What was dropped so far that the peer sent, in numbers.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// Closes the connection for all handles: what is in flight fails with [`Loss::Closed`], and so
    /// does every later call. Ends when the driver has.
    pub async fn close(&self) {
        // Without a receiver it has ended already.
        let _ = self.commands.send(Command::Close);
        // Never acquired, and closed at the end.
        let _ = self.shared.gone.acquire().await;
    }
}

/// Does not take over the place that the other handle may have waited for.
impl Clone for Client {
    fn clone(&self) -> Self {
        Self {
            commands: self.commands.clone(),
            shared: Arc::clone(&self.shared),
            place: Place::None,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("limits", &self.shared.limits)
            .field("loss", &self.shared.loss.get())
            .finish_non_exhaustive()
    }
}

impl Service<Request> for Client {
    type Response = Reply;
    type Error = Error;
    type Future = ResponseFuture;

    /// An error means that the connection is lost for good.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            match &mut self.place {
                Place::Taken(_) => return Poll::Ready(self.shared.usable()),
                Place::Wanted(acquire) => {
                    let acquired = ready!(acquire.as_mut().poll(cx));
                    self.place = acquired.map_or(Place::None, Place::Taken);
                    self.shared.usable()?;
                }
                Place::None => self.place = self.shared.place(),
            }
        }
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        let place = match std::mem::replace(&mut self.place, Place::None) {
            Place::None => self.shared.place(),
            place => place,
        };
        let state = match place {
            Place::Taken(place) => State::start(&request, place, &self.commands, &self.shared),
            Place::Wanted(acquire) => State::Wanted {
                acquire,
                request: Box::new(request),
                commands: self.commands.clone(),
                shared: Arc::clone(&self.shared),
            },
            Place::None => State::Failed(self.shared.lost()),
        };
        ResponseFuture(state)
    }
}

/// The future of a call. Dropping it cancels the request.
#[must_use = "dropping it cancels the request"]
pub struct ResponseFuture(State);

enum State {
    Wanted {
        acquire: Acquire,
        request: Box<Request>,
        commands: UnboundedSender<Command>,
        shared: Arc<Shared>,
    },
    Started(Exchange),
    Failed(Error),
    Over,
}

impl State {
    fn start(
        request: &Request,
        place: OwnedSemaphorePermit,
        commands: &UnboundedSender<Command>,
        shared: &Arc<Shared>,
    ) -> Self {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let (line, names) = match rewrite::request(request, number) {
            Ok(rewritten) => rewritten,
            Err(error) => return Self::Failed(Error::Request(*error)),
        };
        let (mailbox, receiver) = mailbox(shared.limits.reply_queue);
        let start = Start {
            number,
            line,
            names,
            mailbox,
            place,
        };
        if commands.send(Command::Start(Box::new(start))).is_err() {
            return Self::Failed(shared.lost());
        }
        let exchange = Exchange::new(number, receiver, commands.clone(), Arc::clone(shared));
        Self::Started(exchange)
    }
}

impl Future for ResponseFuture {
    type Output = Result<Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.0 {
                State::Wanted {
                    acquire,
                    request,
                    commands,
                    shared,
                } => {
                    self.0 = match ready!(acquire.as_mut().poll(cx)) {
                        Ok(place) => State::start(request, place, commands, shared),
                        Err(_) => State::Failed(shared.lost()),
                    };
                }
                State::Started(exchange) => {
                    let item = ready!(exchange.poll_item(cx));
                    let state = std::mem::replace(&mut self.0, State::Over);
                    return match (item, state) {
                        (Some(Ok(first)), State::Started(exchange)) => {
                            Poll::Ready(Ok(exchange.reply(first)))
                        }
                        (Some(Err(error)), _) => Poll::Ready(Err(error)),
                        // The first item is always there.
                        _ => Poll::Pending,
                    };
                }
                State::Failed(_) => {
                    return match std::mem::replace(&mut self.0, State::Over) {
                        State::Failed(error) => Poll::Ready(Err(error)),
                        _ => Poll::Pending,
                    };
                }
                // As after the end of any future.
                State::Over => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// What handles and replies know in common with the owner of the connection.
#[derive(Debug)]
pub(super) struct Shared {
    next: AtomicI64,
    places: Arc<Semaphore>,
    loss: OnceLock<Loss>,
    /// Closed when the owner of the connection is gone, and everything with it.
    gone: Semaphore,
    pub(super) counters: Counters,
    pub(super) limits: Limits,
}

impl Shared {
    /// How the connection was lost for good, if it was.
    pub(super) fn loss(&self) -> Option<Loss> {
        self.loss.get().cloned()
    }

    fn lost(&self) -> Error {
        Error::Lost {
            loss: self.loss().unwrap_or(Loss::Closed),
            unsent: true,
        }
    }

    fn usable(&self) -> Result<(), Error> {
        if self.places.is_closed() {
            return Err(self.lost());
        }
        Ok(())
    }

    fn place(&self) -> Place {
        let places = || Arc::clone(&self.places);
        match places().try_acquire_owned() {
            Ok(place) => Place::Taken(place),
            Err(_) => Place::Wanted(Box::pin(places().acquire_owned())),
        }
    }
}

/// What handles and replies ask of the owner of the connection.
///
/// The channel needs no bound of its own: there is one `Start` for each place in flight, and one
/// `Cancel` for each `Start`.
#[derive(Debug)]
pub(super) enum Command {
    Start(Box<Start>),
    Cancel(Number),
    Close,
}

/// A request on its way to the output.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) number: Number,
    pub(super) line: Encoded,
    pub(super) names: Names,
    pub(super) mailbox: Sender,
    pub(super) place: OwnedSemaphorePermit,
}

impl Start {
    /// The request will not be sent.
    pub(super) fn fail(self, error: Error) {
        self.mailbox.finish(Err(error));
    }
}

/// The end of the owner. When it is gone, nobody waits for it.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) commands: UnboundedReceiver<Command>,
    pub(super) shared: Arc<Shared>,
}

impl Inbox {
    /// Nothing is sent any more, for this reason.
    pub(super) fn end(&mut self, loss: &Loss) {
        // The first reason stays.
        let _ = self.shared.loss.set(loss.clone());
        self.shared.places.close();
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Start(start) = command {
                start.fail(Error::Lost {
                    loss: loss.clone(),
                    unsent: true,
                });
            }
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.end(&Loss::Closed);
        self.shared.gone.close();
    }
}
