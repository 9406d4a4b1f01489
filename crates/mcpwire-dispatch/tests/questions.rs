//! What a handler can ask for in the middle of its work, and which answers it takes (ELICIT, SAMPLE and
//! ROOTS rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

#[path = "support/asking.rs"]
mod asking;

use std::sync::atomic::{AtomicUsize, Ordering};

use asking::{accept, call, greet, keys, many, name_form, question};
use mcpwire_dispatch::{Ask, Consent, ElicitAnswer, Form, HandlerError, Input, Router};
use mcpwire_types::Tool;
use serde_json::{Value, json};
use support::text;

#[tokio::test]
async fn mrtr_25_malformed_answers_are_refused_with_a_path() {
    let server = Router::new("s", "1").tool("greet", greet);
    for (answers, path) in [
        (json!(null), "inputResponses"),
        (json!([]), "inputResponses"),
        (json!("x"), "inputResponses"),
        (
            json!({"user_name": 12345}),
            "params.inputResponses.user_name",
        ),
        (
            json!({"user_name": null}),
            "params.inputResponses.user_name",
        ),
        (json!({"user_name": {}}), "action"),
        (json!({"user_name": {"action": "maybe"}}), "action"),
        (
            json!({"user_name": {"action": "accept", "content": []}}),
            "content",
        ),
        // ELICIT-39
        (
            json!({"user_name": {"action": "accept"}}),
            ".content.name: is missing",
        ),
        (
            json!({"user_name": accept(json!({"name": null}))}),
            ".content.name: is missing",
        ),
        (
            json!({"user_name": accept(json!({"name": 7}))}),
            ".content.name: is not a string",
        ),
        (
            json!({"user_name": accept(json!({"name": {}}))}),
            ".content.name: is not a string",
        ),
    ] {
        let (code, message) = call("greet").answers(answers.clone()).error(&server).await;
        assert_eq!(code, -32602, "{answers}");
        assert!(message.contains(path), "{message}: {answers}");
    }
}

#[tokio::test]
async fn elicit_29_declining_and_cancelling_are_answers() {
    let server = Router::new("s", "1")
        .tool("greet", greet)
        .tool("which", async |input: Input| {
            Ok(match input.elicit("k", Form::new("Go on?"))? {
                ElicitAnswer::Accept(_) => "accepted",
                ElicitAnswer::Decline => "declined",
                ElicitAnswer::Cancel => "cancelled",
            })
        });
    for (action, told) in [
        ("accept", "accepted"),
        ("decline", "declined"),
        ("cancel", "cancelled"),
    ] {
        let answers = json!({"k": {"action": action, "content": {"x": 1}}});
        assert_eq!(
            text(&call("which").answers(answers).result(&server).await),
            told
        );
    }
    let declined = call("greet").answers(json!({"user_name": {"action": "decline"}}));
    let result = declined.result(&server).await;
    assert_eq!(result["isError"], true);
    assert_eq!(text(&result), "the user declined to answer");
}

