//! The rules for a conversation that a model is asked to continue (SAMPLE-10 to SAMPLE-12).

use mcpwire_types::{
    CreateMessageRequestParams, Role, SamplingContent, SamplingMessage, SamplingMessageContentBlock,
};

/// What is wrong with the request, if anything.
pub(super) fn problem(params: &CreateMessageRequestParams<'_>) -> Option<String> {
    if params.messages.is_empty() {
        return Some("there are no messages".to_owned());
    }
    if params.max_tokens < 1 {
        return Some("maxTokens is less than 1".to_owned());
    }
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in params.messages.iter().enumerate() {
        let blocks = blocks(message);
        let results: Vec<&str> = blocks.iter().filter_map(result_id).collect();
        if results.is_empty() {
            if !open.is_empty() {
                return Some(format!(
                    "messages[{index}] does not answer the tool use before it"
                ));
            }
        } else {
            if message.role != Role::User || results.len() < blocks.len() {
                return Some(format!(
                    "messages[{index}] mixes tool results with something else"
                ));
            }
            if let Some(id) = results.iter().find(|id| !open.contains(id)) {
                return Some(format!(
                    "messages[{index}] answers the tool use {id:?}, which is not before it"
                ));
            }
            if let Some(id) = open.iter().find(|id| !results.contains(id)) {
                return Some(format!(
                    "messages[{index}] leaves the tool use {id:?} without a result"
                ));
            }
        }
        open = blocks.iter().filter_map(use_id).collect();
        if !open.is_empty() && message.role != Role::Assistant {
            return Some(format!(
                "messages[{index}] uses a tool and is not the assistant's"
            ));
        }
    }
    (!open.is_empty()).then(|| "the last message uses a tool and nothing answers it".to_owned())
}

fn blocks<'a>(message: &'a SamplingMessage<'_>) -> &'a [SamplingMessageContentBlock<'a>] {
    match &message.content {
        SamplingContent::One(block) => std::slice::from_ref(block),
        SamplingContent::Many(blocks) => blocks,
        _ => &[],
    }
}

fn use_id<'a>(block: &'a SamplingMessageContentBlock<'_>) -> Option<&'a str> {
    match block {
        SamplingMessageContentBlock::ToolUse(block) => Some(&block.id),
        _ => None,
    }
}

fn result_id<'a>(block: &'a SamplingMessageContentBlock<'_>) -> Option<&'a str> {
    match block {
        SamplingMessageContentBlock::ToolResult(block) => Some(&block.tool_use_id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(messages: &Value) -> Option<String> {
        let text = json!({"messages": messages, "maxTokens": 10}).to_string();
        problem(&mcpwire_types::decode(text.as_bytes()).unwrap())
    }

    fn user(content: &Value) -> Value {
        json!({"role": "user", "content": content})
    }

    fn uses(ids: &[&str]) -> Value {
        let uses: Vec<_> = ids
            .iter()
            .map(|id| json!({"type": "tool_use", "id": id, "name": "t", "input": {}}))
            .collect();
        json!({"role": "assistant", "content": uses})
    }

    fn result(id: &str) -> Value {
        json!({"type": "tool_result", "toolUseId": id, "content": []})
    }

    fn text() -> Value {
        json!({"type": "text", "text": "x"})
    }

    #[test]
    fn sample_11_every_tool_use_is_answered_by_the_next_message() {
        for good in [
            json!([user(&text())]),
            json!([
                user(&text()),
                uses(&["a", "b"]),
                user(&json!([result("b"), result("a")]))
            ]),
            json!([
                uses(&["a"]),
                user(&result("a")),
                uses(&["a"]),
                user(&json!([result("a")]))
            ]),
        ] {
            assert_eq!(check(&good), None, "{good}");
        }
        for (bad, told) in [
            (json!([]), "no messages"),
            (json!([user(&json!([result("a")]))]), "not before it"), // SAMPLE-12
            (json!([uses(&["a"])]), "nothing answers"),
            (json!([uses(&["a"]), user(&text())]), "does not answer"),
            (
                json!([uses(&["a", "b"]), user(&result("a"))]),
                "without a result",
            ),
            (
                json!([uses(&["a"]), user(&json!([result("a"), text()]))]),
                "mixes",
            ), // SAMPLE-10
            (
                json!([uses(&["a"]), user(&text()), user(&result("a"))]),
                "does not answer",
            ),
        ] {
            let problem = check(&bad).unwrap();
            assert!(problem.contains(told), "{problem}: {bad}");
        }
    }
}
