//! The impls that are the same for every type of a kind, so that generated files hold only what differs.
//!
//! What few programs call of a type is `#[inline]` here and in generated files: it is compiled where it is
//! called, not once for everybody who builds this crate.

/// `Deserialize` and `IntoOwned` by way of `Decode` and the method `into_owned`.
#[doc(hidden)]
#[macro_export]
macro_rules! __by_decode {
    ($name:ident) => {
        impl<'de: 'a, 'a> $crate::support::Deserialize<'de> for $name<'a> {
            fn deserialize<D: $crate::support::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <Self as $crate::support::Decode<'de>>::decode(from)
            }
        }

        impl $crate::support::IntoOwned for $name<'_> {
            type Static = $name<'static>;

            #[inline]
            fn into_owned(self) -> Self::Static {
                $name::into_owned(self)
            }
        }
    };
}

/// What is read member by member.
#[doc(hidden)]
#[macro_export]
macro_rules! __by_object {
    ($name:ident) => {
        $crate::__by_decode! { $name }

        impl<'de: 'a, 'a> $crate::support::Decode<'de> for $name<'a> {
            fn decode<D: $crate::support::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::support::object(from)
            }
        }
    };
}

/// A string out of an open set.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($name:ident: $($text:literal => $variant:ident),* $(,)?) => {
        $crate::__by_decode! { $name }

        impl $name<'_> {
            /// A copy that borrows nothing.
            #[inline]
            pub fn into_owned(self) -> $name<'static> {
                match self {
                    $( Self::$variant => $name::$variant, )*
                    Self::Unknown(value) => $name::Unknown($crate::support::own(value)),
                }
            }
        }

        impl<'a> ::core::convert::From<$crate::support::Cow<'a, str>> for $name<'a> {
            fn from(value: $crate::support::Cow<'a, str>) -> Self {
                match &*value {
                    $( $text => Self::$variant, )*
                    _ => Self::Unknown(value),
                }
            }
        }

        impl<'a> ::core::convert::From<&'a str> for $name<'a> {
            fn from(value: &'a str) -> Self {
                Self::from($crate::support::Cow::Borrowed(value))
            }
        }

        impl ::core::convert::From<$crate::support::String> for $name<'_> {
            fn from(value: $crate::support::String) -> Self {
                Self::from($crate::support::Cow::Owned(value))
            }
        }

        /// The value on the wire.
        impl ::core::fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de: 'a, 'a> $crate::support::Decode<'de> for $name<'a> {
            fn decode<D: $crate::support::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::support::text(from).map(Self::from)
            }
        }

        impl $crate::support::Serialize for $name<'_> {
            fn serialize<S: $crate::support::Serializer>(
                &self,
                to: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}