/// ELICIT-39: every kind of field, with values that fit and values that do not.
#[tokio::test]
async fn elicit_39_answers_are_held_against_the_form() {
    let server = Router::new("s", "1").tool("all", async |input: Input| {
        let form = Form::new("?")
            .string("text")
            .min_length(2)
            .max_length(3)
            .string("mail")
            .email()
            .integer("int")
            .minimum(1)
            .maximum(5)
            .number("num")
            .minimum(0.5)
            .maximum(1.5)
            .boolean("flag")
            .choice("one", ["a", "b"])
            .titled_choice("titled", [("a", "A")])
            .choices("some", ["a", "b", "c"])
            .min_items(1)
            .max_items(2)
            .titled_choices("many", [("a", "A")]);
        let values = input.elicit("k", form)?.require()?;
        Ok(format!(
            "{:?}",
            (
                values.integer("int"),
                values.number("num"),
                values.list("some")
            )
        ))
    });
    let check = async |field: &str, value: &Value| {
        let answers = json!({"k": accept(json!({field: value}))});
        call("all").answers(answers).response(&server).await
    };
    for (field, good, bad) in [
        (
            "text",
            vec![json!("żó"), json!("abc")],
            vec![json!("ż"), json!("abcd"), json!(12), json!(["ab"])],
        ),
        ("mail", vec![json!("a@b")], vec![json!("ab")]),
        (
            "int",
            vec![json!(1), json!(5), json!(3.0)],
            vec![json!(0), json!(6), json!(1.5), json!("3"), json!(true)],
        ),
        // ELICIT-25: fractions are numbers.
        (
            "num",
            vec![json!(0.5), json!(1)],
            vec![json!(0.4), json!(2), json!("1")],
        ),
        (
            "flag",
            vec![json!(true), json!(false)],
            vec![json!(1), json!("true")],
        ),
        (
            "one",
            vec![json!("a")],
            vec![json!("c"), json!("A"), json!(["a"])],
        ),
        ("titled", vec![json!("a")], vec![json!("A")]),
        (
            "some",
            vec![json!(["a"]), json!(["a", "c"])],
            vec![
                json!([]),
                json!(["a", "b", "c"]),
                json!(["d"]),
                json!("a"),
                json!([1]),
            ],
        ),
        ("many", vec![json!([]), json!(["a"])], vec![json!(["A"])]),
    ] {
        for value in good.iter().chain([&json!(null)]) {
            let response = check(field, value).await;
            assert!(
                response.get("error").is_none(),
                "{field} {value}: {response}"
            );
        }
        for value in &bad {
            let response = check(field, value).await;
            assert_eq!(
                response["error"]["code"], -32602,
                "{field} {value}: {response}"
            );
            let message = response["error"]["message"].as_str().unwrap();
            assert!(message.contains(&format!(".content.{field}")), "{message}");
        }
    }
    let answers = json!({"k": accept(json!({"int": 3.0, "num": 1, "some": ["b"]}))});
    let result = call("all").answers(answers).result(&server).await;
    assert_eq!(text(&result), r#"(Some(3), Some(1.0), Some(["b"]))"#);
}

#[tokio::test]
async fn values_are_read_as_a_type() {
    #[derive(serde::Deserialize)]
    struct Order {
        size: u8,
        note: Option<String>,
    }
    let server = Router::new("s", "1").tool("order", async |input: Input| {
        let form = Form::new("?").integer("size").required().string("note");
        let order: Order = input.elicit("k", form)?.require()?.parse()?;
        Ok(format!("{} {:?}", order.size, order.note))
    });
    let answers = json!({"k": accept(json!({"size": 3.0, "other": 1}))});
    assert_eq!(
        text(&call("order").answers(answers).result(&server).await),
        "3 None"
    );
}

/// MRTR-24, MRTR-26, SAMPLE-05, ROOTS-03.
#[tokio::test]
async fn mrtr_22_messages_and_roots_are_asked_for_too() {
    let server = Router::new("s", "1")
        .tool("capital", async |input: Input| {
            let answer = input.sample("capital_question", question(100))?;
            Ok(answer.model.into_owned())
        })
        .tool("folders", async |input: Input| {
            let roots = input.roots("client_roots")?;
            Ok(roots
                .into_iter()
                .map(|root| root.uri.into_owned())
                .collect::<String>())
        });
    let asked = call("capital").result(&server).await;
    let sampling = &asked["inputRequests"]["capital_question"];
    assert_eq!(sampling["method"], "sampling/createMessage");
    assert_eq!(sampling["params"]["maxTokens"], 100);
    let message = json!({"role": "assistant", "content": {"type": "text", "text": "Paris"},
        "model": "test-model", "stopReason": "endTurn"});
    let answers = json!({"capital_question": message});
    assert_eq!(
        text(&call("capital").answers(answers).result(&server).await),
        "test-model"
    );

    let asked = call("folders").result(&server).await;
    assert_eq!(
        asked["inputRequests"],
        json!({"client_roots": {"method": "roots/list", "params": {}}})
    );
    let answers =
        json!({"client_roots": {"roots": [{"uri": "file:///test/root", "name": "Test Root"}]}});
    assert_eq!(
        text(&call("folders").answers(answers).result(&server).await),
        "file:///test/root"
    );
    for (tool, answers, path) in [
        (
            "capital",
            json!({"capital_question": {"role": "assistant"}}),
            "inputResponses.capital_question",
        ),
        (
            "folders",
            json!({"client_roots": {"roots": {}}}),
            "inputResponses.client_roots.roots",
        ),
        // ROOTS-05
        (
            "folders",
            json!({"client_roots": {"roots": [{"uri": "https://x"}]}}),
            ".roots[0].uri",
        ),
    ] {
        let (code, message) = call(tool).answers(answers).error(&server).await;
        assert_eq!(code, -32602);
        assert!(message.contains(path), "{message}");
    }
}

/// BASE-50, ROOTS-08.
#[tokio::test]
async fn mrtr_10_everything_that_is_undeclared_is_named_before_anything_is_asked() {
    let server = Router::new("s", "1")
        .tool("many", many)
        .tool("pay", async |input: Input| {
            input.open_url("pay", "Please pay", "https://pay.example/1")?;
            Ok(())
        });
    for (tool, declared, required) in [
        (
            "many",
            json!({}),
            json!({"elicitation": {"form": {}}, "sampling": {}, "roots": {}}),
        ),
        (
            "many",
            json!({"elicitation": {}, "roots": {}}),
            json!({"sampling": {}}),
        ),
        (
            "pay",
            json!({"elicitation": {}}),
            json!({"elicitation": {"url": {}}}),
        ),
    ] {
        let mut asking = call(tool);
        asking.capabilities = declared;
        let error = asking.response(&server).await["error"].clone();
        assert_eq!(error["code"], -32021, "{error}");
        assert_eq!(error["data"]["requiredCapabilities"], required); // META-22
    }
    let mut asking = call("many");
    asking.capabilities = json!({"elicitation": {"form": {}}, "sampling": {}, "roots": {}});
    assert_eq!(keys(&asking.result(&server).await).len(), 3);
}

#[tokio::test]
async fn mrtr_09_a_handler_can_take_another_way() {
    let server = Router::new("s", "1").tool("either", async |input: Input| {
        if input.can_elicit() {
            input.elicit("form", name_form())?;
        } else if input.can_sample() {
            input.sample("model", question(1))?;
        }
        Ok((
            input.can_open_url(),
            input.can_sample_with_tools(),
            input.can_list_roots(),
        )
            .0
            .to_string())
    });
    for (declared, asked) in [
        (json!({"sampling": {}}), "model"),
        (json!({"sampling": {}, "elicitation": {}}), "form"),
        (json!({"sampling": {}, "elicitation": {"url": {}}}), "model"),
    ] {
        let mut asking = call("either");
        asking.capabilities = declared;
        assert_eq!(keys(&asking.result(&server).await), [asked]);
    }
}

#[tokio::test]
async fn elicit_26_a_url_is_agreed_to_and_then_waited_for() {
    static PAID: AtomicUsize = AtomicUsize::new(0);
    let server = Router::new("s", "1").tool("pay", async |input: Input| {
        let order = input.once("order", async { Ok(42) }).await?;
        let url = format!("https://pay.example/{order}");
        if input.open_url("pay", "Please pay", url)? != Consent::Accept {
            return Err(HandlerError::tool("not paid"));
        }
        // The second look finds it paid.
        if PAID.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(input.wait());
        }
        Ok(format!("paid {order}"))
    });
    let asked = call("pay").result(&server).await;
    let elicitation =
        json!({"mode": "url", "message": "Please pay", "url": "https://pay.example/42"});
    assert_eq!(asked["inputRequests"]["pay"]["params"], elicitation);
    let agreed = call("pay")
        .answers(json!({"pay": {"action": "accept"}}))
        .state(&asked);
    let waiting = agreed.result(&server).await;
    // MRTR-03 and MRTR-15: a state alone.
    assert_eq!(waiting["resultType"], "input_required");
    assert!(
        waiting.get("inputRequests").is_none() && waiting["requestState"].is_string(),
        "{waiting}"
    );
    assert_eq!(
        text(&call("pay").state(&waiting).result(&server).await),
        "paid 42"
    );
    let refused = call("pay")
        .answers(json!({"pay": {"action": "cancel"}}))
        .state(&asked);
    assert_eq!(text(&refused.result(&server).await), "not paid");
}

