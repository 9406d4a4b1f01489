//! A box that is there before what comes into it.

use std::pin::Pin;

/// What `Box::pin(make())` gives. A future is written to its place, and not put together elsewhere and copied,
/// with all of its room for what it does not have yet.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else it is put together elsewhere")]
pub(crate) fn boxed<T>(make: impl FnOnce() -> T) -> Pin<Box<T>> {
    let place = Box::new_uninit();
    Box::into_pin(Box::write(place, make()))
}
