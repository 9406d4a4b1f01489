//! Texts that are messages but for a slip here and there: what mutating bytes seldom arrives at.

use crate::decode;
use crate::json::Writer;

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    decode::check(&text(bytes));
}

const REQUEST: &[&str] = &["jsonrpc", "id", "method", "params"];
const NOTIFICATION: &[&str] = &["jsonrpc", "method", "params"];
const RESULT: &[&str] = &["jsonrpc", "id", "result"];
const ERROR: &[&str] = &["jsonrpc", "id", "error"];
const PARAMS: &[&str] = &[
    "name",
    "uri",
    "taskId",
    "cursor",
    "arguments",
    "inputResponses",
    "requestState",
    "_meta",
];
const META: &[&str] = &[
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
const RESULT_MEMBERS: &[&str] = &["resultType", "_meta", "content"];
const ERROR_MEMBERS: &[&str] = &["code", "message", "data"];
const METHODS: &[&str] = &[
    "tools/call",
    "tools/list",
    "server/discover",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/",
    "notification",
];

fn text(bytes: &[u8]) -> Vec<u8> {
    let mut json = Writer::new(bytes);
    let names = json.choose(&[REQUEST, NOTIFICATION, RESULT, ERROR]);
    json.space();
    members(&mut json, names, message_member);
    json.space();
    json.damage();
    json.out
}

/// An object with these members; one is missing or there twice now and then, the order differs, and
/// there may be others.
fn members(json: &mut Writer<'_>, names: &[&'static str], value: fn(&mut Writer<'_>, &str)) {
    let mut order: Vec<&str> = Vec::new();
    for name in names {
        let times = match json.byte() {
            254 => 2,
            255 => 0,
            _ => 1,
        };
        order.extend(std::iter::repeat_n(*name, times));
    }
    while json.one_in(5) && order.len() < 16 {
        let all = [REQUEST, RESULT, ERROR, PARAMS, META, ERROR_MEMBERS];
        let list = json.choose(&all);
        order.push(json.choose(list));
    }
    let turn = usize::from(json.byte()) % order.len().max(1);
    order.rotate_left(turn);
    json.object(|json, index| {
        let Some(name) = order.get(index) else {
            return false;
        };
        if json.one_in(32) {
            let other = json.text();
            json.name(&other);
            json.value();
            return true;
        }
        json.name(name);
        if json.one_in(24) {
            json.value();
        } else {
            value(json, name);
        }
        true
    });
}

fn some_members(json: &mut Writer<'_>, names: &[&'static str], value: fn(&mut Writer<'_>, &str)) {
    let some: Vec<_> = names
        .iter()
        .copied()
        .filter(|_| json.byte() % 3 == 1)
        .collect();
    members(json, &some, value);
}

fn message_member(json: &mut Writer<'_>, name: &str) {
    match name {
        "jsonrpc" => json.string("2.0"),
        "id" => match json.byte() % 4 {
            0 => json.number(),
            1 => json.put("-9223372036854775808"),
            _ => {
                let id = json.text();
                json.string(&id);
            }
        },
        "method" => {
            let method = json.choose(METHODS);
            json.string(method);
        }
        "params" => some_members(json, PARAMS, params_member),
        "result" => some_members(json, RESULT_MEMBERS, result_member),
        "error" => members(json, ERROR_MEMBERS, error_member),
        _ => json.value(),
    }
}

fn params_member(json: &mut Writer<'_>, name: &str) {
    match name {
        "_meta" => some_members(json, META, |json, _| json.value()),
        _ => json.value(),
    }
}

fn result_member(json: &mut Writer<'_>, name: &str) {
    match name {
        "resultType" => json.string("complete"),
        "_meta" => some_members(json, META, |json, _| json.value()),
        _ => json.value(),
    }
}

fn error_member(json: &mut Writer<'_>, name: &str) {
    match name {
        "code" => json.put("-32601"),
        "message" => {
            let text = json.text();
            json.string(&text);
        }
        _ => json.value(),
    }
}
