//! Copies that borrow nothing, for members of any type.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What `into_owned` is on every type, for code that does not know which.
pub trait IntoOwned {
    /// The type with `'static` for its lifetime.
    type Static;

    /// A copy that borrows nothing.
    fn into_owned(self) -> Self::Static;
}

impl IntoOwned for Cow<'_, str> {
    type Static = Cow<'static, str>;

    fn into_owned(self) -> Self::Static {
        Cow::Owned(self.into_owned())
    }
}

impl IntoOwned for bool {
    type Static = Self;

    fn into_owned(self) -> Self {
        self
    }
}

impl IntoOwned for i64 {
    type Static = Self;

    fn into_owned(self) -> Self {
        self
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Static = Option<T::Static>;

    fn into_owned(self) -> Self::Static {
        self.map(IntoOwned::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Static = Vec<T::Static>;

    fn into_owned(self) -> Self::Static {
        self.into_iter().map(IntoOwned::into_owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Static = Box<T::Static>;

    fn into_owned(self) -> Self::Static {
        Box::new((*self).into_owned())
    }
}

/// A copy of a member that borrows nothing.
pub fn own<T: IntoOwned>(value: T) -> T::Static {
    value.into_owned()
}
