//! Whether a connection outlives an exchange.

use http::HeaderMap;
use http::header::CONNECTION;

/// Whether the sender says that it will not use the connection again (RFC 9112, 9.6).
pub(crate) fn closes(headers: &HeaderMap) -> bool {
    let options = headers.get_all(CONNECTION).iter();
    let mut options = options.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn close_is_found_among_other_options() {
        for (value, expected) in [
            ("close", true),
            ("Keep-Alive, CLOSE", true),
            ("keep-alive", false),
            ("closed", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONNECTION, HeaderValue::from_static(value))]);
            assert_eq!(closes(&headers), expected, "{value}");
        }
        assert!(!closes(&HeaderMap::new()));
    }
}
