//! Reading the body of a request: all of it, and no more than the limits allow.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use http_body::Body;

use super::fields::Fields;
use super::refusal::{Refusal, Refused};
use super::stats::{Counters, count};
use crate::Limits;
use crate::patience::within;

/// hyper does not read a body before it is asked for it: a body that came along with its head is there at
/// the second look.
const LOOKS: usize = 2;

/// How much is reserved on a client's mere word.
const LARGEST_RESERVE: usize = 64 * 1024;

/// The body of one request, while it comes in.
pub(crate) struct Payload<'a, B> {
    body: Pin<&'a mut B>,
    /// Whether there is nothing left to read, be it that all was read or that reading failed.
    over: bool,
    /// Whether the client waits for `100 Continue`, and sends nothing unless the body is asked for.
    held_back: bool,
}

enum Broken {
    TooLong,
    Failed,
}

impl<'a, B> Payload<'a, B>
where
    B: Body<Data: Buf>,
{
    pub(crate) fn new(body: Pin<&'a mut B>, fields: &Fields<'_>) -> Self {
        Self {
            over: body.is_end_stream(),
            held_back: !fields.expect.is_missing(),
            body,
        }
    }

    /// The whole body. One that announces its length is refused before it is read.
    pub(crate) async fn read(
        &mut self,
        limits: &Limits,
        counters: &Counters,
    ) -> Result<Bytes, Refused> {
        let limit = limits.max_body_bytes;
        let too_long = || {
            count(&counters.over_max_body_bytes);
            let message = format!("the body is longer than {limit} bytes (max_body_bytes)");
            Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, message)
        };
        let announced = self.body.size_hint().lower();
        if announced > limit as u64 {
            return Err(too_long());
        }
        let mut gathered = Gathered {
            limit,
            announced,
            ..Gathered::default()
        };
        let read = poll_fn(|cx| self.poll_each(cx, |data| gathered.add(data)));
        match within(limits.body_read_timeout, LOOKS, read).await {
            Some(Ok(())) => Ok(gathered.into_bytes()),
            Some(Err(Broken::TooLong)) => Err(too_long()),
            Some(Err(Broken::Failed)) => {
                let message = "the body broke off, or its framing is broken";
                Err(Refusal::invalid(StatusCode::BAD_REQUEST, message))
            }
            None => {
                self.over = true;
                count(&counters.over_body_read_timeout);
                let limit = limits.body_read_timeout;
                let message = format!("the body took longer than {limit:?} (body_read_timeout)");
                Err(Refusal::invalid(StatusCode::REQUEST_TIMEOUT, message))
            }
        }
    }

    /// Throws away what a refused request still sends. A connection that is closed with unread bytes
    /// is reset, and a reset can overtake the answer that explains it.
    pub(crate) async fn discard(mut self, limits: &Limits, counters: &Counters) {
        if self.over || self.held_back {
            return;
        }
        let mut left = limits.max_discarded_bytes;
        if self.body.size_hint().lower() > left as u64 {
            count(&counters.over_max_discarded_bytes);
            return;
        }
        let read = poll_fn(|cx| {
            self.poll_each(cx, |data| {
                left = left.checked_sub(data.remaining()).ok_or(Broken::TooLong)?;
                Ok(())
            })
        });
        if let Some(Err(Broken::TooLong)) = within(limits.body_read_timeout, LOOKS, read).await {
            count(&counters.over_max_discarded_bytes);
        }
    }

    fn poll_each(
        &mut self,
        cx: &mut Context<'_>,
        mut each: impl FnMut(B::Data) -> Result<(), Broken>,
    ) -> Poll<Result<(), Broken>> {
        while !self.over {
            match ready!(self.body.as_mut().poll_frame(cx)) {
                None => self.over = true,
                Some(Err(_)) => {
                    self.over = true;
                    return Poll::Ready(Err(Broken::Failed));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        each(data)?;
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// A body in the making. One that comes in one piece is never copied.
#[derive(Default)]
struct Gathered {
    limit: usize,
    announced: u64,
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn add(&mut self, mut data: impl Buf) -> Result<(), Broken> {
        let len = data.remaining();
        let so_far = self.first.len() + self.rest.len();
        if len > self.limit - so_far {
            return Err(Broken::TooLong);
        }
        if so_far == 0 {
            self.first = data.copy_to_bytes(len);
            return Ok(());
        }
        if self.rest.is_empty() {
            let announced = usize::try_from(self.announced).unwrap_or(usize::MAX);
            self.rest
                .reserve(announced.min(LARGEST_RESERVE).max(so_far + len));
            self.rest
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.rest.extend_from_slice(&data.copy_to_bytes(len));
        Ok(())
    }

    fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() {
            self.first
        } else {
            self.rest.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(limit: usize, pieces: &[&'static str]) -> Option<Bytes> {
        let mut gathered = Gathered {
            limit,
            ..Gathered::default()
        };
        for piece in pieces {
            gathered.add(Bytes::from_static(piece.as_bytes())).ok()?;
        }
        Some(gathered.into_bytes())
    }

    #[test]
    fn pieces_are_joined_up_to_the_limit() {
        assert_eq!(
            gather(4, &["ab", "", "c", "d"]).as_deref(),
            Some(&b"abcd"[..])
        );
        assert_eq!(gather(4, &["", "abcd"]).as_deref(), Some(&b"abcd"[..]));
        assert_eq!(gather(4, &[]).as_deref(), Some(&b""[..]));
        assert_eq!(gather(4, &["ab", "c", "de"]), None);
        assert_eq!(gather(4, &["abcde"]), None);
    }

    #[test]
    fn a_body_in_one_piece_is_not_copied() {
        let whole = Bytes::from(vec![b' '; 100]);
        let mut gathered = Gathered {
            limit: 100,
            ..Gathered::default()
        };
        assert!(gathered.add(whole.clone()).is_ok());
        assert_eq!(gathered.into_bytes().as_ptr(), whole.as_ptr());
    }
}
