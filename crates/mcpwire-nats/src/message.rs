//! What one replica says to the others: a small JSON object, one per NATS message.

use std::fmt;
use std::sync::Arc;

use mcpwire_service::Change;
use serde::{Deserialize, Serialize};

/// The version that is written. What reads it takes later ones too: they keep these members.
const VERSION: u32 = 1;

/// Who a message is from: a random number that a bus draws when it is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin(pub(crate) u128);

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A change in the shape in which it is queued and told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum News {
    Tools,
    Prompts,
    Resources,
    Updated(Arc<str>),
    Missed,
}

impl From<Change> for News {
    fn from(change: Change) -> Self {
        match change {
            Change::ToolsListChanged => Self::Tools,
            Change::PromptsListChanged => Self::Prompts,
            Change::ResourcesListChanged => Self::Resources,
            Change::ResourceUpdated { uri } => Self::Updated(uri),
            // A kind of change that this version cannot name is told as "something changed".
            _ => Self::Missed,
        }
    }
}

impl From<News> for Change {
    fn from(news: News) -> Self {
        match news {
            News::Tools => Self::ToolsListChanged,
            News::Prompts => Self::PromptsListChanged,
            News::Resources => Self::ResourcesListChanged,
            News::Updated(uri) => Self::ResourceUpdated { uri },
            News::Missed => Self::Missed,
        }
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// The change with the number `seq` of its origin.
    News(News),
    /// Nothing new: the last number that was sent is `seq`. Each has a number of its own, so that its
    /// sender knows which one has come back.
    Alive { beat: u64 },
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) origin: Origin,
    pub(crate) seq: u64,
    pub(crate) body: Body,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    version: u32,
    origin: String,
    seq: u64,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beat: Option<u64>,
}

const TOOLS: &str = "tools/list_changed";
const PROMPTS: &str = "prompts/list_changed";
const RESOURCES: &str = "resources/list_changed";
const UPDATED: &str = "resources/updated";
const MISSED: &str = "missed";
const ALIVE: &str = "alive";

impl Message {
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let (kind, uri, beat) = match &self.body {
            Body::News(News::Tools) => (TOOLS, None, None),
            Body::News(News::Prompts) => (PROMPTS, None, None),
            Body::News(News::Resources) => (RESOURCES, None, None),
            Body::News(News::Updated(uri)) => (UPDATED, Some(uri.to_string()), None),
            Body::News(News::Missed) => (MISSED, None, None),
            Body::Alive { beat } => (ALIVE, None, Some(*beat)),
        };
        let wire = Wire {
            version: VERSION,
            origin: format!("{:?}", self.origin),
            seq: self.seq,
            kind: kind.to_owned(),
            uri,
            beat,
        };
        // Strings and numbers cannot fail to be written; an empty message would be junk to all.
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// `None` for whatever is no message, or longer than `max_bytes`.
    pub(crate) fn parse(bytes: &[u8], max_bytes: usize) -> Option<Self> {
        if bytes.len() > max_bytes {
            return None;
        }
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        if wire.version == 0 {
            return None;
        }
        let body = match (wire.kind.as_str(), wire.uri) {
            (TOOLS, _) => Body::News(News::Tools),
            (PROMPTS, _) => Body::News(News::Prompts),
            (RESOURCES, _) => Body::News(News::Resources),
            (UPDATED, Some(uri)) => Body::News(News::Updated(uri.into())),
            (UPDATED, None) => return None,
            (ALIVE, _) => Body::Alive { beat: wire.beat? },
            // `missed`, and what a later version may add: to re-read is right for either.
            _ => Body::News(News::Missed),
        };
        Some(Self {
            origin: origin(&wire.origin)?,
            seq: wire.seq,
            body,
        })
    }
}

/// Reads the one spelling that is written: 32 lower-case hexadecimal digits.
fn origin(text: &str) -> Option<Origin> {
    let digits = |it: &u8| it.is_ascii_digit() || (b'a'..=b'f').contains(it);
    if text.len() != 32 || !text.as_bytes().iter().all(digits) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(Origin)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a failed step of a test is a failed test"
    )]

    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 16 * 1024;

    fn body() -> impl Strategy<Value = Body> {
        prop_oneof![
            Just(Body::News(News::Tools)),
            Just(Body::News(News::Prompts)),
            Just(Body::News(News::Resources)),
            Just(Body::News(News::Missed)),
            ".{0,200}".prop_map(|uri| Body::News(News::Updated(uri.into()))),
            any::<u64>().prop_map(|beat| Body::Alive { beat }),
        ]
    }

    fn message() -> impl Strategy<Value = Message> {
        (any::<u128>(), any::<u64>(), body()).prop_map(|(origin, seq, body)| Message {
            origin: Origin(origin),
            seq,
            body,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(message in message()) {
            prop_assert_eq!(Message::parse(&message.to_json(), MAX), Some(message));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Message::parse(&bytes, MAX);
        }

        #[test]
        fn a_message_cut_or_changed_is_read_or_refused(
            message in message(),
            at in any::<proptest::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut bytes = message.to_json();
            let at = at.index(bytes.len());
            prop_assert_eq!(Message::parse(bytes.get(..at).unwrap(), MAX), None);
            *bytes.get_mut(at).unwrap() = byte;
            let _ = Message::parse(&bytes, MAX);
        }
    }

    fn parse(json: &str) -> Option<Message> {
        Message::parse(json.as_bytes(), MAX)
    }

    #[test]
    fn junk_is_refused() {
        let origin = "0".repeat(32);
        for json in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            "[".repeat(10_000),
            format!(r#"{{"version":0,"origin":"{origin}","seq":1,"kind":"missed"}}"#),
            format!(r#"{{"version":1,"origin":"{origin}","seq":-1,"kind":"missed"}}"#),
            format!(r#"{{"version":1,"origin":"{origin}","seq":1,"kind":"resources/updated"}}"#),
            format!(r#"{{"version":1,"origin":"{origin}","seq":1,"kind":"alive"}}"#),
            format!(r#"{{"version":1,"origin":"{origin}","seq":1,"seq":2,"kind":"missed"}}"#),
            format!(
                r#"{{"version":1,"origin":"+{}","seq":1,"kind":"missed"}}"#,
                "0".repeat(31)
            ),
            r#"{"version":1,"origin":"7","seq":1,"kind":"missed"}"#.to_owned(),
        ] {
            assert_eq!(parse(&json), None, "{json}");
        }
    }

    #[test]
    fn a_later_version_is_read_and_what_it_adds_means_to_re_read() {
        let json = format!(
            r#"{{"version":7,"origin":"{}","seq":3,"kind":"sun/rose","at":[1]}}"#,
            "f".repeat(32)
        );
        let wanted = Message {
            origin: Origin(u128::MAX),
            seq: 3,
            body: Body::News(News::Missed),
        };
        assert_eq!(parse(&json), Some(wanted));
    }

    #[test]
    fn too_long_is_refused_before_it_is_read() {
        let message = Message {
            origin: Origin(1),
            seq: 1,
            body: Body::News(News::Updated("a".repeat(MAX).into())),
        };
        assert_eq!(Message::parse(&message.to_json(), MAX), None);
    }
}
