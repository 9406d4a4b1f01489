//! What is asked of a server, and whether what it answers is the work done.

use serde_json::{Value, json};

/// The tools that a server has, `echo` and `steps` among them.
pub(crate) const TOOLS: usize = 20;

/// One kind of request; every request of a kind is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// `tools/call` of `echo`, which gives its one argument back.
    Echo,
    /// The same with 64 KB.
    Large,
    /// `tools/list`.
    List,
    /// `tools/call` of `steps`, which reports progress twice and then gives its argument back.
    Steps,
    /// `subscriptions/listen`, to stay open.
    Listen,
}

const ID: u64 = 1_000;
const TOKEN: &str = "bench-token";
const LARGE: usize = 64 * 1024;

impl Work {
    fn method(self) -> &'static str {
        match self {
            Self::Echo | Self::Large | Self::Steps => "tools/call",
            Self::List => "tools/list",
            Self::Listen => "subscriptions/listen",
        }
    }

    fn tool(self) -> Option<&'static str> {
        match self {
            Self::Echo | Self::Large => Some("echo"),
            Self::Steps => Some("steps"),
            Self::List | Self::Listen => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Large => "The quick brown fox jumps over the lazy dog. "
                .chars()
                .cycle()
                .take(LARGE)
                .collect(),
            _ => "The quick brown fox jumps over the lazy dog.".to_owned(),
        }
    }

    /// The header fields of the HTTP request, but for its length.
    pub(crate) fn headers(self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("MCP-Protocol-Version", "2026-07-28"),
            ("Mcp-Method", self.method()),
        ];
        headers.extend(self.tool().map(|name| ("Mcp-Name", name)));
        headers
    }

    pub(crate) fn body(self) -> String {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        });
        if self == Self::Steps {
            meta["progressToken"] = TOKEN.into();
        }
        let mut params = json!({ "_meta": meta });
        if let Some(tool) = self.tool() {
            params["name"] = tool.into();
            params["arguments"] = json!({"text": self.text()});
        }
        if self == Self::Listen {
            params["notifications"] = json!({"toolsListChanged": true});
        }
        json!({"jsonrpc": "2.0", "id": ID, "method": self.method(), "params": params}).to_string()
    }

    /// Whether `answer` is a whole answer: JSON, or the data of its events.
    pub(crate) fn check(self, answer: &[&str]) -> Result<(), String> {
        let messages: Vec<Value> = answer
            .iter()
            .filter(|message| !message.is_empty())
            .map(|message| serde_json::from_str(message))
            .collect::<Result<_, _>>()
            .map_err(|error| format!("an answer is not JSON: {error}"))?;
        let (response, before) = messages.split_last().ok_or("the answer is empty")?;
        if response["id"] != ID {
            return Err(format!("the answer has another ID: {response}"));
        }
        let steps = |message: &&Value| message["params"]["progressToken"] == TOKEN;
        let wanted = if self == Self::Steps { 2 } else { 0 };
        if before.iter().filter(steps).count() != wanted {
            return Err(format!("there should be {wanted} notices: {before:?}"));
        }
        let result = &response["result"];
        let right = match self {
            Self::List => result["tools"].as_array().map(Vec::len) == Some(TOOLS),
            _ => result["content"][0]["text"] == self.text(),
        };
        if right {
            return Ok(());
        }
        let answer: String = response.to_string().chars().take(500).collect();
        Err(format!("the answer is not the right one: {answer}"))
    }
}

/// The name of a tool beside `echo` and `steps`.
pub(crate) fn other_tool(number: usize) -> String {
    format!("tool_{number:05}")
}

/// What every tool is described as.
pub(crate) const DESCRIPTION: &str =
    "Gives back the text that it was given, for models that want to see it again";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_answer_is_told_from_a_wrong_one() {
        let answer = |id: u64, text: &str| {
            let content = json!([{"type": "text", "text": text}]);
            json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}}).to_string()
        };
        let right = answer(ID, &Work::Echo.text());
        assert_eq!(Work::Echo.check(&[&right]), Ok(()));
        let notice = json!({"params": {"progressToken": TOKEN}}).to_string();
        assert_eq!(Work::Steps.check(&["", &notice, &notice, &right]), Ok(()));
        for wrong in [
            answer(ID + 1, &Work::Echo.text()),
            answer(ID, "no"),
            "{".into(),
        ] {
            assert!(Work::Echo.check(&[&wrong]).is_err(), "{wrong}");
        }
        assert!(Work::Steps.check(&[&notice, &right]).is_err());
        assert!(Work::Echo.check(&[]).is_err());
    }
}
