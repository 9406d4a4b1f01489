//! Bodies that are read to their end, within limits.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use super::{Error, Limits};

/// The body of an answer that is one message.
pub(super) async fn whole(body: Incoming, limits: &Limits) -> Result<Bytes, Error> {
    let mut read = Pieces::new(limits.max_body_bytes);
    if body.size_hint().lower() > read.limit as u64 {
        return Err(Error::BodyTooLong { limit: read.limit });
    }
    let limit = limits.body_read_timeout;
    timeout(limit, read.all(body))
        .await
        .map_err(|_| Error::BodyTimeout { limit })??;
    Ok(read.finish())
}

/// As much of a body as comes in time and is not too much: it only explains an error that there is
/// anyway.
pub(super) async fn what_comes(body: Incoming, limits: &Limits) -> Bytes {
    let mut read = Pieces::new(limits.max_body_bytes);
    drop(timeout(limits.body_read_timeout, read.all(body)).await);
    read.finish()
}

/// What has been read. One piece is not copied, which is what a short body comes in.
struct Pieces {
    first: Bytes,
    rest: BytesMut,
    limit: usize,
}

impl Pieces {
    fn new(limit: usize) -> Self {
        Self {
            first: Bytes::new(),
            rest: BytesMut::new(),
            limit,
        }
    }

    /// What stays within the limit is kept, whatever the result.
    async fn all(&mut self, mut body: Incoming) -> Result<(), Error> {
        while let Some(frame) = body.frame().await {
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
