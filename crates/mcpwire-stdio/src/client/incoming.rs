//! What one line of a server means. No I/O and no state: a function from a frame to a finding.

use std::ops::Range;

use bytes::Bytes;
use mcpwire_codec::line::Frame;
use mcpwire_codec::{DecodeError, Kind, Limits, Message, Part};
use mcpwire_types::{CancelledNotificationParams, Extra, RequestId, method};

use super::error::shorten;
use super::rewrite::{self, Number};

/// The finding.
#[derive(Debug)]
pub(super) enum Incoming {
    /// The answer to a request.
    Response { number: Number, message: Message },
    /// An answer that is none.
    Malformed {
        number: Number,
        source: DecodeError,
        raw: Bytes,
    },
    /// Belongs to the request with this progress token, which stands in `params` at this place.
    Progress {
        number: Number,
        place: Range<usize>,
        message: Message,
    },
    /// Belongs to a listen stream (STDIO-13, SUB-13).
    Subscription { number: Number, message: Message },
    /// A log message, which does not say what it belongs to (STDIO-14).
    Log(Message),
    /// The end of a listen stream was told (CANCEL-14).
    Ended {
        number: Number,
        reason: Option<String>,
    },
    /// Nothing, with a reason to count it.
    Ignored(Why),
}

/// Why a line is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Blank,
    Malformed,
    Request,
    TooLong { limit: usize },
    Unmatched,
}

/// Looks at one frame.
pub(super) fn read(frame: Frame, limits: &Limits) -> Incoming {
    let line = match frame {
        Frame::Line(line) => line,
        Frame::TooLong { limit } => return Incoming::Ignored(Why::TooLong { limit }),
    };
    if line.iter().all(u8::is_ascii_whitespace) {
        return Incoming::Ignored(Why::Blank);
    }
    let message = match Message::decode_with(line.clone(), limits) {
        Ok(message) => message,
        Err(source) => return malformed(source, line),
    };
    match message.kind() {
        Kind::Result | Kind::Error => match message.id().as_ref().and_then(number) {
            Some(number) => Incoming::Response { number, message },
            None => Incoming::Ignored(Why::Unmatched),
        },
        Kind::Notification => notification(message),
        // STDIO-10, BASE-30: not answered, not even with an error.
        Kind::Request => Incoming::Ignored(Why::Request),
    }
}

/// A broken answer is still one: whoever waits for it is told.
fn malformed(source: DecodeError, raw: Bytes) -> Incoming {
    let number = match source.kind() {
        Some(Kind::Request | Kind::Notification) => None,
        Some(Kind::Result | Kind::Error) | None => source.id().and_then(number),
    };
    match number {
        Some(number) => Incoming::Malformed {
            number,
            source,
            raw,
        },
        None => Incoming::Ignored(Why::Malformed),
    }
}

fn notification(message: Message) -> Incoming {
    let found = match &*message.method().unwrap_or_default() {
        method::NOTIFICATIONS_PROGRESS => progress(&message).map(Found::Progress),
        method::NOTIFICATIONS_MESSAGE => Some(Found::Log),
        method::NOTIFICATIONS_CANCELLED => ended(&message).map(Found::Ended),
        _ => message
            .parse::<RequestId<'_>>(Part::SubscriptionId)
            .ok()
            .as_ref()
            .and_then(number)
            .map(Found::Subscription),
    };
    match found {
        Some(Found::Progress((number, place))) => Incoming::Progress {
            number,
            place,
            message,
        },
        Some(Found::Log) => Incoming::Log(message),
        Some(Found::Ended((number, reason))) => Incoming::Ended { number, reason },
        Some(Found::Subscription(number)) => Incoming::Subscription { number, message },
        None => Incoming::Ignored(Why::Unmatched),
    }
}

/// A finding in a message that is still borrowed.
enum Found {
    Progress((Number, Range<usize>)),
    Log,
    Ended((Number, Option<String>)),
    Subscription(Number),
}

fn progress(message: &Message) -> Option<(Number, Range<usize>)> {
    // As raw members, so that the one name that routes is read and nothing else is judged.
    let params: Extra<'_> = message.parse(Part::Params).ok()?;
    let token = params.get("progressToken")?;
    let number = number(&token.parse().ok()?)?;
    let place = rewrite::place(message.raw(Part::Params)?, token.as_str().as_bytes())?;
    Some((number, place))
}

fn ended(message: &Message) -> Option<(Number, Option<String>)> {
    let params: CancelledNotificationParams<'_> = message.parse(Part::Params).ok()?;
    let reason = params.reason.as_deref().map(shorten);
    Some((number(&params.request_id)?, reason))
}

/// Numbers are what our requests are called; nothing else is ours (BASE-09).
fn number(id: &RequestId<'_>) -> Option<Number> {
    match id {
        RequestId::Integer(number) => Some(*number),
        RequestId::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: &'static str) -> String {
        match read(Frame::Line(line.into()), &Limits::default()) {
            Incoming::Response { number, .. } => format!("response {number}"),
            Incoming::Malformed { number, .. } => format!("malformed {number}"),
            Incoming::Progress {
                number,
                place,
                message,
            } => {
                let params = message.slice(Part::Params).unwrap();
                format!(
                    "progress {number} {:?}",
                    std::str::from_utf8(&params[place]).unwrap()
                )
            }
            Incoming::Subscription { number, .. } => format!("subscription {number}"),
            Incoming::Log(_) => "log".into(),
            Incoming::Ended { number, reason } => format!("ended {number} {reason:?}"),
            Incoming::Ignored(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn each_line_has_its_finding() {
        for (line, expected) in [
            (r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, "response 7"),
            (
                r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":""}}"#,
                "response 7",
            ),
            // BASE-09: `"7"` is another ID than `7`.
            (r#"{"jsonrpc":"2.0","id":"7","result":{}}"#, "Unmatched"),
            // BASE-21
            (
                r#"{"jsonrpc":"2.0","error":{"code":1,"message":""}}"#,
                "Unmatched",
            ),
            (r#"{"jsonrpc":"2.0","id":7,"result":[]}"#, "malformed 7"),
            (
                r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}"#,
                "malformed 7",
            ),
            (r#"{"id":7,"result":{}}"#, "malformed 7"),
            // What is no JSON has no ID.
            (r#"{"jsonrpc":"2.0","id":7,"result":{}"#, "Malformed"),
            ("hello, I am a server", "Malformed"),
            (" \t ", "Blank"),
            // STDIO-10
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"roots/list","params":{}}"#,
                "Request",
            ),
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"roots/list","params":7}"#,
                "Malformed",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"a":1, "progressToken": 7 ,"progress":1}}"#,
                r#"progress 7 "7""#,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"7","progress":1}}"#,
                "Unmatched",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progressToken":8}}"#,
                "Unmatched",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/progress"}"#,
                "Unmatched",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#,
                "log",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7}}}"#,
                "subscription 7",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
                "Unmatched",
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"later"}}"#,
                r#"ended 7 Some("later")"#,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}"#,
                "Unmatched",
            ),
        ] {
            assert_eq!(finding(line), expected, "{line}");
        }
    }
}
