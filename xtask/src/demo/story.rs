//! The conversation itself: what is asked of which replica, and what has to come back.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::http::{Answer, Events, post};
use super::{REPLICAS, spelled, url_of};
use crate::outcome::Tally;
use crate::process::Server;

const REVISION: &str = "2026-07-28";
const MENU: &str = "menu://today";

/// Has the whole conversation, printing a row for each request, then a verdict.
pub(super) fn tell(replicas: &[Server]) -> Tally {
    let started = Instant::now();
    println!(
        "{:>2}  {:<38} {:<10} {:<34} {:>8}",
        "#", "request", "answered", "reply", "time"
    );
    let mut talk = Talk {
        replicas,
        turn: 0,
        id: 0,
        answered: BTreeSet::new(),
    };
    let outcome = conversation(&mut talk);
    println!();
    if let Err(why) = outcome {
        println!("verdict: FAILED after request {}: {why}", talk.id);
        return Tally {
            passed: talk.id.saturating_sub(1),
            failed: 1,
        };
    }
    println!(
        "Requests 8 and 9 went to one replica: a change reaches the streams of the process in which it is\n\
         announced. What carries it to other processes is a change bus between them, a later piece.\n"
    );
    let everybody = talk.answered.len() == REPLICAS;
    println!(
        "verdict: {}: {} requests in {}, answered by {} replicas that kept nothing between them",
        if everybody { "ok" } else { "FAILED" },
        talk.id,
        spelled(started.elapsed()),
        talk.answered.len(),
    );
    Tally {
        passed: talk.id,
        failed: usize::from(!everybody),
    }
}

fn conversation(talk: &mut Talk<'_>) -> Result<(), String> {
    let found = talk.ask("server/discover", None, Map::new())?;
    let versions = at(&found.result, &["supportedVersions"]);
    expect(
        *versions == json!([REVISION]),
        "the revision",
        &found.result,
    )?;

    let listed = talk.ask("tools/list", None, Map::new())?;
    let tools = at(&listed.result, &["tools"])
        .as_array()
        .map_or(0, Vec::len);
    expect(tools >= 3, "tools", &listed.result)?;

    let added = talk.call("add", &json!({"x": 2, "y": 40}))?;
    let sum = at(&added.result, &["structuredContent", "sum"]);
    expect(sum == 42, "a sum of 42", &added.result)?;

    // Two questions and an answer, each by another replica: what was answered first travels on, sealed,
    // in the request state.
    let booking = json!({"day": "Friday"});
    let asked = talk.call("book_table", &booking)?;
    let asked = talk.answer("book_table", &booking, &asked, &json!({"guests": 4}))?;
    let done = talk.answer("book_table", &booking, &asked, &json!({"name": "Ada"}))?;
    let text = at(&done.result, &["content"]).to_string();
    let all = ["Friday", "4", "Ada"]
        .iter()
        .all(|part| text.contains(part));
    expect(all, "a booking for Ada and 4 on Friday", &done.result)?;

    let baked = talk.call("bake", &json!({"loaves": 3}))?;
    expect(
        baked.notifications == 3,
        "three progress notifications",
        &baked.result,
    )?;

    listen(talk)
}

/// Opens a stream, has something change on the replica that holds it, and sees that on the stream.
fn listen(talk: &mut Talk<'_>) -> Result<(), String> {
    let started = Instant::now();
    let filter = object([("notifications", json!({"resourceSubscriptions": [MENU]}))]);
    let (row, holder, opened) = talk.send("subscriptions/listen", None, filter)?;
    let Answer::Stream(mut stream) = opened else {
        return Err("listening was not answered with a stream".to_owned());
    };
    let acknowledged = next(&mut stream)?;
    let holder_name = format!("replica-{}", holder + 1);
    let request = "subscriptions/listen";
    let first = at(&acknowledged, &["method"]) == "notifications/subscriptions/acknowledged";
    expect(first, "an acknowledgement", &acknowledged)?;
    print_row(
        &row.to_string(),
        request,
        &holder_name,
        "SSE, acknowledged, stays open",
        started,
    );

    talk.turn = holder;
    let said = talk.call("change_menu", &json!({}))?;
    expect(
        at(&said.result, &["isError"]) != true,
        "a changed menu",
        &said.result,
    )?;

    let change = next(&mut stream)?;
    let updated = at(&change, &["method"]) == "notifications/resources/updated";
    let seen = updated && at(&change, &["params", "uri"]) == MENU;
    expect(seen, "the change", &change)?;
    // Closing the connection is how a client of this transport stops listening.
    drop(stream);
    print_row(
        "",
        "  its stream, then closed by us",
        &holder_name,
        "SSE, the change",
        started,
    );
    Ok(())
}

