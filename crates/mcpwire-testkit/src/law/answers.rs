//! What a client answers when the server asks for input.

use serde_json::{Map, Value, json};

use crate::schema;
use crate::tape::Tape;

/// An answer to each of the input requests of a result.
pub(super) fn to_all(requests: &Map<String, Value>, tape: &mut Tape<'_>) -> Map<String, Value> {
    let answer = |(key, request): (&String, &Value)| (key.clone(), to_one(request, tape));
    requests.iter().map(answer).collect()
}

fn to_one(request: &Value, tape: &mut Tape<'_>) -> Value {
    let params = request.get("params").unwrap_or(&Value::Null);
    match request.get("method").and_then(Value::as_str) {
        Some("elicitation/create") => elicited(params, tape),
        Some("sampling/createMessage") => json!({
            "role": "assistant",
            "content": {"type": "text", "text": schema::word(tape)},
            "model": "testkit",
            "stopReason": "endTurn",
        }),
        Some("roots/list") => match tape.choose(3) {
            0 => json!({"roots": [{"uri": "file:///a", "name": "a"}]}),
            1 => json!({"roots": []}),
            _ => json!({"roots": [{"uri": "https://not-a-file.example"}]}),
        },
        // Nothing that this revision knows.
        _ => schema::anything(tape),
    }
}

fn elicited(params: &Value, tape: &mut Tape<'_>) -> Value {
    match tape.choose(10) {
        7 => json!({"action": "decline"}),
        8 => json!({"action": "cancel"}),
        9 => json!({"action": "accept", "content": schema::anything(tape)}),
        _ => match params.get("requestedSchema") {
            Some(form) => json!({"action": "accept", "content": schema::value(form, tape)}),
            None => json!({"action": "accept"}),
        },
    }
}
