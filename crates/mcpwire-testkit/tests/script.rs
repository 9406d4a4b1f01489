//! A peer that plays a part, for a client that is tested.
#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::time::Duration;

use mcpwire_client::Client;
use mcpwire_testkit::script::{Expect, Script};
use mcpwire_types::{ElicitAction, ElicitResult};
use serde_json::json;

fn done(text: &str) -> serde_json::Value {
    json!({"resultType": "complete", "content": [{"type": "text", "text": text}]})
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_answer_reaches_the_client() {
    let form = json!({"type": "object", "properties": {"sure": {"type": "boolean"}}});
    let question = json!({"q": {"method": "elicitation/create", "params": {
        "mode": "form", "message": "Sure?", "requestedSchema": form}}});
    let server = Script::in_order()
        .expect(
            Expect::tool("a")
                .params(json!({"arguments": {"x": 1}}))
                .result(done("a")),
        )
        .expect(Expect::tool("b").error(-32603, "no"))
        .expect(Expect::tool("c").breaks_off("the line is dead"))
        .expect(Expect::tool("d").fails("nobody is there"))
        .expect(Expect::tool("e").never_answers())
        .expect(Expect::tool("f").input_required(question, Some("state")))
        .expect(
            Expect::tool("f")
                .params(json!({"requestState": "state"}))
                .result(done("f")),
        )
        .expect(
            Expect::tool("g")
                .notification(
                    "notifications/progress",
                    json!({"progressToken": "t", "progress": 1}),
                )
                .result(done("g")),
        );
    let client = Client::builder(server.clone())
        .on_form(|_| async { Ok::<_, std::io::Error>(ElicitResult::new(ElicitAction::Decline)) })
        .build();
    client
        .call_tool("a", &json!({"x": 1, "y": 2}))
        .await
        .unwrap();
    let no = client.call_tool("b", &json!({})).await.unwrap_err();
    assert!(no.to_string().contains("no"), "{no}");
    client.call_tool("c", &json!({})).await.unwrap_err();
    client.call_tool("d", &json!({})).await.unwrap_err();
    let waited = client
        .call_tool("e", &json!({}))
        .timeout(Duration::from_secs(60))
        .await;
    waited.unwrap_err();
    client.call_tool("f", &json!({})).await.unwrap();
    client.call_tool("g", &json!({})).await.unwrap();
    server.verify().unwrap();
    assert_eq!(server.seen().len(), 8);
}

#[tokio::test]
async fn what_is_not_kept_to_is_told() {
    let server = Script::in_order()
        .expect(Expect::tool("a").result(done("a")))
        .expect(Expect::tool("b").times(2));
    let client = Client::new(server.clone());
    client.call_tool("a", &json!({})).await.unwrap();
    let refused = client
        .call_tool("c", &json!({}))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("expected was tools/call with {"),
        "{refused}"
    );
    let unmet = server.verify().unwrap_err().to_string();
    assert!(
        unmet.contains(r#"missing: tools/call with {"name":"b"}, 2 times"#),
        "{unmet}"
    );
    assert!(
        unmet.contains("not expected: {") && unmet.contains(r#""name":"c""#),
        "{unmet}"
    );
    assert!(unmet.contains("as expected: 1 requests"), "{unmet}");
}

#[tokio::test]
async fn in_any_order_the_first_that_fits_answers() {
    let server = Script::in_any_order()
        .expect(Expect::tool("a").result(done("a")))
        .expect(Expect::tool("b").result(done("b")));
    let client = Client::new(server.clone());
    client.call_tool("b", &json!({})).await.unwrap();
    client.call_tool("a", &json!({})).await.unwrap();
    server.verify().unwrap();
}
