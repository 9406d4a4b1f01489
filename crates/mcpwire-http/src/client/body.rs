//! Bodies that are read to their end, within limits.

use bytes::{Bytes, BytesMut};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use super::connection::Body;
use super::handle::Shared;
use super::{Error, direct};
use crate::patience::within;

/// The body of an answer that is one message.
pub(super) async fn whole(mut body: Body, shared: &Shared) -> Result<Bytes, Error> {
    let limits = &shared.limits;
    let mut read = Pieces::new(limits.max_body_bytes);
    read.expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if read.expected > read.limit {
        return Err(Error::BodyTooLong { limit: read.limit });
    }
    let limit = limits.body_read_timeout;
    if direct::is_for(&body, read.expected) {
        let all = Box::pin(direct::read(body, read.expected, &shared.pool));
        let all = timeout(limit, all).await;
        return all.map_err(|_| Error::BodyTimeout { limit })?;
    }
    // Most bodies come with their heads.
    let all = within(limit, 1, read.all(&mut body)).await;
    all.ok_or(Error::BodyTimeout { limit })??;
    shared.pool.keep(body);
    Ok(read.finish())
}

/// As much of a body as comes in time and is not too much: it only explains an error that there is
/// anyway.
pub(super) async fn what_comes(mut body: Body, shared: &Shared) -> Bytes {
    let limits = &shared.limits;
    let mut read = Pieces::new(limits.max_body_bytes);
    let all = timeout(limits.body_read_timeout, read.all(&mut body)).await;
    if matches!(all, Ok(Ok(()))) {
        shared.pool.keep(body);
    }
    read.finish()
}

/// What has been read. One piece is not copied, which is what a short body comes in; several are put
/// together as they come, each byte once where the length is known beforehand: a message is read in one
/// piece.
struct Pieces {
    first: Bytes,
    rest: BytesMut,
    /// How long it is going to be at least, as far as that is known.
    expected: usize,
    limit: usize,
}

impl Pieces {
    fn new(limit: usize) -> Self {
        Self {
            first: Bytes::new(),
            rest: BytesMut::new(),
            expected: 0,
            limit,
        }
    }

    /// What stays within the limit is kept, whatever the result.
    async fn all(&mut self, body: &mut Body) -> Result<(), Error> {
        while !body.is_over() {
            let Some(frame) = body.frame().await else {
                break;
            };
            // Empty frames count for nothing, and would otherwise keep the task busy beyond its timeout.
            consume_budget().await;
            let frame = frame.map_err(|error| Error::Broken(error.into()))?;
            let Ok(piece) = frame.into_data() else {
                continue;
            };
            self.push(piece)?;
        }
        Ok(())
    }

    fn push(&mut self, mut piece: Bytes) -> Result<(), Error> {
        let limit = self.limit;
        let room = limit.saturating_sub(self.first.len().max(self.rest.len()));
        let fits = piece.len() <= room;
        piece.truncate(room);
        if self.rest.is_empty() && self.first.is_empty() {
            self.first = piece;
        } else {
            if self.rest.is_empty() {
                self.rest.reserve(self.expected);
                self.rest
                    .extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.rest.extend_from_slice(&piece);
        }
        if fits {
            Ok(())
        } else {
            Err(Error::BodyTooLong { limit })
        }
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() {
            self.first
        } else {
            self.rest.freeze()
        }
    }
}
