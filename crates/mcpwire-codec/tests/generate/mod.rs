//! Texts for the property tests: JSON in every spelling, messages that are nearly always valid but for
//! one thing, and mutations of both.

#![allow(
    clippy::indexing_slicing,
    reason = "test support; an index out of range is a bug of the test"
)]

use proptest::prelude::*;
use proptest::sample::Index;

use super::conversation::MESSAGES;

type Text = BoxedStrategy<String>;

fn whitespace() -> Text {
    prop_oneof![6 => Just(String::new()), 1 => "[ \t\r\n]{1,2}"].boxed()
}

/// A string with its quotes: characters of every length in UTF-8, and every kind of escape.
fn string() -> Text {
    let piece = prop_oneof![
        12 => "[a-z/_.]{1,4}",
        2 => "[\u{7f}-\u{ffff}\u{10000}-\u{10ffff}]{1,2}",
        2 => r#"\\["\\/bfnrt]"#,
        2 => r"\\u[0-9a-cA-C][0-9a-fA-F]{3}",
        1 => r"\\ud[89abAB][0-9a-f]{2}\\uD[c-fC-F][0-9A-F]{2}",
    ];
    prop::collection::vec(piece, 0..5)
        .prop_map(|pieces| format!("\"{}\"", pieces.concat()))
        .boxed()
}

fn integer() -> Text {
    prop_oneof![4 => "-?[1-9][0-9]{0,5}", 2 => any::<i64>().prop_map(|id| id.to_string()), 1 => Just("0".to_owned())].boxed()
}

fn number() -> Text {
    prop_oneof![3 => integer(), 2 => r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?"]
        .boxed()
}

fn scalar() -> Text {
    prop_oneof![3 => string(), 2 => number(), 1 => Just("true".into()), 1 => Just("false".into()), 1 => Just("null".into())]
        .boxed()
}

/// Any JSON value, now and then with white space between its tokens.
pub(crate) fn json() -> Text {
    scalar()
        .prop_recursive(4, 24, 4, |inner| {
            let element =
                (whitespace(), inner, whitespace()).prop_map(|(a, value, b)| a + &value + &b);
            let elements = prop::collection::vec(element.clone(), 0..4);
            let named = (whitespace(), string(), whitespace(), element)
                .prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
            let members = prop::collection::vec(named, 0..4);
            prop_oneof![
                (elements, whitespace()).prop_map(|(all, end)| bracketed('[', &all, &end, ']')),
                (members, whitespace()).prop_map(|(all, end)| bracketed('{', &all, &end, '}')),
            ]
        })
        .boxed()
}

fn bracketed(open: char, items: &[String], end: &str, close: char) -> String {
    // White space in an empty container, or behind the last item.
    format!("{open}{}{end}{close}", items.join(","))
}

/// The name of a member, now and then spelled with escapes.
fn spelled(name: &str) -> Text {
    let characters: Vec<char> = name.chars().collect();
    let escaped = prop::collection::vec(prop::bool::weighted(0.2), characters.len());
    let escaped = prop_oneof![9 => Just(Vec::new()), 1 => escaped];
    escaped
        .prop_map(move |escaped| {
            let spell = |(place, character): (usize, &char)| {
                if escaped.get(place) == Some(&true) {
                    format!("\\u{:04x}", u32::from(*character))
                } else {
                    character.to_string()
                }
            };
            format!(
                "\"{}\"",
                characters.iter().enumerate().map(spell).collect::<String>()
            )
        })
        .boxed()
}

/// A member that is there `once` times in all, against once not at all and once twice.
fn member(once: u32, never: u32, name: &str, value: Text) -> BoxedStrategy<Vec<String>> {
    let value = prop_oneof![30 => value, 1 => json()];
    let written = (
        whitespace(),
        spelled(name),
        whitespace(),
        whitespace(),
        value,
    )
        .prop_map(|(a, name, b, c, value)| format!("{a}{name}{b}:{c}{value}"));
    prop_oneof![
        once => prop::collection::vec(written.clone(), 1),
        never => Just(Vec::new()),
        1 => prop::collection::vec(written, 2),
    ]
    .boxed()
}

/// An object of members in any order, with some that nobody knows.
fn object(members: Vec<BoxedStrategy<Vec<String>>>) -> Text {
    let unknown = (string(), json()).prop_map(|(name, value)| format!("{name}:{value}"));
    let unknown = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(unknown, 1..3)];
    (members, unknown, whitespace())
        .prop_flat_map(|(members, unknown, end)| {
            let all: Vec<String> = members.into_iter().flatten().chain(unknown).collect();
            (Just(all).prop_shuffle(), Just(end))
        })
        .prop_map(|(all, end)| bracketed('{', &all, &end, '}'))
        .boxed()
}

