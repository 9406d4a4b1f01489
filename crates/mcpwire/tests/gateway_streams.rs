//! Gateways pass on what comes before a result: everything, in order, under the caller's own names.
#![allow(clippy::expect_used, reason = "tests")]

mod support;

use support::{
    Answer, Remote, answer, begin_post, child, http_client, meta, over_http, over_stdio,
};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

fn call(id: &str, more_meta: &str) -> String {
    let meta = meta(more_meta);
    format!(
        r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"name":"bake",{meta}}},"id":{id}}}"#
    )
}

fn listen(id: &str) -> String {
    let meta = meta("");
    format!(
        r#"{{"jsonrpc":"2.0","method":"subscriptions/listen","params":{{"notifications":{{"toolsListChanged":true}},{meta}}},"id":{id}}}"#
    )
}

fn progress(token: &str, n: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{ "progress":{n},"x" : [1.0], "progressToken" :{token} , "message":"\u00e9"}}}}"#
    )
}

fn log(text: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/message","params":{{"level":"info", "data" :{{"t":"{text}", "n":1.0}}}}}}"#
    )
}

fn result(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"complete", "content":[],"n":1.0}}}}"#
    )
}

fn acknowledged(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{ "_meta":{{ "{SUBSCRIPTION}" : {id} ,"a":1.0}}, "notifications":{{"toolsListChanged":true}}}}}}"#
    )
}

fn changed(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{{"x":1.50,"_meta":{{"{SUBSCRIPTION}":{id}}}}}}}"#
    )
}

fn closed(id: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"complete","_meta":{{ "b":1.0, "{SUBSCRIPTION}":{id}}}}}}}"#
    )
}

async fn event(answer: &mut Answer) -> String {
    answer.event().await.expect("the stream ended")
}

#[tokio::test]
async fn stdio_to_http_gives_progress_and_logs_in_order() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    for token in [r#""my\/token""#, "17", r#""1""#] {
        let meta =
            format!(r#","io.modelcontextprotocol/logLevel":"info","progressToken" : {token}"#);
        let posted = begin_post(address, &call(r#""c1""#, &meta), &[]).await;
        let line = child.hear().await;
        // On the connection that callers share, the child has a number in place of their names.
        let (_, number) = line.rsplit_once("\"id\":").unwrap();
        let number = number.trim_end_matches('}');
        assert!(
            line.contains(&format!(r#""progressToken" : {number}}}"#)),
            "{line}"
        );
        for n in 1..=3 {
            child.say(&progress(number, &format!("{n}.0"))).await;
            child.say(&log(&format!("loaf {n}"))).await;
        }
        child.say(&result(number)).await;

        let mut answer = answer(posted).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.field("content-type"), Some("text/event-stream"));
        for n in 1..=3 {
            assert_eq!(event(&mut answer).await, progress(token, &format!("{n}.0")));
            assert_eq!(event(&mut answer).await, log(&format!("loaf {n}")));
        }
        assert_eq!(event(&mut answer).await, result(r#""c1""#));
        assert_eq!(answer.event().await, None);
    }
}

#[tokio::test]
async fn http_to_stdio_gives_progress_and_logs_in_order() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    let message = call(r#""c1""#, r#","progressToken":"my\/token""#);
    caller.say(&message).await;
    let mut exchange = remote.hear().await;
    assert_eq!(exchange.body, message);
    exchange.events().await;
    for n in 1..=3 {
        let said = [progress(r#""my\/token""#, &format!("{n}.0")), log("loaf")];
        for message in &said {
            exchange.event(message).await;
            // Each comes when it is said, not when the stream is over.
            assert_eq!(caller.hear().await, *message);
        }
    }
    exchange.event(&result(r#""c1""#)).await;
    assert_eq!(caller.hear().await, result(r#""c1""#));
}

/// Two streams at a time over one child: neither hears of the other.
#[tokio::test]
async fn prog_03_streams_of_two_callers_stay_apart() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let mut numbers = Vec::new();
    let mut posted = Vec::new();
    for _ in 0..2 {
        let message = call("1", r#","progressToken":"same""#);
        posted.push(begin_post(address, &message, &[]).await);
        let line = child.hear().await;
        let (_, number) = line.rsplit_once("\"id\":").unwrap();
        numbers.push(number.trim_end_matches('}').to_owned());
    }
    for (number, n) in numbers.iter().zip(["1.0", "2.0"]) {
        child.say(&progress(number, n)).await;
    }
    for number in numbers.iter().rev() {
        child.say(&result(number)).await;
    }
    for (posted, n) in posted.into_iter().zip(["1.0", "2.0"]) {
        let mut answer = answer(posted).await;
        assert_eq!(event(&mut answer).await, progress(r#""same""#, n));
        assert_eq!(event(&mut answer).await, result("1"));
        assert_eq!(answer.event().await, None);
    }
}

/// SUB-13: the subscription's ID is that of the caller's request.
#[tokio::test]
async fn sub_13_stdio_to_http_listens_under_the_callers_id() {
    let (client, mut child) = child();
    let (address, _serving) = over_http(client).await;
    let mut answers = Vec::new();
    for (id, number) in [(r#""l\/1""#, "1"), ("9", "2")] {
        let posted = begin_post(address, &listen(id), &[]).await;
        assert_eq!(child.hear().await, listen(number));
        child.say(&acknowledged(number)).await;
        let mut answer = answer(posted).await;
        let id = id.replace(r"\/", "/");
        assert_eq!(event(&mut answer).await, acknowledged(&id));
        answers.push((answer, id, number));
    }
    for (answer, id, number) in answers.iter_mut().rev() {
        child.say(&changed(number)).await;
        assert_eq!(event(answer).await, changed(id));
    }
    for (answer, id, number) in &mut answers {
        child.say(&closed(number)).await;
        assert_eq!(event(answer).await, closed(id));
        assert_eq!(answer.event().await, None);
    }
}

/// SUB-21: on stdio the end is told before the result.
#[tokio::test]
async fn sub_21_http_to_stdio_listens_and_tells_the_end() {
    let remote = Remote::bind("127.0.0.1:0").await;
    let (mut caller, _serving) = over_stdio(remote.client());
    caller.say(&listen("5")).await;
    let mut exchange = remote.hear().await;
    exchange.events().await;
    for message in [acknowledged("5"), changed("5"), changed("5")] {
        exchange.event(&message).await;
        assert_eq!(caller.hear().await, message);
    }
    exchange.event(&closed("5")).await;
    let end = caller.hear().await;
    assert!(end.contains("notifications/cancelled"), "{end}");
    assert!(end.contains(r#""requestId":5"#), "{end}");
    assert_eq!(caller.hear().await, closed("5"));
}

#[tokio::test]
async fn three_gateways_in_a_row_pass_streams_on() {
    let (client, mut child) = child();
    let (last, _last) = over_http(client).await;
    let (middle, _middle) = over_http(http_client(last)).await;
    let (mut caller, _first) = over_stdio(http_client(middle));
    caller.say(&call("1", r#","progressToken":"t""#)).await;
    child.hear().await;
    child.say(&progress("1", "1.0")).await;
    assert_eq!(caller.hear().await, progress(r#""t""#, "1.0"));
    child.say(&result("1")).await;
    assert_eq!(caller.hear().await, result("1"));

    caller.say(&listen(r#""l""#)).await;
    child.hear().await;
    for message in [acknowledged, changed] {
        child.say(&message("2")).await;
        assert_eq!(caller.hear().await, message(r#""l""#));
    }
}
