//! Lists over their pages (PAGE rows).

use futures_util::StreamExt as _;
use mcpwire_client::method::ListResources;
use mcpwire_client::{Client, Error, Limits};
use mcpwire_service::Reply;

mod common;
use common::{Scripted, rpc_error};

fn page(uri: &str, next: &str) -> Reply {
    Reply::result(format!(
        r#"{{"resources":[{{"uri":"{uri}","name":"n"}}]{next}}}"#
    ))
}

/// PAGE-02, PAGE-04, PAGE-08 to PAGE-10: an empty cursor leads on, and goes back as it came.
#[tokio::test]
async fn page_10_every_cursor_leads_on() {
    let server = Scripted::new(|index, _| match index {
        0 => page("a", r#","nextCursor":"""#),
        1 => page("b", r#","nextCursor":" \u00e9/=""#),
        2 => page("c", r#","nextCursor":null"#),
        _ => page("d", ""),
    });
    let client = Client::new(server.clone());
    let resources = client.list_resources().await.unwrap();
    assert_eq!(
        resources.iter().map(|item| &*item.uri).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    assert!(server.message(0)["params"].get("cursor").is_none());
    assert_eq!(server.message(1)["params"]["cursor"], "");
    assert_eq!(server.message(2)["params"]["cursor"], " é/=");
}

/// PAGE-12
#[tokio::test]
async fn page_12_a_list_in_circles_ends() {
    let server = Scripted::new(|_, _| page("a", r#","nextCursor":"again""#));
    let client = Client::new(server.clone());
    let error = client.list_resources().await.unwrap_err();
    assert!(matches!(error, Error::Pages { pages: 2, .. }), "{error}");
}

/// PAGE-12
#[tokio::test]
async fn page_12_a_list_without_end_is_cut() {
    let server = Scripted::new(|index, _| page("a", &format!(r#","nextCursor":"{index}""#)));
    let client = Client::builder(server.clone())
        .limits(Limits::default().max_pages(5))
        .build();
    let error = client.list_resources().await.unwrap_err();
    assert!(matches!(error, Error::Pages { pages: 5, .. }), "{error}");
    assert_eq!(server.count(), 5);
}

/// Pages are asked for as they are needed, and what came before an error is there.
#[tokio::test]
async fn page_07_a_stream_asks_for_no_more_than_is_taken() {
    let server = Scripted::new(|index, _| match index {
        0 => page("a", r#","nextCursor":"1""#),
        _ => rpc_error(
            -32602,
            r#"{"code":-32602,"message":"that cursor is too old"}"#,
        ),
    });
    let client = Client::new(server.clone());
    let mut items = client.items::<ListResources>();
    assert_eq!(items.next().await.unwrap().unwrap().uri, "a");
    assert_eq!(server.count(), 1);
    assert_eq!(
        items.next().await.unwrap().unwrap_err().code(),
        Some(-32602)
    );
    assert!(items.next().await.is_none());
    assert_eq!(
        client.list_resources().await.unwrap_err().code(),
        Some(-32602)
    );
}
