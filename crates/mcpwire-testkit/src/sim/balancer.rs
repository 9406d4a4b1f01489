//! A balancer: each request goes to the next replica, whatever it is about.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::JoinSet;
use turmoil::net::TcpListener;

use super::chance::Chance;
use super::faults::Faults;
use super::log::Journal;
use super::upstream::{Answer, Cut, connect, exchange};
use super::{BALANCER, PORT, replica_name};

/// The longest body of a request, in bytes. A longer one is answered `413`.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// An answer is cut within so many bytes.
const LAST_CUT: u64 = 2048;

pub(super) struct Balancer {
    seed: u64,
    replicas: usize,
    faults: Faults,
    journal: Journal,
    requests: AtomicU64,
    turn: AtomicUsize,
}

impl Balancer {
    pub(super) fn new(seed: u64, replicas: usize, faults: Faults, journal: Journal) -> Self {
        Self {
            seed,
            replicas,
            faults,
            journal,
            requests: AtomicU64::new(0),
            turn: AtomicUsize::new(0),
        }
    }

    pub(super) async fn run(self: Arc<Self>) -> turmoil::Result {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            while connections.try_join_next().is_some() {}
            let balancer = Arc::clone(&self);
            let service = service_fn(move |request| {
                let balancer = Arc::clone(&balancer);
                async move { Ok::<_, Infallible>(balancer.forward(request).await) }
            });
            connections.spawn_local(async move {
                let mut builder = http1::Builder::new();
                builder.timer(TokioTimer::new());
                // A connection that fails has a client that knows.
                drop(
                    builder
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    }

    /// Dropping the future, or the answer, breaks the exchange with the replica off.
    async fn forward(&self, request: Request<Incoming>) -> Response<Answer> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut chance = Chance::of(self.seed, "request", number);
        let (mut head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            self.note(number, "the request broke off, or is too long");
            return status(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let what = described(&head.headers);
        head.headers.remove(CONNECTION);
        head.headers.remove(TRANSFER_ENCODING);
        let request = Request::from_parts(head, Full::new(body.to_bytes()));
        let twice = self.replicas > 1 && chance.hits(self.faults.duplicates);
        let cut = chance.hits(self.faults.cuts).then(|| Cut {
            left: usize::try_from(chance.below(LAST_CUT)).unwrap_or(0),
            request: number,
            journal: self.journal.clone(),
        });
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let answer = if twice {
            self.note(number, format_args!("{what}, twice"));
            let other = self.turn.fetch_add(1, Ordering::Relaxed);
            let first = self.send(number, turn, request.clone());
            first_of(first, self.send(number, other, request)).await
        } else {
            self.note(number, what);
            self.send(number, turn, request).await
        };
        match answer {
            Some(mut answer) => {
                answer.headers_mut().remove(CONNECTION);
                answer.headers_mut().remove(TRANSFER_ENCODING);
                answer.map(|body| body.cut(cut))
            }
            None => status(StatusCode::BAD_GATEWAY),
        }
    }

    /// Sends the request to the first replica that can be reached. One that has it may have acted on
    /// it, so that no other gets it then.
    async fn send(
        &self,
        number: u64,
        turn: usize,
        request: Request<Full<Bytes>>,
    ) -> Option<Response<Answer>> {
        for step in 0..self.replicas {
            let index = turn.wrapping_add(step).checked_rem(self.replicas)?;
            let replica = replica_name(index);
            let stream = match connect(&replica).await {
                Ok(stream) => stream,
                Err(error) => {
                    let kind = error.kind();
                    self.note(number, format_args!("{replica} cannot be reached: {kind}"));
                    continue;
                }
            };
            return match exchange(stream, request).await {
                Ok(answer) => {
                    let status = answer.status();
                    self.note(number, format_args!("{replica} answers {status}"));
                    Some(answer)
                }
                Err(error) => {
                    self.note(number, format_args!("{replica} broke off: {error}"));
                    None
                }
            };
        }
        self.note(number, "no replica can be reached");
        None
    }

    fn note(&self, number: u64, what: impl std::fmt::Display) {
        self.journal
            .note(BALANCER, format_args!("#{number} {what}"));
    }
}

/// What the request is about, by what it mirrors for those on the way (HTTP-34).
fn described(headers: &HeaderMap) -> String {
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let method = field("mcp-method").unwrap_or("something");
    match field("mcp-name") {
        Some(name) => format!("{method} {name}"),
        None => method.to_owned(),
    }
}

fn status(status: StatusCode) -> Response<Answer> {
    let mut response = Response::new(Answer::empty());
    *response.status_mut() = status;
    response
}

/// The first of two answers that is one, always in the same order if they come at once.
async fn first_of<T>(
    first: impl Future<Output = Option<T>>,
    second: impl Future<Output = Option<T>>,
) -> Option<T> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut first_failed, mut second_failed) = (false, false);
    poll_fn(|cx| {
        if !first_failed && let Poll::Ready(answer) = first.as_mut().poll(cx) {
            if answer.is_some() {
                return Poll::Ready(answer);
            }
            first_failed = true;
        }
        if !second_failed && let Poll::Ready(answer) = second.as_mut().poll(cx) {
            if answer.is_some() {
                return Poll::Ready(answer);
            }
            second_failed = true;
        }
        if first_failed && second_failed {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    })
    .await
}
