//! Which URIs a resource template answers to (RES-08, RES-26, RES-27).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use mcpwire_dispatch::{HandlerError, Path, Router, TemplateParams, Uri};
use serde_json::{Value, json};
use support::{error, result};

async fn read_file(Uri(uri): Uri, params: TemplateParams) -> Result<String, HandlerError> {
    let path = params
        .relative_path("path")
        .ok_or_else(|| HandlerError::not_found(&uri))?;
    Ok(path.to_string_lossy().into_owned())
}

fn server() -> Router {
    Router::new("files", "1")
        .resource_template("file:///{path}", read_file)
        .resource_template("tree:///{+path}", read_file)
        .resource_template("search://notes{?q,lang}", async |params: TemplateParams| {
            Ok(format!("{:?} {:?}", params.get("q"), params.get("lang")))
        })
        .resource_template(
            "test://template/{id}/data",
            async |Path(id): Path<String>| Ok(id),
        )
}

async fn read(uri: &str) -> Value {
    let result = result(&server(), "resources/read", json!({"uri": uri})).await;
    result["contents"][0]["text"].clone()
}

#[tokio::test]
async fn res_08_values_reach_the_handler_decoded() {
    for (uri, found) in [
        ("file:///a.txt", "a.txt"),
        ("file:///a%20b", "a b"),
        ("file:///a%2Fb", "a/b"),
        ("tree:///a/b.txt", "a/b.txt"),
        ("search://notes?lang=pl&q=%C5%BC", r#"Some("ż") Some("pl")"#),
        ("search://notes", "None None"),
        ("test://template/123/data", "123"),
    ] {
        assert_eq!(read(uri).await, found, "{uri}");
    }
}

#[tokio::test]
async fn res_26_and_27_no_uri_leads_out_of_a_template() {
    for uri in [
        "file:///a/b",
        "file:///",
        "file:///..",
        "file:///..%2F..%2Fetc%2Fpasswd",
        "file:///%2Fetc%2Fpasswd",
        "file:///C:%5CWindows",
        "file:///a%00b",
        "file:///a%",
        "file:///a b",
        "tree:///../etc/passwd",
        "tree:///a/../../etc/passwd",
        "tree:////etc/passwd",
        "tree:///a/%2E%2E/b",
        "test://template//data",
        "test://template/1/2/data",
        "search://notes?other=1",
        "nothing",
        "",
    ] {
        let error = error(&server(), "resources/read", json!({"uri": uri})).await;
        assert_eq!(error["code"], -32602, "{uri}: {error}");
    }
}
