//! The header fields that this side reads, found in one pass over all that were sent.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use mcpwire_service::MirroredParams;

use crate::bounds::field_bytes;

const PARAM_PREFIX: &str = "mcp-param-";

/// What was sent under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Field<'h> {
    #[default]
    Missing,
    Once(&'h HeaderValue),
    /// Those who take more than one find them in [`Fields::all`].
    Repeated,
}

impl<'h> Field<'h> {
    fn add(&mut self, value: &'h HeaderValue) {
        *self = match self {
            Self::Missing => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }

    pub(crate) fn is_missing(self) -> bool {
        self == Self::Missing
    }
}

/// The header fields of one request.
#[derive(Debug)]
pub(crate) struct Fields<'h> {
    pub(crate) all: &'h HeaderMap,
    /// How long they are together, as HTTP/1.1 writes them.
    pub(crate) bytes: usize,
    pub(crate) host: Field<'h>,
    pub(crate) origin: Field<'h>,
    pub(crate) accept: Field<'h>,
    pub(crate) content_type: Field<'h>,
    pub(crate) content_encoding: Field<'h>,
    pub(crate) expect: Field<'h>,
    /// `MCP-Protocol-Version`
    pub(crate) version: Field<'h>,
    /// `Mcp-Method`
    pub(crate) method: Field<'h>,
    /// `Mcp-Name`
    pub(crate) name: Field<'h>,
    /// Every `Mcp-Param-*`: what they mirror stands in the schema of a tool, which the service knows, and
    /// compares (HDR-30).
    pub(crate) params: MirroredParams,
}

impl<'h> Fields<'h> {
    #[inline]
    pub(crate) fn read(all: &'h HeaderMap) -> Self {
        let mut fields = Self {
            all,
            bytes: 0,
            host: Field::Missing,
            origin: Field::Missing,
            accept: Field::Missing,
            content_type: Field::Missing,
            content_encoding: Field::Missing,
            expect: Field::Missing,
            version: Field::Missing,
            method: Field::Missing,
            name: Field::Missing,
            params: MirroredParams::default(),
        };
        for (name, value) in all {
            fields.bytes += field_bytes(name, value);
            let field = match name.as_str() {
                "host" => &mut fields.host,
                "origin" => &mut fields.origin,
                "accept" => &mut fields.accept,
                "content-type" => &mut fields.content_type,
                "content-encoding" => &mut fields.content_encoding,
                "expect" => &mut fields.expect,
                "mcp-protocol-version" => &mut fields.version,
                "mcp-method" => &mut fields.method,
                "mcp-name" => &mut fields.name,
                other => {
                    if let Some(param) = other.strip_prefix(PARAM_PREFIX) {
                        let value = Bytes::copy_from_slice(value.as_bytes());
                        fields.params.push(param, value);
                    }
                    continue;
                }
            };
            field.add(value);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn http_53_a_field_that_is_there_twice_is_told_from_one() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("mcp-method", "a"),
            ("accept", "b"),
            ("mcp-param-x", "c"),
            ("mcp-method", "d"),
            ("other", "e"),
            ("mcp-param-x", "f"),
        ] {
            let name = HeaderName::from_static(name);
            headers.append(name, HeaderValue::from_static(value));
        }
        let fields = Fields::read(&headers);
        assert_eq!(fields.method, Field::Repeated);
        assert_eq!(fields.accept, Field::Once(&HeaderValue::from_static("b")));
        assert!(fields.name.is_missing());
        assert_eq!(fields.bytes, 2 * 15 + 11 + 2 * 16 + 10);
        let params: Vec<_> = fields.params.iter().collect();
        assert_eq!(params, [("x", &b"c"[..]), ("x", b"f")]);
    }
}
