//! What one would write without a library: the same hyper, `serde_json`, and a struct for the request.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Echo, bare};
use crate::work::{DESCRIPTION, other_tool};

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Cow<'a, str>,
    params: Params<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    arguments: Option<Echo>,
}

#[derive(Serialize)]
struct Answer<'a, T> {
    jsonrpc: &'a str,
    id: &'a RawValue,
    result: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    result_type: &'a str,
    content: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'a str,
    text: String,
}

pub(super) fn start(listener: TcpListener, tools: usize) {
    let list = Arc::new(list(tools));
    let json = HeaderValue::from_static("application/json");
    bare::serve(listener, move |body| {
        let answer = answer(&body, &list).unwrap_or_else(|| "{\"error\":{}}".into());
        (json.clone(), Bytes::from(answer))
    });
}

fn answer(body: &[u8], list: &Value) -> Option<Vec<u8>> {
    let Call { id, method, params } = serde_json::from_slice(body).ok()?;
    let jsonrpc = "2.0";
    let written = match (&*method, params.name.as_deref(), params.arguments) {
        ("tools/list", ..) => serde_json::to_vec(&Answer {
            jsonrpc,
            id,
            result: list,
        }),
        ("tools/call", Some("echo"), Some(Echo { text })) => {
            let content = [Text {
                r#type: "text",
                text,
            }];
            let result = Result {
                result_type: "complete",
                content,
            };
            serde_json::to_vec(&Answer {
                jsonrpc,
                id,
                result,
            })
        }
        _ => return None,
    };
    written.ok()
}

fn list(tools: usize) -> Value {
    let schema = schemars::schema_for!(Echo);
    let tool =
        |name: String| json!({"name": name, "description": DESCRIPTION, "inputSchema": schema});
    let names = ["echo".to_owned(), "steps".to_owned()];
    let names = names.into_iter().chain((2..tools).map(other_tool));
    let tools: Vec<Value> = names.map(tool).collect();
    json!({"resultType": "complete", "tools": tools})
}
