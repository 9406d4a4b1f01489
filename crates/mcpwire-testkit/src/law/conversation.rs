//! What is asked, and where each request lands.

use mcpwire_types::PROTOCOL_VERSION;
use serde_json::{Map, Value, json};

/// Requests in order, each with what a client does with its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    pub(crate) steps: Vec<Step>,
}

impl Conversation {
    /// A conversation of these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// One request of a [`Conversation`], and the requests that follow from its answer.
///
/// The metadata that every request carries is added. A question of the server (`input_required`) is
/// answered, and the request sent again with the answers and the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) kind: Kind,
    pub(crate) principal: Option<String>,
    pub(crate) answers: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    /// Cursors are followed.
    Pages,
    /// The stream stays open until the conversation is over.
    Listen,
}

impl Step {
    /// A request. Members of `params._meta` take the place of those that are added; `params` that are no
    /// object are sent as none.
    pub fn new(method: impl Into<String>, params: Value) -> Self {
        let method = method.into();
        let kind = match method.as_str() {
            "subscriptions/listen" => Kind::Listen,
            method if method.ends_with("/list") => Kind::Pages,
            _ => Kind::Call,
        };
        let params = match params {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        Self {
            method,
            params,
            kind,
            principal: None,
            answers: Vec::new(),
        }
    }

    /// A call of a tool.
    pub fn tool(name: &str, arguments: Value) -> Self {
        Self::new(
            "tools/call",
            object([("name", name.into()), ("arguments", arguments)]),
        )
    }

    /// A stream of change notifications, which is open until the conversation is over.
    pub fn listen(filter: Value) -> Self {
        Self::new("subscriptions/listen", object([("notifications", filter)]))
    }

    /// Sends it on behalf of somebody.
    pub fn principal(mut self, name: impl Into<String>) -> Self {
        self.principal = Some(name.into());
        self
    }

    /// Sets a member of `params._meta`, such as `progressToken`.
    pub fn meta(mut self, key: &str, value: Value) -> Self {
        let meta = self.params.entry("_meta").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.insert(key.to_owned(), value);
        }
        self
    }

    /// Bytes that decide how questions of the server are answered. None at all accept each question with
    /// the plainest values that fit its form.
    pub fn answers(mut self, choices: impl Into<Vec<u8>>) -> Self {
        self.answers = choices.into();
        self
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The JSON text of the request, with what its round adds to `params`.
    pub(crate) fn request(&self, id: usize, more: &Map<String, Value>) -> String {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
            "io.modelcontextprotocol/clientCapabilities": {
                "elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}}, "roots": {},
            },
        });
        let mut params = self.params.clone();
        match (params.remove("_meta"), meta.as_object_mut()) {
            (Some(Value::Object(own)), Some(meta)) => meta.extend(own),
            (Some(own), _) => meta = own,
            (None, _) => {}
        }
        params.insert("_meta".to_owned(), meta);
        params.extend(more.clone());
        json!({"jsonrpc": "2.0", "id": id, "method": self.method, "params": params}).to_string()
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// Which instance each request of a conversation reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    instances: usize,
    steps: Vec<Vec<usize>>,
}

impl Placement {
    /// One after the other on `instances` instances, the rounds of a step included.
    pub fn round_robin(instances: usize) -> Self {
        Self {
            instances: instances.max(1),
            steps: Vec::new(),
        }
    }

    /// For each step the instances that its rounds reach; a round beyond the list goes on at its
    /// beginning. Steps without a list are placed round robin.
    pub fn of_steps(
        instances: usize,
        steps: impl IntoIterator<Item = impl Into<Vec<usize>>>,
    ) -> Self {
        Self {
            instances: instances.max(1),
            steps: steps.into_iter().map(Into::into).collect(),
        }
    }

    /// How many instances there are.
    pub fn instances(&self) -> usize {
        self.instances
    }

    /// Where a round of a step goes, which is the `nth` request of the conversation.
    pub(crate) fn at(&self, nth: usize, step: usize, round: usize) -> usize {
        let places = self.steps.get(step).filter(|places| !places.is_empty());
        let at = places.and_then(|places| places.get(round % places.len()));
        at.copied().unwrap_or(nth) % self.instances
    }
}
