//! From round to round: what travels with the client, and what it is bound to (MRTR rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

#[path = "support/asking.rs"]
mod asking;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use asking::{Call, accept, call, greet, keys, many, many_answers, name_form};
use mcpwire_dispatch::{ElicitAnswer, Form, HandlerError, Input, KeyRing, Limits, Router, tool};
use serde_json::{Value, json};
use support::text;

/// BASE-14, MRTR-01, MRTR-06, ELICIT-06, ELICIT-09, TOOL-26, CACHE-13.
#[tokio::test]
async fn mrtr_02_a_question_ends_the_round() {
    let server = Router::new("s", "1").tool("greet", greet);
    let asked = call("greet").result(&server).await;
    assert_eq!(
        asked["inputRequests"],
        json!({"user_name": {"method": "elicitation/create", "params": {
            "mode": "form",
            "message": "What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                "required": ["name"]},
        }}})
    );
    // Nothing to carry, so nothing to echo.
    assert!(asked.get("requestState").is_none(), "{asked}");
    let answers = json!({"user_name": accept(json!({"name": "Alice"}))});
    assert_eq!(
        text(&call("greet").answers(answers).result(&server).await),
        "Hello, Alice!"
    );
}

#[tokio::test]
async fn mrtr_27_and_28_other_keys_are_ignored_and_missing_ones_asked_for_again() {
    let server = Router::new("s", "1").tool("greet", greet);
    let good = accept(json!({"name": "Alice", "unknown": 1}));
    let asked = call("greet")
        .answers(json!({"wrong_key": good}))
        .result(&server)
        .await;
    assert_eq!(keys(&asked), ["user_name"]);
    assert_eq!(
        keys(&call("greet").answers(json!({})).result(&server).await),
        ["user_name"]
    );
    // What nobody reads may be anything.
    let answers = json!({"user_name": good, "unknown_extra_key": good, "another": 12345});
    assert_eq!(
        text(&call("greet").answers(answers).result(&server).await),
        "Hello, Alice!"
    );
}

#[tokio::test]
async fn mrtr_07_several_questions_share_a_round() {
    let server = Router::new("s", "1").tool("many", many);
    let asked = call("many").result(&server).await;
    assert_eq!(keys(&asked), ["client_roots", "greeting", "user_name"]);
    assert_eq!(
        text(&call("many").answers(many_answers()).result(&server).await),
        "Alice m 0"
    );
}

/// MRTR-28 and MRTR-23: what is answered is carried, and only the rest is asked for again.
#[tokio::test]
async fn mrtr_28_what_is_answered_is_not_asked_for_again() {
    let server = Router::new("s", "1").tool("many", many);
    let mut some = many_answers();
    let greeting = some.as_object_mut().unwrap().remove("greeting").unwrap();
    let asked = call("many").answers(some).result(&server).await;
    assert_eq!(keys(&asked), ["greeting"]);
    let last = call("many")
        .answers(json!({"greeting": greeting}))
        .state(&asked);
    assert_eq!(text(&last.result(&server).await), "Alice m 0");
}

async fn steps(input: Input) -> Result<String, HandlerError> {
    input.bind();
    let of = |answer: ElicitAnswer| {
        Ok::<_, HandlerError>(answer.require()?.text("x").unwrap_or_default().to_owned())
    };
    let one = of(input.elicit("step1", Form::new("1?").string("x").required())?)?;
    let two = of(input.elicit("step2", Form::new("2?").string("x").required())?)?;
    Ok(format!("{one} {two} in round {}", input.round()))
}

fn step(key: &str, value: &str) -> Value {
    json!({key: accept(json!({"x": value}))})
}

#[tokio::test]
async fn mrtr_23_earlier_answers_travel_in_the_state() {
    let server = Router::new("s", "1").tool("steps", steps);
    let first = call("steps").result(&server).await;
    assert_eq!(keys(&first), ["step1"]);
    let second = call("steps")
        .answers(step("step1", "Alice"))
        .state(&first)
        .result(&server)
        .await;
    assert_eq!(keys(&second), ["step2"]);
    assert_ne!(first["requestState"], second["requestState"]);
    let third = call("steps").answers(step("step2", "blue")).state(&second);
    assert_eq!(text(&third.result(&server).await), "Alice blue in round 3");
    // What was answered and sealed stays, whatever the client says now.
    let mut other = step("step2", "blue");
    other["step1"] = step("step1", "Mallory")["step1"].clone();
    let third = call("steps").answers(other).state(&second);
    assert_eq!(text(&third.result(&server).await), "Alice blue in round 3");
}

/// ELICIT-40: a bound question is not answered before it was asked.
#[tokio::test]
async fn elicit_40_a_bound_answer_needs_the_state_of_its_question() {
    let server = Router::new("s", "1").tool("steps", steps);
    let foreseen = call("steps")
        .answers(step("step1", "x"))
        .result(&server)
        .await;
    assert_eq!(keys(&foreseen), ["step1"]);
    let mut both = step("step1", "Alice");
    both["step2"] = step("step2", "blue")["step2"].clone();
    let second = call("steps")
        .answers(both)
        .state(&foreseen)
        .result(&server)
        .await;
    assert_eq!(keys(&second), ["step2"]);
}

