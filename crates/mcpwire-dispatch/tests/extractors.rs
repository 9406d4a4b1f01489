//! What a handler can take, and what middleware leaves for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use mcpwire_dispatch::{
    Call, Ctx, FromCall, HandlerError, Log, Progress, RawArgs, Router, Signature, State,
};
use mcpwire_service::Principal;
use serde_json::json;
use support::{request, send, text};

/// An extractor of a server's own: the verified user.
struct User(String);

impl FromCall for User {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let ctx = Ctx::from_call(call)?;
        let principal = ctx
            .principal()
            .ok_or_else(|| HandlerError::tool("log in first"))?;
        Ok(Self(principal.as_str().to_owned()))
    }
}

/// One that wraps another and says what it needs.
struct Tenant(&'static str);

impl FromCall for Tenant {
    fn from_call(call: &mut Call) -> Result<Self, HandlerError> {
        let State(name) = State::<&'static str>::from_call(call)?;
        Ok(Self(name))
    }

    fn describe(signature: &mut Signature<'_>) {
        State::<&'static str>::describe(signature);
    }
}

#[derive(Debug, PartialEq)]
struct Trail(u32);

fn server() -> Router {
    Router::new("extracting", "1")
        .state("acme")
        .tool("who", async |User(user): User, Tenant(tenant): Tenant| {
            Ok(format!("{user} of {tenant}"))
        })
        .tool("trail", async |ctx: Ctx| {
            Ok(format!("{:?}", ctx.extension::<Trail>()))
        })
        .tool(
            "eight",
            async |_: Ctx,
                   _: Ctx,
                   _: RawArgs,
                   _: Router,
                   _: Progress,
                   _: Log,
                   _: Tenant,
                   ctx: Ctx| { Ok(ctx.method().into_owned()) },
        )
}

#[tokio::test]
async fn a_server_has_extractors_of_its_own() {
    let mut known = request("tools/call", json!({"name": "who"}));
    known.context_mut().principal = Some(Principal::new("ada"));
    assert_eq!(text(&send(&server(), known).await["result"]), "ada of acme");
    // What an extractor refuses is the handler's own error.
    let refused = send(&server(), request("tools/call", json!({"name": "who"}))).await;
    assert_eq!(refused["result"]["isError"], true);
    assert_eq!(text(&refused["result"]), "log in first");
}

#[test]
fn what_an_extractor_wraps_is_checked_at_registration() {
    let bare = Router::new("bare", "1");
    let refusal = bare
        .add_tool("who", async |_: Tenant| Ok(()))
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("State<&str>"), "{refusal}");
}

#[tokio::test]
async fn middleware_leaves_values_by_type() {
    let mut marked = request("tools/call", json!({"name": "trail"}));
    marked.context_mut().extensions.insert(Trail(3));
    assert_eq!(
        text(&send(&server(), marked).await["result"]),
        "Some(Trail(3))"
    );
    let plain = send(&server(), request("tools/call", json!({"name": "trail"}))).await;
    assert_eq!(text(&plain["result"]), "None");
}

#[tokio::test]
async fn a_handler_takes_up_to_eight() {
    let response = send(&server(), request("tools/call", json!({"name": "eight"}))).await;
    assert_eq!(text(&response["result"]), "tools/call");
}

/// Requests do not wait for each other, nor for a registration.
#[tokio::test]
async fn base_35_requests_run_side_by_side() {
    let (release, released) = tokio::sync::watch::channel(false);
    let server = server().tool("wait", move || {
        let mut released = released.clone();
        async move {
            released.wait_for(|released| *released).await?;
            Ok("done")
        }
    });
    let slow = tokio::spawn({
        let server = server.clone();
        async move { send(&server, request("tools/call", json!({"name": "wait"}))).await }
    });
    tokio::task::yield_now().await;
    let quick = send(&server, request("tools/call", json!({"name": "eight"}))).await;
    assert_eq!(text(&quick["result"]), "tools/call");
    assert!(server.remove_tool("wait"));
    release.send(true).unwrap();
    // It began before its tool was removed, and ends as if nothing had happened.
    assert_eq!(text(&slow.await.unwrap()["result"]), "done");
}
