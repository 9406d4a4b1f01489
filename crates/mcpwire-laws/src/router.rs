//! Conversations with a server, message after message and over one stream.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mcpwire_codec::{Kind, Message, Part};
use mcpwire_dispatch::{
    Form, HandlerError, Input, Log, Path, Progress, RawArgs, Router, prompt, tool,
};
use mcpwire_stdio::Server;
use mcpwire_types::{CancelledNotificationParams, RequestId};
use serde_json::json;

use crate::json::Writer;

/// A server with something of everything.
static SERVER: LazyLock<Router> = LazyLock::new(|| {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string", "maxLength": 3}},
        "required": ["a"],
    });
    Router::new("laws", "1")
        .tool(tool("checked").input_schema(schema), async |_: RawArgs| {
            Ok("done")
        })
        .tool("report", async |progress: Progress, log: Log| {
            progress.report(1).await;
            log.info("half").await;
            progress.report(2).await;
            Ok("done")
        })
        .tool("ask", async |input: Input| {
            let form = Form::new("Who?").string("name").required();
            let answer = input.elicit("who", form)?.require()?;
            Ok::<_, HandlerError>(answer.text("name").unwrap_or_default().to_owned())
        })
        .tool("fail", async || {
            Err::<&str, _>(HandlerError::invalid_params("no"))
        })
        .prompt(prompt("plain"), async || Ok("hello"))
        .resource("a:b", async || Ok("text"))
        .resource_template("a:{x}/{+y}", async |Path(x): Path<String>| Ok(x))
});

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    let conversation = conversation(bytes);
    assert_answered(&conversation, &serve(&conversation));
}

/// What the server writes.
fn serve(conversation: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let served = runtime.block_on(Server::new(SERVER.clone()).serve(conversation, &mut written));
    served.expect("the streams do not fail");
    written
}

/// What is due to an ID, or to none.
#[derive(Debug, Default)]
struct Due {
    answers: usize,
    /// Somebody asked to cancel it, so that fewer answers may come.
    cancelled: bool,
    given: usize,
}

fn assert_answered(conversation: &[u8], written: &[u8]) {
    let mut due: BTreeMap<String, Due> = BTreeMap::new();
    let key = |id: Option<&RequestId<'_>>| format!("{id:?}");
    for line in conversation.split(|byte| *byte == b'\n') {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match Message::scan(line) {
            Ok(message) => match message.kind() {
                Kind::Request => due.entry(key(message.id().as_ref())).or_default().answers += 1,
                Kind::Notification => {
                    if message.method().as_deref() == Some("notifications/cancelled")
                        && let Ok(params) =
                            message.parse::<CancelledNotificationParams<'_>>(Part::Params)
                    {
                        due.entry(key(Some(&params.request_id)))
                            .or_default()
                            .cancelled = true;
                    }
                }
                Kind::Result | Kind::Error => {}
            },
            Err(error) if matches!(error.kind(), None | Some(Kind::Request)) => {
                due.entry(key(error.id())).or_default().answers += 1;
            }
            Err(_) => {}
        }
    }
    for line in written.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        let message = Message::scan(line).expect("a server writes messages");
        match message.kind() {
            Kind::Result | Kind::Error => {
                due.entry(key(message.id().as_ref())).or_default().given += 1;
            }
            Kind::Notification => {}
            Kind::Request => panic!("a server asks nothing: {message:?}"),
        }
    }
    for (id, due) in due {
        let is_right = if due.cancelled {
            due.given <= due.answers
        } else {
            due.given == due.answers
        };
        assert!(
            is_right,
            "{id}: {due:?} in {}",
            String::from_utf8_lossy(conversation)
        );
    }
}

const METHODS: &[&str] = &[
    "server/discover",
    "tools/list",
    "tools/call",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "completion/complete",
    "subscriptions/listen",
    "initialize",
    "ping",
    "unknown",
];

const NAMES: &[&str] = &["checked", "report", "ask", "fail", "plain", "unknown", ""];
const URIS: &[&str] = &["a:b", "a:x/y", "a:x/../y", "a:", "b"];
const IDS: &[&str] = &["0", "1", "2", "\"1\"", "\"x\"", "-1"];

/// Lines, most of which a server should understand.
fn conversation(bytes: &[u8]) -> Vec<u8> {
    let mut json = Writer::new(bytes);
    for _ in 0..16 {
        if json.is_full() {
            break;
        }
        match json.byte() % 16 {
            0 => json.junk(),
            1 => json.value(),
            2 => {
                let id = json.choose(IDS);
                json.put(&format!(
                    r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
                ));
            }
            3 => {
                let method = json.choose(METHODS);
                json.put(&format!(
                    r#"{{"jsonrpc":"2.0","method":"{method}","params":"#
                ));
                params(&mut json);
                json.put("}");
            }
            _ => {
                let (id, method) = (json.choose(IDS), json.choose(METHODS));
                json.put(&format!(
                    r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":"#
                ));
                params(&mut json);
                json.put("}");
            }
        }
        if json.one_in(16) {
            json.damage();
        }
        json.put("\n");
    }
    json.out
}

