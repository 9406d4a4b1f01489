//! The naive reader: slow, recursive, and easy to check by eye against the specification.

use std::fmt;

use mcpwire_codec::{Kind, Part};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What the naive reader makes of a text.
#[derive(Debug)]
pub(crate) enum Verdict<'a> {
    NotJson,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// JSON and no valid message; with the `id` to answer with.
    Refused {
        id: Option<Id>,
    },
    Message(Naive<'a>),
}

/// As deep as `serde_json` follows.
pub(crate) const MAX_DEPTH: usize = 127;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Integer(i64),
    String(String),
}

#[derive(Debug)]
pub(crate) struct Naive<'a> {
    pub kind: Kind,
    pub id: Option<Id>,
    pub method: Option<String>,
    pub parts: Vec<(Part, &'a str)>,
}

const PARAMS: &[(&str, Part)] = &[
    ("name", Part::Name),
    ("uri", Part::Uri),
    ("taskId", Part::TaskId),
    ("cursor", Part::Cursor),
    ("arguments", Part::Arguments),
    ("inputResponses", Part::InputResponses),
    ("requestState", Part::RequestState),
    ("_meta", Part::Meta),
];

const RESULT: &[(&str, Part)] = &[("resultType", Part::ResultType), ("_meta", Part::Meta)];

const META: &[(&str, Part)] = &[
    (
        "io.modelcontextprotocol/protocolVersion",
        Part::ProtocolVersion,
    ),
    (
        "io.modelcontextprotocol/clientCapabilities",
        Part::ClientCapabilities,
    ),
    ("io.modelcontextprotocol/clientInfo", Part::ClientInfo),
    ("io.modelcontextprotocol/logLevel", Part::LogLevel),
    ("progressToken", Part::ProgressToken),
    ("io.modelcontextprotocol/serverInfo", Part::ServerInfo),
    (
        "io.modelcontextprotocol/subscriptionId",
        Part::SubscriptionId,
    ),
    ("traceparent", Part::Traceparent),
    ("tracestate", Part::Tracestate),
    ("baggage", Part::Baggage),
];

/// Every part there is.
pub(crate) fn all_parts() -> impl Iterator<Item = Part> {
    let message = [Part::Params, Part::Result, Part::Error, Part::ResultType];
    let inner = PARAMS.iter().chain(META).map(|(_, part)| *part);
    message.into_iter().chain(inner)
}

pub(crate) fn judge(bytes: &[u8]) -> Verdict<'_> {
    // Skipping checks the grammar and the encoding, `walk` what it does not look into.
    let Ok(text) = serde_json::from_slice::<&RawValue>(bytes) else {
        return Verdict::NotJson;
    };
    match walk(text, 0) {
        Err(Stop::LoneSurrogate) => Verdict::NotJson,
        Err(Stop::TooDeep) => Verdict::TooDeep,
        Ok(()) => judge_message(text),
    }
}

enum Stop {
    LoneSurrogate,
    TooDeep,
}

/// Reads every string of a text as a string, names included.
fn walk(text: &RawValue, depth: usize) -> Result<(), Stop> {
    let json = text.get();
    let container = json.starts_with(['{', '[']);
    if container && depth == MAX_DEPTH {
        return Err(Stop::TooDeep);
    }
    if json.starts_with('"') {
        serde_json::from_str::<String>(json).map_err(|_| Stop::LoneSurrogate)?;
    } else if json.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(json).expect("an array");
        elements
            .into_iter()
            .try_for_each(|element| walk(element, depth + 1))?;
    } else if json.starts_with('{') {
        let members = members(text).ok_or(Stop::LoneSurrogate)?;
        members
            .into_iter()
            .try_for_each(|(_, value)| walk(value, depth + 1))?;
    }
    Ok(())
}

type Members<'a> = Vec<(String, &'a RawValue)>;