fn next(stream: &mut Events) -> Result<Value, String> {
    stream
        .next()
        .unwrap_or_else(|| Err("the stream ended".to_owned()))
}

fn expect(holds: bool, what: &str, found: &Value) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("expected {what}, found {found}"))
    }
}

/// What stands at a path of member names, or `null`.
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, member| {
        value.get(member).unwrap_or(&Value::Null)
    })
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn print_row(row: &str, request: &str, replica: &str, reply: &str, started: Instant) {
    let time = spelled(started.elapsed());
    println!("{row:>2}  {request:<38} {replica:<10} {reply:<34} {time:>8}");
}

/// A conversation in progress: whose turn it is, and what was said so far.
struct Talk<'a> {
    replicas: &'a [Server],
    turn: usize,
    id: usize,
    /// The names that results carried.
    answered: BTreeSet<String>,
}

/// A complete answer.
struct Said {
    notifications: usize,
    result: Value,
}

impl Talk<'_> {
    /// Sends one request to the replica whose turn it is.
    fn send(
        &mut self,
        method: &str,
        name: Option<&str>,
        mut params: Map<String, Value>,
    ) -> Result<(usize, usize, Answer), String> {
        self.id += 1;
        let turn = self.turn % REPLICAS;
        self.turn = turn + 1;
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientInfo": {"name": "mcpwire-demo", "version": "1.0.0"},
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
            "progressToken": self.id,
        });
        params.insert("_meta".to_owned(), meta);
        let message = json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params});
        let mut headers = vec![("MCP-Protocol-Version", REVISION), ("Mcp-Method", method)];
        headers.extend(name.map(|name| ("Mcp-Name", name)));
        let answer = post(url_of(self.replicas, turn), &headers, &message)?;
        Ok((self.id, turn, answer))
    }

    /// Sends one request, reads the whole answer and prints its row.
    fn ask(
        &mut self,
        method: &str,
        name: Option<&str>,
        params: Map<String, Value>,
    ) -> Result<Said, String> {
        let started = Instant::now();
        let again = params.contains_key("inputResponses");
        let (row, turn, answer) = self.send(method, name, params)?;
        let (notifications, message) = match answer {
            Answer::Json(message) => (None, message),
            Answer::Stream(stream) => {
                let messages = stream.collect::<Result<Vec<_>, _>>()?;
                let count = messages.len().saturating_sub(1);
                (
                    Some(count),
                    messages.into_iter().next_back().unwrap_or_default(),
                )
            }
        };
        let result = at(&message, &["result"]);
        if *at(&message, &["id"]) != json!(row) || !result.is_object() {
            return Err(format!("no result: {message}"));
        }
        let name_of = at(
            result,
            &["_meta", "io.modelcontextprotocol/serverInfo", "name"],
        );
        let own = name_of.as_str().unwrap_or("nobody").to_owned();
        expect(
            own == format!("replica-{}", turn + 1),
            "the name of the replica",
            &message,
        )?;
        let mut reply = match notifications {
            None => "JSON".to_owned(),
            Some(count) => format!("SSE, {count} notifications, a result"),
        };
        if at(result, &["resultType"]) == "input_required" {
            reply.push_str(", input_required");
        }
        let mut label = name.map_or_else(|| method.to_owned(), |name| format!("{method} {name}"));
        if again {
            label.push_str(", answering");
        }
        print_row(&row.to_string(), &label, &own, &reply, started);
        self.answered.insert(own);
        Ok(Said {
            notifications: notifications.unwrap_or(0),
            result: result.clone(),
        })
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Said, String> {
        self.ask(
            "tools/call",
            Some(tool),
            object([("name", json!(tool)), ("arguments", arguments.clone())]),
        )
    }

    /// The same call once more, with the one answer that was asked for and the state as it came.
    fn answer(
        &mut self,
        tool: &str,
        arguments: &Value,
        asked: &Said,
        content: &Value,
    ) -> Result<Said, String> {
        let key = at(&asked.result, &["inputRequests"])
            .as_object()
            .and_then(|all| all.keys().next());
        let key = key.ok_or_else(|| format!("{tool} asked for nothing: {}", asked.result))?;
        let mut params = object([
            ("name", json!(tool)),
            ("arguments", arguments.clone()),
            (
                "inputResponses",
                json!({key: {"action": "accept", "content": content}}),
            ),
        ]);
        if let Some(state) = asked.result.get("requestState") {
            params.insert("requestState".to_owned(), state.clone());
        }
        self.ask("tools/call", Some(tool), params)
    }
}
