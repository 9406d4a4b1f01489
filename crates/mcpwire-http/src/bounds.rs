//! How a struct of bounds is written, on either side.

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
