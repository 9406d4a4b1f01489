//! From somebody's own extension schema to a crate that compiles and speaks it: `--import`, then
//! `codegen --out`, then what a user of the generated types would do.
//!
//! The schema of the tasks extension is tried where it is at hand; a small one of our own always is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step of a test is a failed test"
)]
#![allow(clippy::print_stdout, reason = "says what was left out")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn xtask(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(args)
        .output()
        .unwrap();
    text_of(&output, &format!("xtask {}", args.join(" ")))
}

fn text_of(output: &Output, what: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}\n{stdout}\n{stderr}");
    stdout
}

/// A crate around the types that are generated out of a schema.
struct Extension {
    folder: PathBuf,
    draft: String,
}

impl Extension {
    /// Drafts a model, generates its types, and puts `main.rs` beside them.
    fn new(name: &str, schema: &Path, main: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("extensions")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        let model = folder.join("model.toml");
        let generated = folder.join("src/generated");
        let (model, generated) = (model.to_str().unwrap(), generated.to_str().unwrap());
        xtask(&[
            "codegen",
            "--import",
            schema.to_str().unwrap(),
            "--name",
            name,
            "--out",
            model,
        ]);
        xtask(&["codegen", "--model", model, "--out", generated]);
        xtask(&["codegen", "--model", model, "--out", generated, "--check"]);
        xtask(&[
            "codegen",
            "--model",
            model,
            "--against",
            schema.to_str().unwrap(),
        ]);

        let types = workspace().join("crates/mcpwire-types");
        let manifest = format!(
            "[package]\nname = \"extension-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\nmcpwire-types = {{ path = '{}' }}\nserde_json = \"1\"\n[workspace]\n",
            types.display()
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The versions of the workspace are there, so that nothing has to be fetched.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        fs::write(folder.join("src/main.rs"), format!("{PRELUDE}{main}")).unwrap();
        // The same types as a library: they ask for neither the standard library nor another crate.
        fs::write(folder.join("src/lib.rs"), LIBRARY).unwrap();
        Self {
            draft: fs::read_to_string(model).unwrap(),
            folder,
        }
    }

    /// Compiles and runs it.
    fn run(&self) -> String {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["run", "--quiet", "--offline"])
            .current_dir(&self.folder);
        // One for both tests, so that the second finds mcpwire-types built.
        cargo.env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("extensions/target"),
        );
        text_of(&cargo.output().unwrap(), "cargo run")
    }

    fn drafts(&self, name: &str) -> bool {
        self.draft
            .contains(&format!("[[type]]\nname = \"{name}\"\n"))
    }
}

const LIBRARY: &str = "#![no_std]\n#![deny(warnings)]\npub mod generated;\n";

/// What every generated crate can do: read a message, write it, and find nothing lost.
const PRELUDE: &str = r#"
#![deny(warnings)]
#[allow(dead_code, unused_imports)]
mod generated;
#[allow(unused_imports)]
use generated::*;

macro_rules! round_trip {
    ($type:ident, $text:expr) => {{
        let value: $type<'_> = mcpwire_types::decode_str($text).unwrap();
        let owned: $type<'static> = value.clone().into_owned();
        assert!(owned == value);
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let again = serde_json::to_string(&value).unwrap();
        assert_eq!(json(&again), json($text), "{}", stringify!($type));
        println!("{}", stringify!($type));
        value
    }};
}

macro_rules! refused {
    ($type:ident, $text:expr, $path:expr) => {{
        let error = mcpwire_types::decode_str::<$type<'_>>($text).unwrap_err().to_string();
        assert!(error.starts_with(concat!($path, ":")), "{error}");
        println!("refused {}", stringify!($type));
    }};
}
"#;

#[test]
fn a_small_extension_becomes_a_crate() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts.schema.json");
    let alerts = Extension::new("alerts", &schema, ALERTS);
    for used in ["Icon", "JSONRPCRequest", "Result"] {
        assert!(
            !alerts.drafts(used) && alerts.draft.contains(&format!("    \"{used}\",\n")),
            "{used} is ours already"
        );
    }
    assert!(
        !alerts.drafts("Implementation"),
        "nothing of the extension names it"
    );
    assert!(
        !alerts.draft.contains("How bad it is"),
        "a draft takes no sentences over"
    );
    let said = alerts.run();
    assert_eq!(said.lines().count(), 7, "{said}");
}

