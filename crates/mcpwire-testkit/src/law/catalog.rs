//! What a server says that it has, and requests made of that.

use mcpwire_service::{BoxError, Context, Reply, Service};
use serde_json::{Map, Value, json};

use super::conversation::Step;
use crate::schema;
use crate::tape::Tape;
use crate::transcript::{self, Answer, Item};

/// Entries that are taken from each list of a server.
const MAX_ENTRIES: usize = 1000;

/// What there is to ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    tools: Vec<Tool>,
    prompts: Vec<Prompt>,
    resources: Vec<String>,
    templates: Vec<String>,
    /// Besides nobody.
    pub(super) principals: Vec<String>,
}

#[derive(Clone, Debug)]
struct Tool {
    name: String,
    schema: Value,
}

#[derive(Clone, Debug)]
struct Prompt {
    name: String,
    arguments: Vec<(String, bool)>,
}

impl Catalog {
    /// Asks one instance for everything it lists. A list that is refused is empty.
    pub(super) async fn of<S>(service: &mut S) -> Self
    where
        S: Service<Request, Response = Reply>,
        S::Error: Into<BoxError>,
    {
        let text =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let tools = list(service, "tools").await;
        let prompts = list(service, "prompts").await;
        let resources = list(service, "resources").await;
        let templates = list(service, "resources/templates").await;
        let arguments = |prompt: &Value| {
            let list = prompt.get("arguments").and_then(Value::as_array);
            let named = |argument: &Value| {
                let required = argument.get("required") == Some(&Value::Bool(true));
                Some((text(argument, "name")?, required))
            };
            list.into_iter().flatten().filter_map(named).collect()
        };
        Self {
            tools: tools
                .iter()
                .filter_map(|tool| {
                    Some(Tool {
                        name: text(tool, "name")?,
                        schema: tool.get("inputSchema").cloned().unwrap_or(json!({})),
                    })
                })
                .collect(),
            prompts: prompts
                .iter()
                .filter_map(|prompt| {
                    Some(Prompt {
                        name: text(prompt, "name")?,
                        arguments: arguments(prompt),
                    })
                })
                .collect(),
            resources: resources.iter().filter_map(|it| text(it, "uri")).collect(),
            templates: templates
                .iter()
                .filter_map(|it| text(it, "uriTemplate"))
                .collect(),
            principals: Vec::new(),
        }
    }

    /// The step that a tape stands for. An empty one is the plainest call of the first tool.
    pub(super) fn step(&self, bytes: &[u8]) -> Step {
        let mut tape = Tape::new(bytes);
        let tape = &mut tape;
        let step = match tape.choose(16) {
            0..=6 => self.tool(tape),
            7 => self.prompt(tape),
            8 => self.resource(tape),
            9 => self.template(tape),
            10 => self.completion(tape),
            11 => Some(Self::pages(tape)),
            12 => Some(self.listen(tape)),
            13 => Some(Step::new("server/discover", json!({}))),
            14 => Some(Self::unknown(tape)),
            _ => self.damaged(tape),
        };
        let step = step.unwrap_or_else(|| Step::new("server/discover", json!({})));
        self.around(step, tape)
    }

    /// Who asks, and what the metadata says.
    fn around(&self, mut step: Step, tape: &mut Tape<'_>) -> Step {
        let capabilities = match tape.choose(8) {
            6 => Some(json!({})),
            7 => Some(json!({"elicitation": {}})),
            _ => None,
        };
        if let Some(capabilities) = capabilities {
            step = step.meta("io.modelcontextprotocol/clientCapabilities", capabilities);
        }
        if tape.choose(2) == 1 {
            step = step.meta("progressToken", json!("t"));
        }
        if tape.one_in(4) {
            step = step.meta("io.modelcontextprotocol/logLevel", json!("debug"));
        }
        if let Some(somebody) = tape.choose(self.principals.len() + 1).checked_sub(1)
            && let Some(name) = self.principals.get(somebody)
        {
            step = step.principal(name.as_str());
        }
        step.answers(tape.rest())
    }

    fn tool(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let tool = tape.pick(&self.tools)?;
        Some(Step::tool(&tool.name, schema::value(&tool.schema, tape)))
    }

    fn prompt(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let prompt = tape.pick(&self.prompts)?;
        let mut arguments = Map::new();
        for (name, required) in &prompt.arguments {
            if *required || tape.choose(2) == 1 {
                arguments.insert(name.clone(), schema::word(tape).into());
            }
        }
        let params = json!({"name": prompt.name, "arguments": arguments});
        Some(Step::new("prompts/get", params))
    }

    fn resource(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let uri = tape.pick(&self.resources)?;
        Some(Step::new("resources/read", json!({"uri": uri})))
    }

    fn template(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let template = tape.pick(&self.templates)?;
        Some(Step::new(
            "resources/read",
            json!({"uri": expanded(template, tape)}),
        ))
    }

