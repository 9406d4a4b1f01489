//! The values of a template's variables as a type of the handler's own.
//!
//! The deserializer below reads text: numbers and booleans are parsed from it, which JSON's
//! deserializers would not do.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer as _,
    MapAccess, SeqAccess, Visitor,
};

use crate::error::HandlerError;
use crate::handler::call::{Call, CallKind};
use crate::handler::extract::FromCall;
use crate::router::register::Signature;
use crate::template::TemplateParams;

/// The variables of the template that the read URI matched, percent-decoded.
///
/// `T` is one value for a template with one variable, a tuple in the order of the template, or a
/// struct with a field for each variable (`Option` for those of a query). A value that does not fit
/// its type, such as `x` for a number, means that there is no such resource (RES-14).
///
/// ```
/// use mcpwire_dispatch::{HandlerError, Path, Router};
///
/// async fn issue(Path((project, number)): Path<(String, u32)>) -> Result<String, HandlerError> {
///     Ok(format!("issue {number} of {project}"))
/// }
///
/// let server = Router::new("tracker", "1.0.0").resource_template("issue://{project}/{number}", issue);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart in parameter position"
)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromCall for Path<T> {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let params = call.template_params.as_ref();
        let params =
            params.ok_or_else(|| HandlerError::internal("there are no template parameters"))?;
        match T::deserialize(Params(params)) {
            Ok(value) => Ok(Self(value)),
            Err(Error::Value(_)) => Err(HandlerError::not_found(
                call.uri.as_deref().unwrap_or_default(),
            )),
            Err(Error::Shape(error)) => Err(HandlerError::internal(format!("Path: {error}"))),
        }
    }

    fn describe(signature: &mut Signature<'_>) {
        const KINDS: &[CallKind] = &[CallKind::ResourceTemplate];
        signature.only_for("Path", KINDS, "a resource template");
    }
}

#[derive(Debug)]
enum Error {
    /// A value is not of the type that the handler wants: the client's URI is at fault.
    Value(String),
    /// The handler wants another number of variables: the server is at fault.
    Shape(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(message) | Self::Shape(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Value(format!("missing variable {field}"))
    }

    fn invalid_length(found: usize, expected: &dyn de::Expected) -> Self {
        Self::Shape(format!(
            "the template has {found} variables, expected {expected}"
        ))
    }
}

/// All variables.
struct Params<'a>(&'a TemplateParams);

impl<'a> Params<'a> {
    fn single(&self) -> Result<Value<'a>, Error> {
        let mut values = self.0.iter();
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(Value(value)),
            _ => Err(Error::Shape(format!(
                "the template has {} variables, take a tuple or a struct",
                self.0.iter().count()
            ))),
        }
    }
}

macro_rules! single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.single()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Params<'_> {
    type Error = Error;

    single! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_option deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Values(self.0.iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let found = self.0.iter().count();
        if found != len {
            return Err(de::Error::invalid_length(found, &format!("{len}").as_str()));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Members {
            rest: self.0.iter(),
            value: None,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.single()?.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Values<I>(I);

impl<'de, 'a, I: Iterator<Item = (&'a str, &'a str)>> SeqAccess<'de> for Values<I> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0
            .next()
            .map(|(_, value)| seed.deserialize(Value(value)))
            .transpose()
    }
}

struct Members<'a, I> {
    rest: I,
    value: Option<&'a str>,
}

impl<'de, 'a, I: Iterator<Item = (&'a str, &'a str)>> MapAccess<'de> for Members<'a, I> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Value(self.value.take().unwrap_or_default()))
    }
}

/// One value, as text.
#[derive(Clone, Copy)]
struct Value<'a>(&'a str);

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let parsed: $type = self.0.parse().map_err(|error| {
                Error::Value(format!("{:?} is not of type {}: {error}", self.0, stringify!($type)))
            })?;
            visitor.$visit(parsed)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
        deserialize_char visit_char char,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Variant(self.0))
    }

    serde::forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Variant<'a>(&'a str);

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = <StrDeserializer<'a, Error> as EnumAccess<'de>>::Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Error> {
        let text: StrDeserializer<'a, Error> = self.0.into_deserializer();
        text.variant_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::template::UriTemplate;

    fn read<T: DeserializeOwned>(template: &str, uri: &str) -> Result<T, Error> {
        let params = UriTemplate::parse(template).unwrap().matches(uri).unwrap();
        T::deserialize(Params(&params))
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Issue {
        project: String,
        number: u32,
        page: Option<u8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Shade {
        Dark,
        Light,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Id(u32);

    #[test]
    fn one_value_needs_no_tuple() {
        assert_eq!(read::<String>("a://{x}", "a://b%20c").unwrap(), "b c");
        assert_eq!(read::<u32>("a://{x}", "a://7").unwrap(), 7);
        assert_eq!(read::<Id>("a://{x}", "a://7").unwrap(), Id(7));
        assert_eq!(read::<Shade>("a://{x}", "a://dark").unwrap(), Shade::Dark);
        assert_eq!(read::<(bool,)>("a://{x}", "a://true").unwrap(), (true,));
    }

    #[test]
    fn several_values_come_in_order_or_by_name() {
        let issue = |page| Issue {
            project: "p".into(),
            number: 3,
            page,
        };
        assert_eq!(
            read::<(String, u32)>("a://{p}/{n}", "a://p/3").unwrap(),
            ("p".into(), 3)
        );
        assert_eq!(
            read::<Vec<String>>("a://{p}/{n}", "a://p/3").unwrap(),
            ["p", "3"]
        );
        assert_eq!(
            read::<Issue>("a://{project}/{number}", "a://p/3").unwrap(),
            issue(None)
        );
        let paged = "a://{project}/{number}{?page}";
        assert_eq!(
            read::<Issue>(paged, "a://p/3?page=9").unwrap(),
            issue(Some(9))
        );
        assert_eq!(read::<Issue>(paged, "a://p/3").unwrap(), issue(None));
        let light = read::<(Shade, char)>("a://{s}/{c}", "a://light/x").unwrap();
        assert_eq!(light, (Shade::Light, 'x'));
    }

    #[test]
    fn res_14_a_value_of_another_type_is_the_clients_fault() {
        assert!(matches!(
            read::<u32>("a://{x}", "a://seven"),
            Err(Error::Value(_))
        ));
        assert!(matches!(
            read::<Shade>("a://{x}", "a://grey"),
            Err(Error::Value(_))
        ));
        assert!(matches!(
            read::<(u8, u8)>("a://{x}/{y}", "a://1/999"),
            Err(Error::Value(_))
        ));
    }

    #[test]
    fn another_number_of_variables_is_the_servers_fault() {
        assert!(matches!(
            read::<String>("a://{x}/{y}", "a://1/2"),
            Err(Error::Shape(_))
        ));
        assert!(matches!(
            read::<(String,)>("a://{x}/{y}", "a://1/2"),
            Err(Error::Shape(_))
        ));
        assert!(matches!(
            read::<(u8, u8, u8)>("a://{x}/{y}", "a://1/2"),
            Err(Error::Shape(_))
        ));
    }
}
