//! Laws of header values that mirror members (HDR-19 to HDR-25).

use mcpwire_service::header_value::{decode, encode};
use proptest::prelude::*;

proptest! {
    /// HDR-20, HDR-23: every text survives the way through a header.
    #[test]
    fn hdr_20_any_text_survives(text in any::<String>()) {
        let header = encode(&text);
        prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header:?}");
        let decoded = decode(header.as_bytes());
        prop_assert_eq!(decoded.as_deref(), Ok(text.as_str()));
    }

    /// HDR-29: no byte sequence makes the reader panic, and what it accepts is plain or wrapped.
    #[test]
    fn hdr_29_any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        if decode(&bytes).is_ok() {
            prop_assert!(bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
        }
    }

    /// HDR-21: a text that looks wrapped is never taken for what it seems to wrap.
    #[test]
    fn hdr_21_what_looks_wrapped_is_wrapped_again(inner in "[A-Za-z0-9+/]{0,16}") {
        let text = format!("=?base64?{inner}?=");
        prop_assert_ne!(encode(&text), text.as_str());
        let header = encode(&text);
        let decoded = decode(header.as_bytes());
        prop_assert_eq!(decoded.as_deref(), Ok(text.as_str()));
    }
}
