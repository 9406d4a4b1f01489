//! Resources, a template, and who hears when one changes.

use mcpwire::dispatch::Changes;
use mcpwire::types::BlobResourceContents;
use mcpwire::{HandlerError, Path, Router, Uri, resource, resource_template, tool};
use serde_json::json;

use crate::content::PNG;

type Result<T> = std::result::Result<T, HandlerError>;

const WATCHED: &str = "test://watched-resource";

pub(crate) fn register(router: Router) -> Router {
    router
        .resource(
            resource("test://static-text")
                .name("Static text")
                .description("Text that is always the same")
                .mime_type("text/plain"),
            static_text,
        )
        .resource(
            resource("test://static-binary")
                .name("Static binary")
                .description("A picture that is always the same")
                .mime_type("image/png"),
            static_binary,
        )
        .resource(
            resource(WATCHED)
                .name("Watched resource")
                .description("Said to change by a tool")
                .mime_type("text/plain"),
            watched,
        )
        .resource(
            resource("test://empty")
                .name("Empty text")
                .mime_type("text/plain"),
            || async { Ok("") },
        )
        .resource(
            resource("test://unicode")
                .name("Text in several scripts")
                .mime_type("text/plain"),
            || async { Ok("zażółć gęślą jaźń, 你好, 🙂") },
        )
        .resource_template(
            resource_template("test://template/{id}/data")
                .name("Data by ID")
                .description("Made of the ID in the URI")
                .mime_type("application/json"),
            data_by_id,
        )
        .tool(
            tool("test_trigger_resource_change")
                .description("Says that the watched resource changed"),
            resource_change,
        )
}

async fn static_text() -> Result<&'static str> {
    Ok("This is the content of the static text resource.")
}

async fn static_binary(Uri(uri): Uri) -> Result<BlobResourceContents<'static>> {
    Ok(BlobResourceContents::new(uri.to_string(), PNG).mime_type("image/png"))
}

async fn watched() -> Result<&'static str> {
    Ok("This resource is watched.")
}

async fn data_by_id(Path(id): Path<String>) -> Result<String> {
    let data = format!("Data for ID: {id}");
    Ok(json!({"id": id, "templateTest": true, "data": data}).to_string())
}

async fn resource_change(changes: Changes) -> Result<&'static str> {
    changes.resource_updated(WATCHED);
    Ok("Said that the resource changed")
}
