//! What one line of input asks for. No I/O and no state: a function from a frame to a decision.

use mcpwire_codec::line::Frame;
use mcpwire_codec::{Kind, Limits, Message, Part};
use mcpwire_types::{CancelledNotificationParams, Error, RequestId, method};

/// The decision.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Call the service.
    Request(Message),
    /// Stop working on this request, if there is one (CANCEL-07).
    Cancelled(RequestId<'static>),
    /// Answer without calling the service.
    Refused {
        id: Option<RequestId<'static>>,
        error: Error<'static>,
    },
    /// Do nothing, and above all answer nothing.
    Ignored,
}

/// Decides about one frame.
pub(crate) fn read(frame: Frame, limits: &Limits) -> Incoming {
    let line = match frame {
        Frame::Line(line) => line,
        // Where an ID might stand in what was skipped is not looked at: what identifies a request is
        // never taken from a prefix of it.
        Frame::TooLong { limit } => {
            let message = format!("the line has more than {limit} bytes, and was skipped");
            return Incoming::Refused {
                id: None,
                error: Error::invalid_request(message),
            };
        }
    };
    if line.iter().all(u8::is_ascii_whitespace) {
        return Incoming::Ignored;
    }
    let message = match Message::decode_with(line, limits) {
        Ok(message) => message,
        // BASE-27: nobody waits for an answer to a notification, however broken, or to an answer.
        Err(error) if !matches!(error.kind(), None | Some(Kind::Request)) => {
            return Incoming::Ignored;
        }
        Err(error) => {
            return Incoming::Refused {
                id: error.id().cloned(),
                error: error.to_error(),
            };
        }
    };
    match message.kind() {
        Kind::Request => Incoming::Request(message),
        Kind::Notification => notification(&message),
        // BASE-30: a client sends no responses; one that does waits for nothing.
        _ => Incoming::Ignored,
    }
}

fn notification(message: &Message) -> Incoming {
    if message.method().as_deref() != Some(method::NOTIFICATIONS_CANCELLED) {
        return Incoming::Ignored;
    }
    // CANCEL-12: a malformed cancellation is ignored.
    match message.parse::<CancelledNotificationParams<'_>>(Part::Params) {
        Ok(params) => Incoming::Cancelled(params.request_id.into_owned()),
        Err(_) => Incoming::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(line: &'static str) -> String {
        match read(Frame::Line(line.into()), &Limits::default()) {
            Incoming::Request(message) => format!("call {}", message.method().unwrap()),
            Incoming::Cancelled(id) => format!("cancel {id}"),
            Incoming::Refused { id, error } => format!("refuse {id:?} {}", error.code),
            Incoming::Ignored => "ignore".into(),
        }
    }

    #[test]
    fn each_line_has_its_decision() {
        for (line, expected) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"a/b","params":{}}"#,
                "call a/b",
            ),
            // Whether there must be `params` is for the service to say.
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#,
                "call initialize",
            ),
            // CANCEL-01
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
                "cancel 7",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7","reason":"x","_meta":{"a":1},"b":2}}"#,
                r#"cancel "7""#,
            ),
            // CANCEL-12
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
                "ignore",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":7}"#,
                "ignore",
            ),
            // The method is read once, escapes and all.
            (
                r#"{"jsonrpc":"2.0","method":"notifications\/cancell\u0065d","params":{"requestId":7}}"#,
                "cancel 7",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"Notifications/cancelled","params":{"requestId":7}}"#,
                "ignore",
            ),
            // BASE-27, BASE-30
            (
                r#"{"jsonrpc":"2.0","method":"tools/call","params":{}}"#,
                "ignore",
            ),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "ignore"),
            (r#"{"jsonrpc":"2.0","id":1,"error":{}}"#, "ignore"),
            ("   ", "ignore"),
            // ERR-02, ERR-03
            ("x", "refuse None -32700"),
            ("[]", "refuse None -32600"),
            (
                r#"{"id":"x","method":"a"}"#,
                r#"refuse Some(String("x")) -32600"#,
            ),
        ] {
            assert_eq!(decision(line), expected, "{line}");
        }
    }

    #[test]
    fn stdio_28_a_line_that_is_too_long_is_refused() {
        let decision = read(Frame::TooLong { limit: 9 }, &Limits::default());
        let Incoming::Refused { id: None, error } = decision else {
            panic!("{decision:?}");
        };
        assert_eq!(error.code, mcpwire_types::error_code::INVALID_REQUEST);
        assert!(error.message.contains("9 bytes"));
    }
}