fn meta() -> Text {
    let keys = [
        "io.modelcontextprotocol/protocolVersion",
        "io.modelcontextprotocol/clientCapabilities",
        "io.modelcontextprotocol/clientInfo",
        "io.modelcontextprotocol/logLevel",
        "io.modelcontextprotocol/serverInfo",
        "io.modelcontextprotocol/subscriptionId",
        "progressToken",
        "traceparent",
        "tracestate",
        "baggage",
    ];
    object(keys.map(|key| member(50, 100, key, json())).into())
}

fn params() -> Text {
    let names = [
        "name",
        "uri",
        "taskId",
        "cursor",
        "arguments",
        "inputResponses",
        "requestState",
    ];
    let mut members = names.map(|name| member(50, 100, name, json())).to_vec();
    members.push(member(100, 30, "_meta", meta()));
    object(members)
}

/// A message of any kind; about half of them break a rule.
pub(crate) fn message() -> Text {
    let version = || member(100, 1, "jsonrpc", Just("\"2.0\"".to_owned()).boxed());
    let id = |once, never| member(once, never, "id", prop_oneof![integer(), string()].boxed());
    let method = prop_oneof![3 => string(), 2 => spelled("tools/call"), 2 => spelled("notifications/progress")].boxed();
    let result = object(vec![
        member(50, 10, "resultType", string()),
        member(40, 20, "_meta", meta()),
        member(20, 80, "content", json()),
    ]);
    let error = object(vec![
        member(100, 1, "code", integer()),
        member(100, 1, "message", string()),
        member(50, 50, "data", json()),
    ]);
    let members = prop_oneof![
        3 => Just(vec![version(), id(50, 50), member(100, 1, "method", method.clone()), member(80, 20, "params", params())]),
        1 => Just(vec![version(), id(100, 1), member(100, 1, "result", result.clone())]),
        1 => Just(vec![version(), id(50, 50), member(100, 1, "error", error.clone())]),
        1 => Just(vec![
            version(),
            id(100, 10),
            member(1, 3, "method", method.clone()),
            member(1, 3, "params", params()),
            member(1, 3, "result", result.clone()),
            member(1, 3, "error", error.clone()),
        ]),
    ];
    let object = members.prop_flat_map(object);
    (whitespace(), object, whitespace())
        .prop_map(|(a, object, b)| a + &object + &b)
        .boxed()
}

#[derive(Clone, Debug)]
enum Edit {
    Delete(Index, usize),
    Insert(Index, &'static str),
    Overwrite(Index, u8),
    Repeat(Index, Index, usize),
    Truncate(Index),
}

/// Snippets that mean something to a JSON parser.
const SNIPPETS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\u0065",
    "0",
    "-",
    "-0",
    ".5",
    "e1",
    "1e999",
    "null",
    "tru",
    " ",
    "\n",
    "\t",
    "\0",
    "\u{1f}",
    "\u{feff}",
    "é",
    "\"id\":1,",
    "\"id\":null,",
    ",\"method\":\"a\"",
    "\"_meta\":{},",
    "[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "notifications/",
];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), 1..6_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (any::<Index>(), prop::sample::select(SNIPPETS))
            .prop_map(|(at, snippet)| Edit::Insert(at, snippet)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Overwrite(at, byte)),
        (any::<Index>(), any::<Index>(), 1..60_usize)
            .prop_map(|(from, to, length)| Edit::Repeat(from, to, length)),
        any::<Index>().prop_map(Edit::Truncate),
    ]
}

fn apply(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let length = bytes.len();
        match edit {
            Edit::Insert(at, snippet) => {
                let at = at.index(length + 1);
                bytes.splice(at..at, snippet.bytes());
            }
            _ if length == 0 => {}
            Edit::Delete(at, count) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + count));
            }
            Edit::Overwrite(at, byte) => bytes[at.index(length)] = *byte,
            Edit::Repeat(from, to, count) => {
                let from = from.index(length);
                let copied = bytes[from..length.min(from + count)].to_vec();
                let to = to.index(length);
                bytes.splice(to..to, copied);
            }
            Edit::Truncate(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

/// A message that something has happened to.
pub(crate) fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let ours = prop::sample::select(MESSAGES).prop_map(|(_, text)| text.to_owned());
    let original = prop_oneof![2 => ours, 1 => message()];
    (original, prop::collection::vec(edit(), 1..4))
        .prop_map(|(text, edits)| apply(text.into_bytes(), &edits))
}

/// Anything out of the alphabet of JSON.
pub(crate) fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(SNIPPETS), 0..12)
        .prop_map(|pieces| pieces.concat().into_bytes())
}
