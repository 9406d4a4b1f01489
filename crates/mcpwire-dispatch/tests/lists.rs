//! Lists: pages, cursors, order, changes at run time (PAGE, CACHE, TOOL rows).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use mcpwire_dispatch::{HandlerError, Limits, Router, prompt, resource};
use serde_json::{Value, json};
use support::{call_tool, error, result, text};

async fn nothing() -> Result<String, HandlerError> {
    Ok(String::new())
}

fn names(listed: &Value, member: &str, key: &str) -> Vec<String> {
    let entries = listed[member].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry[key].as_str().unwrap().to_owned())
        .collect()
}

async fn all_pages(server: &Router, method: &str, member: &str, key: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = result(server, method, params).await;
        pages.push(names(&page, member, key));
        match page.get("nextCursor") {
            None => return pages,
            Some(cursor) => params = json!({ "cursor": cursor }),
        }
    }
}

fn server(entries: usize) -> Router {
    let mut server = Router::new("lists", "1").limits(Limits::default().page_size(3));
    for n in 0..entries {
        server = server
            .tool(format!("tool-{n}"), nothing)
            .prompt(prompt(format!("prompt-{n}")), nothing)
            .resource(resource(format!("res://{n}")), nothing)
            .resource_template(format!("tpl://{n}/{{id}}"), nothing);
    }
    server
}

const LISTS: [(&str, &str, &str); 4] = [
    ("tools/list", "tools", "name"),
    ("prompts/list", "prompts", "name"),
    ("resources/list", "resources", "uri"),
    (
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    ),
];

/// PAGE-01, RES-05, RES-06, PROMPT-05.
#[tokio::test]
async fn page_03_pages_hold_every_entry_once_in_order() {
    for (method, member, key) in LISTS {
        for (entries, sizes) in [
            (1, vec![1]),
            (3, vec![3]),
            (4, vec![3, 1]),
            (8, vec![3, 3, 2]),
        ] {
            let server = server(entries);
            let pages = all_pages(&server, method, member, key).await;
            let found: Vec<_> = pages.iter().map(Vec::len).collect();
            assert_eq!(found, sizes, "{method}, {entries} entries");
            let whole = server.limits(Limits::default());
            let one = all_pages(&whole, method, member, key).await;
            assert_eq!(pages.concat(), one.concat());
            assert_eq!(one.len(), 1);
        }
    }
}

/// PAGE-11: another replica with the same entries goes on from the same cursor.
/// BASE-36, BASE-38.
#[tokio::test]
async fn page_11_a_cursor_is_good_on_any_replica() {
    let first = result(&server(5), "tools/list", json!({})).await;
    let params = json!({"cursor": first["nextCursor"]});
    let second = result(&server(5), "tools/list", params.clone()).await;
    assert_eq!(names(&second, "tools", "name"), ["tool-3", "tool-4"]);
    // PAGE-05: and again.
    assert_eq!(result(&server(5), "tools/list", params).await, second);
}

#[tokio::test]
async fn page_06_cursors_that_are_not_ours_are_refused() {
    let server = server(5);
    let prompts = result(&server, "prompts/list", json!({})).await;
    let cursor = result(&server, "tools/list", json!({})).await["nextCursor"].clone();
    let cursor = cursor.as_str().unwrap();
    for (method, _, _) in LISTS {
        for bad in [
            json!(""),
            json!("x"),
            json!("dG9vbC0y"),
            json!(7),
            json!(["a"]),
            json!(format!("{cursor}x")),
            json!(format!("{cursor}=")),
        ] {
            let failed = error(&server, method, json!({"cursor": bad})).await;
            assert_eq!(failed["code"], -32602, "{method} {bad}");
        }
    }
    // A cursor belongs to one list.
    let failed = error(
        &server,
        "tools/list",
        json!({"cursor": prompts["nextCursor"]}),
    )
    .await;
    assert_eq!(failed["code"], -32602);
    // PAGE-10: null is no cursor.
    let first = result(&server, "tools/list", json!({"cursor": null})).await;
    assert_eq!(
        names(&first, "tools", "name"),
        ["tool-0", "tool-1", "tool-2"]
    );
}

#[tokio::test]
async fn page_05_a_cursor_survives_the_removal_of_other_entries() {
    let server = server(8);
    let first = result(&server, "tools/list", json!({})).await;
    let params = json!({"cursor": first["nextCursor"]});
    assert!(server.remove_tool("tool-0"));
    let second = result(&server, "tools/list", params.clone()).await;
    assert_eq!(
        names(&second, "tools", "name"),
        ["tool-3", "tool-4", "tool-5"]
    );
    // CACHE-35: the entry that it names is gone.
    assert!(server.remove_tool("tool-2"));
    assert_eq!(error(&server, "tools/list", params).await["code"], -32602);
}

/// RES-02, RES-03, PROMPT-02, PROMPT-03.
#[tokio::test]
async fn tool_03_the_set_changes_while_the_server_runs() {
    let server = server(1);
    let handle = server.clone();
    assert_eq!(
        names(
            &result(&server, "tools/list", json!({})).await,
            "tools",
            "name"
        ),
        ["tool-0"]
    );
    handle.add_tool("late", async || Ok("here")).unwrap();
    let listed = result(&server, "tools/list", json!({})).await;
    assert_eq!(names(&listed, "tools", "name"), ["tool-0", "late"]);
    assert_eq!(text(&call_tool(&server, "late", json!({})).await), "here");
    assert!(handle.remove_tool("late"));
    assert!(!handle.remove_tool("late"));
    assert_eq!(
        error(&server, "tools/call", json!({"name": "late"})).await["code"],
        -32602
    );
    assert!(handle.remove_tool("tool-0"));
    assert_eq!(
        result(&server, "tools/list", json!({})).await["tools"],
        json!([])
    );
    assert!(handle.add_tool("tool-0", nothing).is_ok());
    assert!(handle.add_tool("tool-0", nothing).is_err());

    assert!(handle.remove_prompt("prompt-0") && !handle.remove_prompt("prompt-0"));
    assert!(handle.remove_resource("res://0") && !handle.remove_resource("res://0"));
    let template = "tpl://0/{id}";
    assert!(
        handle.remove_resource_template(template) && !handle.remove_resource_template(template)
    );
    for (method, member, _) in LISTS.into_iter().skip(1) {
        assert_eq!(
            result(&server, method, json!({})).await[member],
            json!([]),
            "{method}"
        );
    }
}

#[tokio::test]
async fn tool_03_a_handler_can_change_the_set() {
    let server = Router::new("self", "1").tool("grow", async |router: Router| {
        router.add_tool("grown", async || Ok("new"))?;
        Ok(())
    });
    call_tool(&server, "grow", json!({})).await;
    assert_eq!(text(&call_tool(&server, "grown", json!({})).await), "new");
    assert_eq!(call_tool(&server, "grow", json!({})).await["isError"], true);
}