const ALERTS: &str = r##"
fn main() {
    assert_eq!(method::ALERTS_LIST, "alerts/list");

    let text = r#"{"alertId":"a1","level":"warning","area":{"shape":"circle","radius":2.5,"name":"Old Town"},
        "endsAt":null,"severity":7,"source":{"src":"https://example.com/i.png","theme":"dark"},
        "details":[1,{"b":null}],"readings":{"wind":31},"type":{"self":true,"$ref":"https://example.com"},"later":[0.10]}"#;
    let alert = round_trip!(Alert, text);
    assert_eq!(alert.level, AlertLevel::Warning);
    assert!(alert.ends_at.is_none());
    assert!(matches!(alert.source, Some(AlertSource::Object(mcpwire_types::Icon { .. }))));
    let AlertArea::Circle(circle) = &alert.area else { panic!("{:?}", alert.area) };
    assert_eq!(circle.radius.as_f64(), 2.5);

    // A level, an area and a kind of source that a later version of the extension adds.
    let text = r#"{"alertId":"a2","level":"catastrophe","area":{"shape":"hexagon","side":1},"endsAt":"2026-08-01T00:00:00Z","source":7}"#;
    let alert = round_trip!(Alert, text);
    assert_eq!(alert.level.as_str(), "catastrophe");
    assert!(matches!(alert.area, AlertArea::Unknown(_)));

    let request = round_trip!(ListAlertsRequest, r#"{"jsonrpc":"2.0","id":7,"method":"alerts/list","params":{"least":"danger"}}"#);
    assert_eq!(request.id, mcpwire_types::RequestId::from(7));
    round_trip!(ListAlertsResult, r#"{"resultType":"complete","alerts":[],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"n","version":"1"}}}"#);
    let area = round_trip!(AlertAreaResult, r#"{"resultType":"complete","shape":"region","codes":["a","b"]}"#);
    assert!(matches!(area, AlertAreaResult::Region(region) if region.codes.len() == 2));
    round_trip!(AlertsCapability, "{}");
    refused!(Alert, r#"{"alertId":"a1","level":"warning","area":{"shape":"circle"},"endsAt":null}"#, "$.area.radius");
}
"##;

/// TASK-13, TASK-14
#[test]
fn the_tasks_extension_becomes_a_crate() {
    let beside = workspace().join("../shared/spec");
    let spec = std::env::var_os("MCPWIRE_SPEC_DIR").map_or(beside, PathBuf::from);
    let schema = spec.join("ext-tasks/schema.json");
    if !schema.exists() {
        println!(
            "left out: there is no {} (MCPWIRE_SPEC_DIR names another folder)",
            schema.display()
        );
        return;
    }
    let tasks = Extension::new("tasks", &schema, TASKS);
    for used in [
        "Error",
        "InputRequests",
        "InputResponses",
        "JSONRPCNotification",
        "Result",
    ] {
        assert!(
            !tasks.drafts(used) && tasks.draft.contains(&format!("    \"{used}\",\n")),
            "{used} is ours already"
        );
    }
    // 20 definitions are the extension's own; 13 shapes in them have no name in the schema.
    let drafted = tasks.draft.matches("[[type]]").count();
    assert_eq!(
        (drafted, tasks.draft.matches("inline = true").count()),
        (33, 13)
    );
    let said = tasks.run();
    assert_eq!(said.lines().count(), 9, "{said}");
}

const TASKS: &str = r##"
use mcpwire_types::InputRequest;

fn main() {
    assert_eq!(method::TASKS_GET, "tasks/get");
    assert_eq!(method::NOTIFICATIONS_TASKS, "notifications/tasks");

    let text = r#"{"jsonrpc":"2.0","id":"g","method":"tasks/get","params":{"taskId":"t-1","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let request = round_trip!(GetTaskRequest, text);
    assert_eq!(request.params.task_id, "t-1");

    let text = r#"{"resultType":"task","taskId":"t-1","status":"working","createdAt":"2026-07-28T10:00:00Z","lastUpdatedAt":"2026-07-28T10:00:01Z","ttlMs":null,"pollIntervalMs":500}"#;
    let created = round_trip!(CreateTaskResult, text);
    assert_eq!(created.status, TaskStatus::Working);
    assert!(created.ttl_ms.is_none());

    let text = r#"{"resultType":"complete","taskId":"t-1","status":"input_required","createdAt":"a","lastUpdatedAt":"b","ttlMs":60000,
        "inputRequests":{"k":{"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://example.com"}}}}"#;
    let GetTaskResult::InputRequired(task) = round_trip!(GetTaskResult, text) else { panic!("not input_required") };
    assert_eq!(task.ttl_ms, Some(60000));
    assert!(matches!(task.input_requests.get("k"), Some(InputRequest::Elicit(_))));

    let text = r#"{"resultType":"complete","taskId":"t-1","status":"completed","createdAt":"a","lastUpdatedAt":"b","ttlMs":null,
        "result":{"content":[{"type":"text","text":"done"}],"isError":false}}"#;
    let GetTaskResult::Completed(task) = round_trip!(GetTaskResult, text) else { panic!("not completed") };
    assert!(task.result.as_str().contains("done"));

    let text = r#"{"taskId":"t-1","status":"paused","createdAt":"a","lastUpdatedAt":"b","ttlMs":1}"#;
    assert!(matches!(round_trip!(DetailedTask, text), DetailedTask::Unknown(_)));

    let text = r#"{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"t-1","status":"failed","createdAt":"a","lastUpdatedAt":"b",
        "ttlMs":null,"error":{"code":-32603,"message":"boom"},"_meta":{"io.modelcontextprotocol/subscriptionId":4}}}"#;
    let notification = round_trip!(TaskStatusNotification, text);
    assert!(matches!(notification.params, TaskStatusNotificationParams::Failed(failed) if failed.error.code == -32603));

    round_trip!(UpdateTaskRequest, r#"{"jsonrpc":"2.0","id":1,"method":"tasks/update","params":{"taskId":"t-1","inputResponses":{"k":{"action":"accept"}}}}"#);
    round_trip!(CancelTaskResult, r#"{"resultType":"complete"}"#);
    refused!(GetTaskResult, r#"{"resultType":"complete","taskId":"t-1","status":"failed","createdAt":"a","lastUpdatedAt":"b","ttlMs":null}"#, "$.error");
}
"##;