/// All members of an object, repeated ones too; `None` for anything else.
fn members(text: &RawValue) -> Option<Members<'_>> {
    struct Object<'a>(Members<'a>);

    impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct Collect;

            impl<'de> Visitor<'de> for Collect {
                type Value = Members<'de>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Members<'de>, A::Error> {
                    let mut members = Vec::new();
                    while let Some(member) = map.next_entry()? {
                        members.push(member);
                    }
                    Ok(members)
                }
            }

            from.deserialize_map(Collect).map(Object)
        }
    }

    serde_json::from_str(text.get())
        .ok()
        .map(|Object(members)| members)
}

fn all<'a>(members: &Members<'a>, name: &str) -> Vec<&'a str> {
    members
        .iter()
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.get())
        .collect()
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

fn integer(json: &str) -> Option<i64> {
    json.parse().ok().filter(|_| json != "-0")
}

fn judge_message(text: &RawValue) -> Verdict<'_> {
    let Some(top) = members(text) else {
        return Verdict::Refused { id: None };
    };
    let id = match *all(&top, "id") {
        [json] => integer(json)
            .map(Id::Integer)
            .or_else(|| string(json).map(Id::String)),
        _ => None,
    };
    match message(&top, id.clone()) {
        Some(message) => Verdict::Message(message),
        None => Verdict::Refused { id },
    }
}

/// The message, if every rule holds.
fn message<'a>(top: &Members<'a>, id: Option<Id>) -> Option<Naive<'a>> {
    if all(top, "jsonrpc")
        .iter()
        .map(|json| string(json))
        .ne([Some("2.0".to_owned())])
    {
        return None;
    }
    let id_is_there = !all(top, "id").is_empty();
    if id_is_there && id.is_none() {
        return None;
    }
    let mut parts = Vec::new();
    let (mut kind, mut method) = (None, None);
    match (
        &all(top, "method")[..],
        &all(top, "params")[..],
        &all(top, "result")[..],
        &all(top, "error")[..],
    ) {
        (&[name], params, [], []) => {
            let name = string(name)?;
            if id_is_there && name.starts_with("notifications/") {
                return None;
            }
            kind = Some(if id_is_there {
                Kind::Request
            } else {
                Kind::Notification
            });
            method = Some(name);
            match params {
                [] => {}
                &[params] => {
                    parts.push((Part::Params, params));
                    collect(params, PARAMS, &mut parts)?;
                }
                _ => return None,
            }
        }
        ([], [], &[result], []) if id_is_there => {
            kind = Some(Kind::Result);
            parts.push((Part::Result, result));
            collect(result, RESULT, &mut parts)?;
        }
        ([], [], [], &[error]) => {
            kind = Some(Kind::Error);
            parts.push((Part::Error, error));
            let members = members(serde_json::from_str(error).ok()?)?;
            match (
                &all(&members, "code")[..],
                &all(&members, "message")[..],
                all(&members, "data").len(),
            ) {
                (&[code], &[message], 0 | 1) => {
                    integer(code)?;
                    string(message)?;
                }
                _ => return None,
            }
        }
        _ => {}
    }
    if let Some((_, result_type)) = parts.iter().find(|(part, _)| *part == Part::ResultType) {
        string(result_type)?;
    }
    Some(Naive {
        kind: kind?,
        id,
        method,
        parts,
    })
}

/// Adds the parts that stand in an object, and those in its `_meta`; `None` if one is repeated, or if
/// it is no object.
fn collect<'a>(
    object: &'a str,
    known: &[(&str, Part)],
    parts: &mut Vec<(Part, &'a str)>,
) -> Option<()> {
    let members = members(serde_json::from_str(object).ok()?)?;
    for &(name, part) in known {
        match *all(&members, name) {
            [] => {}
            [value] => {
                parts.push((part, value));
                if part == Part::Meta && value.starts_with('{') {
                    collect(value, META, parts)?;
                }
            }
            _ => return None,
        }
    }
    Some(())
}