    fn completion(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let (reference, name) = if tape.choose(2) == 0 && !self.templates.is_empty() {
            let template = tape.pick(&self.templates)?;
            let name = tape.pick(&variables(template)).cloned().unwrap_or_default();
            (json!({"type": "ref/resource", "uri": template}), name)
        } else {
            let prompt = tape.pick(&self.prompts)?;
            let name = tape.pick(&prompt.arguments).map(|(name, _)| name.clone());
            let reference = json!({"type": "ref/prompt", "name": prompt.name});
            (reference, name.unwrap_or_default())
        };
        let typed: String = schema::word(tape).chars().take(tape.choose(3)).collect();
        let params = json!({"ref": reference, "argument": {"name": name, "value": typed}});
        Some(Step::new("completion/complete", params))
    }

    fn pages(tape: &mut Tape<'_>) -> Step {
        let lists = [
            "tools/list",
            "prompts/list",
            "resources/list",
            "resources/templates/list",
        ];
        let method = tape.pick(&lists).copied().unwrap_or("tools/list");
        let params = match tape.choose(8) {
            7 => json!({"cursor": "no such cursor"}),
            _ => json!({}),
        };
        Step::new(method, params)
    }

    fn listen(&self, tape: &mut Tape<'_>) -> Step {
        let uri = tape.pick(&self.resources);
        let all = json!({
            "toolsListChanged": true,
            "promptsListChanged": true,
            "resourcesListChanged": true,
            "resourceSubscriptions": self.resources.iter().take(16).collect::<Vec<_>>(),
        });
        Step::listen(match tape.choose(4) {
            1 => json!({"toolsListChanged": true}),
            2 => json!({"resourceSubscriptions": uri.into_iter().collect::<Vec<_>>()}),
            3 => json!({}),
            _ => all,
        })
    }

    fn unknown(tape: &mut Tape<'_>) -> Step {
        match tape.choose(5) {
            0 => Step::tool("no such tool", json!({})),
            1 => Step::new("prompts/get", json!({"name": "no such prompt"})),
            2 => Step::new("resources/read", json!({"uri": "none:such"})),
            3 => Step::new("no/such/method", json!({})),
            _ => Step::new("initialize", json!({"protocolVersion": "2025-06-18"})),
        }
    }

    /// A request with something wrong in it.
    fn damaged(&self, tape: &mut Tape<'_>) -> Option<Step> {
        let mut step = match tape.choose(4) {
            0 | 1 => self.tool(tape)?,
            2 => self.prompt(tape)?,
            _ => self.resource(tape)?,
        };
        match tape.choose(4) {
            0 => {
                let names: Vec<_> = step.params.keys().cloned().collect();
                step.params.remove(tape.pick(&names)?);
            }
            1 => {
                step.params
                    .insert("arguments".into(), schema::anything(tape));
            }
            2 => {
                step.params.insert("requestState".into(), "made up".into());
            }
            _ => {
                step.params
                    .insert("inputResponses".into(), schema::anything(tape));
            }
        }
        Some(step)
    }
}

use mcpwire_service::Request;

/// The entries of all pages of a list.
async fn list<S>(service: &mut S, of: &str) -> Vec<Value>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<BoxError>,
{
    let member = match of {
        "resources/templates" => "resourceTemplates",
        of => of,
    };
    let step = Step::new(format!("{of}/list"), json!({}));
    let (mut entries, mut more) = (Vec::new(), Map::new());
    while entries.len() < MAX_ENTRIES {
        let Ok(request) = transcript::request(step.request(0, &more), Context::default()) else {
            break;
        };
        let mut answer = Answer::to(service, request).await;
        let mut last = None;
        while let Some(item) = answer.next().await {
            last = Some(item);
        }
        let Some(Item::Result(json)) = last else {
            break;
        };
        let Ok(Value::Object(mut page)) = serde_json::from_slice(&json) else {
            break;
        };
        let Some(Value::Array(found)) = page.remove(member).filter(|it| it != &json!([])) else {
            break;
        };
        entries.extend(found);
        match page.remove("nextCursor") {
            Some(cursor) => more.insert("cursor".to_owned(), cursor),
            None => break,
        };
    }
    entries.truncate(MAX_ENTRIES);
    entries
}

/// The expressions of a URI template, without their operators.
fn variables(template: &str) -> Vec<String> {
    let expressions = template.split('{').skip(1);
    let inner = expressions.filter_map(|rest| rest.split('}').next());
    inner
        .flat_map(|inner| {
            inner
                .trim_start_matches(['+', '#', '.', '/', ';', '?', '&'])
                .split(',')
        })
        .map(|name| name.trim_end_matches('*').to_owned())
        .collect()
}

/// A URI for a template: a word for each expression.
fn expanded(template: &str, tape: &mut Tape<'_>) -> String {
    let mut uri = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        uri.push_str(before);
        // Nothing that would have to be escaped.
        let words = ["a", "b", "oslo", "1", "a/b", ""];
        uri.push_str(tape.pick(&words).copied().unwrap_or_default());
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    uri + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let tape = &mut Tape::new(&[2, 4]);
        assert_eq!(expanded("w://{city}/{+path}?x", tape), "w://oslo/a/b?x");
        assert_eq!(variables("w://{city}/{+path,b*}"), ["city", "path", "b"]);
    }

    #[test]
    fn any_tape_is_a_step_even_of_a_server_that_has_nothing() {
        for byte in 0..=255 {
            for len in 0..4 {
                Catalog::default().step(&vec![byte; len]);
            }
        }
        assert_eq!(Catalog::default().step(&[]).method(), "server/discover");
    }
}
