//! Server-sent events, in and out: one event per message (HTTP-32). Sans-io; somebody else reads and
//! writes.
//!
//! What we write has neither a name nor an ID: the stream cannot be resumed, so there is nothing to
//! number. What we read is all that the [standard] lets a server write.
//!
//! [standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

#[cfg(feature = "tokio-util")]
mod codec;
mod decode;
mod encode;
mod field;

#[cfg(feature = "tokio-util")]
pub use codec::SseCodec;
pub use decode::{Event, EventDecoder, Frame};
pub use encode::{KEEP_ALIVE, event};