/// Mistakes of a handler are its own: the client is told nothing that it could mend.
#[tokio::test]
async fn mistakes_of_a_handler_are_internal_errors() {
    let server = Router::new("s", "1")
        .tool("twice", async |input: Input| {
            input.elicit("k", Form::new("?"))?;
            input.elicit("k", Form::new("?"))?;
            Ok(())
        })
        .tool("form", async |input: Input| {
            input.elicit("k", Form::new("?").choice("c", ["a"]).default("b"))?;
            Ok(())
        })
        .tool("url", async |input: Input| {
            input.open_url("k", "?", "not a URL")?; // ELICIT-20
            Ok(())
        })
        .tool("tokens", async |input: Input| {
            input.sample("k", question(0))?;
            Ok(())
        })
        .tool("unasked", async |input: Input| {
            let answers = input.ask(Ask::new().elicit("k", Form::new("?")))?;
            answers.roots("k")?;
            Ok(())
        });
    for (tool, told) in [
        ("twice", "asks twice"),
        ("form", "default"),
        ("url", "the URL"),
        ("tokens", "maxTokens"),
        ("unasked", "did not ask"),
    ] {
        let (code, message) = call(tool)
            .answers(json!({"k": {"action": "accept"}}))
            .error(&server)
            .await;
        assert_eq!(code, -32603, "{tool}");
        assert!(message.contains(told), "{message}");
    }
}

/// SAMPLE-04: tools in a sampling request need a capability of their own.
#[tokio::test]
async fn sample_04_tools_are_gated() {
    let server = Router::new("s", "1").tool("loop", async |input: Input| {
        let tool: Tool<'_> =
            mcpwire_types::decode(br#"{"name":"t","inputSchema":{"type":"object"}}"#)?;
        input.sample("k", question(10).tools([tool.into_owned()]))?;
        Ok(())
    });
    assert_eq!(keys(&call("loop").result(&server).await), ["k"]);
    let mut asking = call("loop");
    asking.capabilities = json!({"sampling": {}});
    let error = asking.response(&server).await["error"].clone();
    assert_eq!(
        error["data"]["requiredCapabilities"],
        json!({"sampling": {"tools": {}}})
    );
}
