//! What the bounds of both sides have in common.

use http::{HeaderName, HeaderValue};

/// The number of header fields that hyper has to be told, unless it is its own.
///
/// Told any number, hyper allocates for so many fields with each head; its own are on the stack.
pub(crate) fn other_than_hypers(max_headers: usize) -> Option<usize> {
    const HYPERS_OWN: usize = 100;
    (max_headers != HYPERS_OWN).then_some(max_headers)
}

/// The longest header in bytes: hyper keeps to no less than the least of its buffers.
pub(crate) fn longest_header(max_header_bytes: usize) -> usize {
    const LEAST: usize = 8192;
    max_header_bytes.clamp(LEAST, u32::MAX as usize)
}

/// How long a header field is as HTTP/1.1 writes it: with a colon, a space, and the end of the line.
pub(crate) fn field_bytes(name: &HeaderName, value: &HeaderValue) -> usize {
    name.as_str().len() + value.len() + 4
}

/// Writes the struct, its defaults and its setters from one table.
macro_rules! limits {
    ($(#[$about:meta])* struct Limits; $($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr,)*) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](Self#structfield.", stringify!($name), ").")]
                pub fn $name(mut self, $name: $kind) -> Self {
                    self.$name = $name;
                    self
                }
            )*
        }
    };
}