/// An object that stays raw, with some members checked.
#[doc(hidden)]
#[macro_export]
macro_rules! __raw_object {
    ($name:ident, $checks:expr) => {
        $crate::__by_decode! { $name }

        impl<'a> $name<'a> {
            /// Takes JSON text, and checks what has to hold.
            pub fn from_text(
                text: impl ::core::convert::Into<$crate::support::Cow<'a, str>>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                Self::try_from($crate::JSONObject::from_text(text)?)
            }

            /// Writes `value` as JSON, and checks what has to hold.
            pub fn from_serialize<T: $crate::support::Serialize + ?Sized>(
                value: &T,
            ) -> ::core::result::Result<$name<'static>, $crate::support::JsonError> {
                let object = $crate::JSONObject::from_serialize(value)?;
                $crate::support::check_object::<$crate::support::JsonError>(
                    &object,
                    $name::CHECKS,
                )?;
                ::core::result::Result::Ok($name(object))
            }

            /// The JSON text, without white space around it.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The object itself.
            pub fn as_object(&self) -> &$crate::JSONObject<'a> {
                &self.0
            }

            /// Reads it as a `T`, which may borrow from it.
            pub fn parse<'s, T: $crate::support::Deserialize<'s>>(
                &'s self,
            ) -> ::core::result::Result<T, $crate::DecodeError> {
                self.0.parse()
            }

            /// The same, borrowed from this one.
            pub fn borrowed(&self) -> $name<'_> {
                $name(self.0.borrowed())
            }

            /// A copy that borrows nothing.
            #[inline]
            pub fn into_owned(self) -> $name<'static> {
                $name(self.0.into_owned())
            }

            const CHECKS: &'static [$crate::support::Check] = &$checks;
        }

        impl<'a> ::core::convert::TryFrom<$crate::JSONObject<'a>> for $name<'a> {
            type Error = $crate::DecodeError;

            fn try_from(
                object: $crate::JSONObject<'a>,
            ) -> ::core::result::Result<Self, $crate::DecodeError> {
                match $crate::support::check_object(&object, Self::CHECKS) {
                    ::core::result::Result::Ok(()) => ::core::result::Result::Ok(Self(object)),
                    ::core::result::Result::Err(error) => {
                        ::core::result::Result::Err($crate::support::refused(&error, &object))
                    }
                }
            }
        }

        impl<'a> ::core::convert::From<$name<'a>> for $crate::JSONObject<'a> {
            fn from(object: $name<'a>) -> Self {
                object.0
            }
        }

        impl<'a> ::core::convert::From<$name<'a>> for $crate::JSONValue<'a> {
            fn from(object: $name<'a>) -> Self {
                object.0.into()
            }
        }

        impl ::core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// The JSON text.
        impl ::core::fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de: 'a, 'a> $crate::support::Decode<'de> for $name<'a> {
            fn decode<D: $crate::support::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let object = $crate::JSONObject::decode(from)?;
                $crate::support::check_object::<D::Error>(&object, Self::CHECKS)?;
                ::core::result::Result::Ok(Self(object))
            }
        }

        impl $crate::support::Serialize for $name<'_> {
            fn serialize<S: $crate::support::Serializer>(
                &self,
                to: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                self.0.serialize(to)
            }
        }
    };
}

/// A value of which only whoever asked for it knows what it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __asked {
    ($name:ident) => {
        $crate::__by_decode! { $name }

        impl<'a> $name<'a> {
            /// Takes a value as it is.
            pub fn from_value(value: $crate::JSONValue<'a>) -> Self {
                Self(value)
            }

            /// Writes `value`, which should be one of the types that this can be, as JSON.
            pub fn from_serialize<T: $crate::support::Serialize + ?Sized>(
                value: &T,
            ) -> ::core::result::Result<$name<'static>, $crate::support::JsonError> {
                $crate::JSONValue::from_serialize(value).map($name)
            }

            /// The JSON text, without white space around it.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The value itself.
            pub fn as_value(&self) -> &$crate::JSONValue<'a> {
                &self.0
            }

            /// Reads it as a `T`, which may borrow from it.
            pub fn parse<'s, T: $crate::support::Deserialize<'s>>(
                &'s self,
            ) -> ::core::result::Result<T, $crate::DecodeError> {
                self.0.parse()
            }

            /// A copy that borrows nothing.
            #[inline]
            pub fn into_owned(self) -> $name<'static> {
                $name(self.0.into_owned())
            }
        }

        impl<'a> ::core::convert::From<$crate::JSONValue<'a>> for $name<'a> {
            fn from(value: $crate::JSONValue<'a>) -> Self {
                Self(value)
            }
        }

        impl<'a> ::core::convert::From<$name<'a>> for $crate::JSONValue<'a> {
            fn from(value: $name<'a>) -> Self {
                value.0
            }
        }

        impl ::core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de: 'a, 'a> $crate::support::Decode<'de> for $name<'a> {
            fn decode<D: $crate::support::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::JSONValue::decode(from).map(Self)
            }
        }

        impl $crate::support::Serialize for $name<'_> {
            fn serialize<S: $crate::support::Serializer>(
                &self,
                to: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                self.0.serialize(to)
            }
        }
    };
}