fn params(json: &mut Writer<'_>) {
    let members = [
        "_meta",
        "name",
        "arguments",
        "uri",
        "notifications",
        "inputResponses",
        "requestState",
        "cursor",
        "ref",
        "argument",
    ];
    let some: Vec<&str> = members
        .into_iter()
        .filter(|name| match *name {
            "_meta" => !json.one_in(16),
            "name" | "arguments" | "uri" => !json.one_in(3),
            _ => json.one_in(3),
        })
        .collect();
    json.object(|json, index| {
        let Some(name) = some.get(index) else {
            return false;
        };
        json.name(name);
        if json.one_in(12) {
            json.value();
            return true;
        }
        match *name {
            "_meta" => meta(json),
            "name" => {
                let name = json.choose(NAMES);
                json.string(name);
            }
            "uri" => {
                let uri = json.choose(URIS);
                json.string(uri);
            }
            "arguments" => {
                let arguments = json.choose(&[
                    "{}",
                    r#"{"a":1}"#,
                    r#"{"a":1,"b":"long enough"}"#,
                    r#"{"a":1.0}"#,
                ]);
                json.put(arguments);
            }
            "notifications" => {
                let filter = json.choose(&[
                    "{}",
                    r#"{"toolsListChanged":true,"promptsListChanged":false}"#,
                    r#"{"resourceSubscriptions":["a:b","a:c"]}"#,
                ]);
                json.put(filter);
            }
            "inputResponses" => {
                let answers = json.choose(&[
                    "{}",
                    r#"{"who":{"action":"accept","content":{"name":"Ada"}}}"#,
                    r#"{"who":{"action":"decline"}}"#,
                    r#"{"who":7}"#,
                ]);
                json.put(answers);
            }
            "ref" => {
                let reference = json.choose(&[
                    r#"{"type":"ref/prompt","name":"plain"}"#,
                    r#"{"type":"ref/resource","uri":"a:{x}/{+y}"}"#,
                ]);
                json.put(reference);
            }
            "argument" => json.put(r#"{"name":"x","value":"y"}"#),
            _ => json.value(),
        }
        true
    });
}

fn meta(json: &mut Writer<'_>) {
    let version = match json.byte() {
        254 => "2025-06-18",
        255 => "",
        _ => "2026-07-28",
    };
    let capabilities = json.choose(&["{}", r#"{"elicitation":{"form":{}}}"#, "[]"]);
    json.put(&format!(
        r#"{{"io.modelcontextprotocol/protocolVersion":"{version}","io.modelcontextprotocol/clientCapabilities":{capabilities}"#
    ));
    if json.one_in(2) {
        json.put(r#","progressToken":"#);
        json.number();
    }
    if json.one_in(3) {
        json.put(r#","io.modelcontextprotocol/logLevel":"debug""#);
    }
    json.put("}");
}

/// Every message of a conversation, both ways.
pub(crate) fn recorded() -> Vec<Vec<u8>> {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}},"progressToken":"t","io.modelcontextprotocol/logLevel":"debug"}"#;
    let requests = [
        ("server/discover", ""),
        ("tools/list", ""),
        ("tools/call", r#""name":"checked","arguments":{"a":1},"#),
        ("tools/call", r#""name":"checked","arguments":{"b":[]},"#),
        ("tools/call", r#""name":"report","#),
        ("tools/call", r#""name":"ask","#),
        (
            "tools/call",
            r#""name":"ask","inputResponses":{"who":{"action":"accept","content":{"name":"Ada"}}},"#,
        ),
        ("prompts/get", r#""name":"plain","#),
        ("resources/list", ""),
        ("resources/templates/list", ""),
        ("resources/read", r#""uri":"a:x/y","#),
        (
            "subscriptions/listen",
            r#""notifications":{"toolsListChanged":true},"#,
        ),
        ("unknown", ""),
    ];
    let lines: Vec<String> = requests
        .iter()
        .enumerate()
        .map(|(id, (method, params))| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}{meta}}}}}"#
            )
        })
        .collect();
    let conversation = lines.join("\n").into_bytes();
    let written = serve(&conversation);
    let answers = written.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    let asked = lines.into_iter().map(String::into_bytes);
    asked
        .chain(answers)
        .filter(|line| !line.is_empty())
        .collect()
}
