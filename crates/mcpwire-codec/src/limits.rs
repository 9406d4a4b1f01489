//! The bounds of the codec. Each is finite by default and has a setting of its own.

/// What a message may cost before it is refused.
///
/// ```
/// use mcpwire_codec::Limits;
///
/// let limits = Limits::default().max_message_bytes(64 * 1024);
/// assert_eq!((limits.max_message_bytes, limits.max_depth), (65_536, 128));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest message, in bytes: 4 MiB by default, and never more than `u32::MAX`, whatever is
    /// set here. A longer one is refused before it is read, with
    /// [`DecodeError::TooLong`](crate::DecodeError::TooLong).
    pub max_message_bytes: usize,
    /// How many arrays and objects may be open at once, the message itself included: 128 by default.
    /// A deeper one is refused with [`DecodeError::TooDeep`](crate::DecodeError::TooDeep).
    ///
    /// `serde_json` reads 127 levels. A part of a message stands at least one level down, so
    /// everything that passes the default can also be read by [`Message::parse`](crate::Message::parse);
    /// with a higher limit deep parts can still be forwarded, but no longer parsed.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 4 * 1024 * 1024,
            max_depth: 128,
        }
    }
}

impl Limits {
    /// Sets [`Limits::max_message_bytes`].
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_depth`].
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }
}
