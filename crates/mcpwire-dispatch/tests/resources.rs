//! Resources and templates (RES rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use mcpwire_dispatch::{
    CacheHint, Ctx, HandlerError, Path, Router, TemplateParams, Uri, resource, resource_template,
};
use mcpwire_types::{
    BlobResourceContents, CacheScope, ReadResourceResult, TextOrBlobResourceContents,
    TextResourceContents,
};
use serde_json::{Value, json};
use support::{error, result};

async fn read(server: &Router, uri: &str) -> Value {
    result(server, "resources/read", json!({ "uri": uri })).await
}

fn server() -> Router {
    Router::new("files", "1.0.0")
        .resource(
            resource("note://static")
                .name("static")
                .mime_type("text/plain"),
            async || Ok("text"),
        )
        .resource(
            resource("note://image").mime_type("image/png"),
            async || Ok(vec![0_u8, 255]),
        )
        .resource(resource("note://bytes"), async || {
            Ok(Bytes::from_static(b"hi"))
        })
        .resource_template(
            resource_template("note://{box}/{n}")
                .name("note")
                .mime_type("text/markdown"),
            |Path((name, n)): Path<(String, u32)>| async move {
                if n > 9 {
                    return Err(HandlerError::not_found(&format!("note://{name}/{n}")));
                }
                Ok(format!("{name} {n}"))
            },
        )
        .resource_template(
            "all://{+rest}",
            async |Uri(uri): Uri, params: TemplateParams| {
                Ok(format!("{uri} {}", params.get("rest").unwrap_or_default()))
            },
        )
}

/// RES-10, RES-31.
#[tokio::test]
async fn res_11_text_and_bytes_become_contents() {
    let server = server();
    assert_eq!(
        read(&server, "note://static").await,
        json!({
            "resultType": "complete",
            "contents": [{"uri": "note://static", "mimeType": "text/plain", "text": "text"}],
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "files", "version": "1.0.0"}},
        })
    );
    // RES-28, CONTENT-12: standard Base64 with padding.
    assert_eq!(
        read(&server, "note://image").await["contents"],
        json!([{"uri": "note://image", "mimeType": "image/png", "blob": "AP8="}])
    );
    assert_eq!(
        read(&server, "note://bytes").await["contents"],
        json!([{"uri": "note://bytes", "blob": "aGk="}])
    );
}

#[tokio::test]
async fn res_12_a_handler_can_give_contents_of_its_own() {
    let server = Router::new("own", "1")
        .resource("a://many", async || {
            Ok(vec![
                TextOrBlobResourceContents::Text(TextResourceContents::new("a://1", "one")),
                TextOrBlobResourceContents::Blob(BlobResourceContents::new("a://2", "aGk=")),
            ])
        })
        .resource("a://text", async || {
            Ok(TextResourceContents::new("a://t", "t").mime_type("x/y"))
        })
        .resource(
            resource("a://whole").cache(CacheHint::public(Duration::from_secs(9))),
            async || {
                let contents = [TextResourceContents::new("a://w", "w")];
                Ok(ReadResourceResult::new(contents)
                    .ttl_ms(5)
                    .cache_scope(CacheScope::Private))
            },
        );
    let many = read(&server, "a://many").await;
    assert_eq!(
        many["contents"],
        json!([{"uri": "a://1", "text": "one"}, {"uri": "a://2", "blob": "aGk="}])
    );
    let text = read(&server, "a://text").await;
    assert_eq!(
        text["contents"],
        json!([{"uri": "a://t", "mimeType": "x/y", "text": "t"}])
    );
    let whole = read(&server, "a://whole").await;
    assert_eq!(
        (&whole["ttlMs"], &whole["cacheScope"]),
        (&json!(5), &json!("private"))
    );
}

#[tokio::test]
async fn res_08_templates_are_matched_after_listed_resources_in_order() {
    let server = server();
    let note = read(&server, "note://inbox/3").await;
    assert_eq!(
        note["contents"],
        json!([{"uri": "note://inbox/3", "mimeType": "text/markdown", "text": "inbox 3"}])
    );
    let rest = read(&server, "all://a/b%20c").await;
    assert_eq!(rest["contents"][0]["text"], "all://a/b%20c a/b c");

    let overlapping = Router::new("overlap", "1")
        .resource_template("a://{x}", async || Ok("first"))
        .resource_template("a://{y}", async || Ok("second"))
        .resource("a://known", async || Ok("listed"));
    assert_eq!(
        read(&overlapping, "a://any").await["contents"][0]["text"],
        "first"
    );
    assert_eq!(
        read(&overlapping, "a://known").await["contents"][0]["text"],
        "listed"
    );
}

/// RES-15, RES-30.
#[tokio::test]
async fn res_14_what_is_not_there_is_an_error_that_names_it() {
    let server = server();
    // No match; a handler that says so; a variable of another type; a traversal (RES-27).
    for uri in [
        "note://",
        "nothing",
        "note://inbox/99",
        "note://inbox/x",
        "all://a/../../etc/passwd",
    ] {
        let failed = error(&server, "resources/read", json!({ "uri": uri })).await;
        assert_eq!(failed["code"], -32602, "{uri}");
        assert_eq!(failed["data"], json!({ "uri": uri }));
    }
    for params in [json!({}), json!({"uri": 7}), json!({"uri": null})] {
        assert_eq!(
            error(&server, "resources/read", params.clone()).await["code"],
            -32602,
            "{params}"
        );
    }
}

#[tokio::test]
async fn res_16_failures_are_internal_errors() {
    let server = Router::new("failing", "1").resource("a://b", async || {
        let n: i32 = "x".parse()?;
        Ok(n.to_string())
    });
    assert_eq!(
        error(&server, "resources/read", json!({"uri": "a://b"})).await["code"],
        -32603
    );
}

#[tokio::test]
async fn res_07_everything_that_describes_a_resource_is_listed() {
    let server = Router::new("described", "1")
        .resource(
            resource("a://b")
                .name("b")
                .title("B")
                .description("the b")
                .mime_type("text/plain")
                .size(3),
            async |_: Ctx| Ok("abc"),
        )
        .resource_template(
            resource_template("a://{x}")
                .name("x")
                .title("X")
                .description("the x")
                .mime_type("text/plain"),
            async || Ok("x"),
        );
    assert_eq!(
        result(&server, "resources/list", json!({})).await["resources"],
        json!([{
            "uri": "a://b", "name": "b", "title": "B", "description": "the b",
            "mimeType": "text/plain", "size": 3,
        }])
    );
    assert_eq!(
        result(&server, "resources/templates/list", json!({})).await["resourceTemplates"],
        json!([{
            "uriTemplate": "a://{x}", "name": "x", "title": "X", "description": "the x",
            "mimeType": "text/plain",
        }])
    );
}

#[tokio::test]
async fn cache_26_a_resource_has_its_own_hint() {
    let server = Router::new("cached", "1")
        .cache_method("resources/read", CacheHint::private(Duration::from_secs(1)))
        .resource("a://router", async || Ok("x"))
        .resource(
            resource("a://own").cache(CacheHint::public(Duration::from_secs(2))),
            async || Ok("x"),
        );
    let hint = |read: &Value| (read["ttlMs"].clone(), read["cacheScope"].clone());
    assert_eq!(
        hint(&read(&server, "a://router").await),
        (json!(1000), json!("private"))
    );
    assert_eq!(
        hint(&read(&server, "a://own").await),
        (json!(2000), json!("public"))
    );
}