#[tokio::test]
async fn mrtr_33_a_state_belongs_to_one_request_and_principal() {
    let open = |name: &str| tool(name).input_schema(json!({"type": "object"}));
    let server = Router::new("s", "1")
        .tool(open("steps"), steps)
        .tool(open("other"), steps);
    let mut first = call("steps");
    first.arguments = json!({"a": 1, "b": [2.5, "x"]});
    first.principal = Some("ada");
    let first = first.result(&server).await;
    let retry = |change: fn(&mut Call)| {
        let mut retry = call("steps").answers(step("step1", "Alice")).state(&first);
        retry.arguments = json!({"b": [2.5, "x"], "a": 1.0});
        retry.principal = Some("ada");
        change(&mut retry);
        retry.response(&server)
    };
    // MRTR-38: other capabilities and another spelling of the arguments are the same request.
    let same = retry(|call| call.capabilities = json!({"elicitation": {}})).await;
    assert_eq!(keys(&same["result"]), ["step2"]);
    let changes: [fn(&mut Call); 5] = [
        |call| call.arguments["a"] = json!(2),
        |call| call.tool = "other",
        |call| call.principal = Some("eve"),
        |call| call.principal = None,
        |call| {
            let state = call.more["requestState"].as_str().unwrap();
            call.more["requestState"] = format!("{state}-TAMPERED").into();
        },
    ];
    for change in changes {
        let error = retry(change).await["error"].clone();
        assert_eq!(error["code"], -32602); // MRTR-36
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .starts_with("$.params.requestState: "),
            "{error}"
        );
    }
}

/// MRTR-29.
#[tokio::test]
async fn mrtr_31_refusals_say_what_to_do() {
    let server = |ring: KeyRing, limits: Limits| {
        Router::new("s", "1")
            .key_ring(ring)
            .limits(limits)
            .tool("steps", steps)
    };
    let ring = || KeyRing::new([1; 32]);
    let first = call("steps")
        .result(&server(ring(), Limits::default()))
        .await;
    let expired = Limits::default().request_state_ttl(Duration::ZERO);
    let stale = call("steps").result(&server(ring(), expired)).await;
    for (replica, state, told) in [
        (
            server(KeyRing::new([2; 32]), Limits::default()),
            &first,
            "give all replicas the same keys",
        ),
        (server(ring(), Limits::default()), &stale, "has expired"),
        (
            server(ring(), Limits::default().max_request_state(20)),
            &first,
            "20 at most",
        ),
        (
            server(ring(), Limits::default()),
            &json!({"requestState": "x"}),
            "byte for byte",
        ),
        (
            server(ring(), Limits::default()),
            &json!({"requestState": null}),
            "not a string",
        ),
    ] {
        let (code, message) = call("steps").state(state).error(&replica).await;
        assert_eq!(code, -32602);
        assert!(message.contains(told), "{message}");
    }
    // A rotated ring still reads what the old key sealed.
    let rotated = server(KeyRing::new([2; 32]).accept([1; 32]), Limits::default());
    let second = call("steps")
        .answers(step("step1", "x"))
        .state(&first)
        .result(&rotated)
        .await;
    assert_eq!(keys(&second), ["step2"]);
}

#[tokio::test]
async fn mrtr_44_an_effect_happens_in_one_round_only() {
    static EFFECTS: AtomicUsize = AtomicUsize::new(0);
    let server = Router::new("s", "1").tool("effect", async |input: Input| {
        let number = input
            .once("effect", async {
                Ok(EFFECTS.fetch_add(1, Ordering::SeqCst))
            })
            .await?;
        input.elicit("user_name", name_form())?;
        let seen: Option<String> = input.recall("seen")?;
        input.remember("seen", "yes")?;
        input.elicit("again", name_form())?;
        Ok(format!(
            "{number} {seen:?} {:?}",
            input.recall::<String>("seen")?
        ))
    });
    let answer = accept(json!({"name": "Ada"}));
    let first = call("effect").result(&server).await;
    let second = call("effect")
        .answers(json!({"user_name": answer}))
        .state(&first)
        .result(&server)
        .await;
    assert_eq!(keys(&second), ["again"]);
    let third = call("effect")
        .answers(json!({"again": answer}))
        .state(&second)
        .result(&server)
        .await;
    assert_eq!(text(&third), r#"0 Some("yes") Some("yes")"#);
    assert_eq!(EFFECTS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn rounds_and_states_are_bounded() {
    let server = Router::new("s", "1")
        .limits(
            Limits::default()
                .max_input_rounds(3)
                .max_request_state(2_000),
        )
        .tool("forever", async |input: Input| Err::<(), _>(input.wait()))
        .tool("big", async |input: Input| {
            input.remember("much", &"x".repeat(2_000))?;
            Err::<(), _>(input.wait())
        });
    let mut last = json!({});
    for _ in 0..3 {
        last = call("forever").state(&last).result(&server).await;
    }
    let (code, message) = call("forever").state(&last).error(&server).await;
    assert_eq!(code, -32603);
    assert!(message.contains("more than 3 rounds"), "{message}");
    let (code, message) = call("big").error(&server).await;
    assert_eq!(code, -32603);
    assert!(message.contains("limit of 2000"), "{message}");
}
