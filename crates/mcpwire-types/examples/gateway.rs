//! What a gateway does to a list of tools: reads it, changes one thing, writes it, loses nothing.
//!
//! `cargo run -p mcpwire-types --example gateway`

use mcpwire_types::{JSONValue, ListToolsResultResponse, MetaObject, decode_str};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let from_backend = r#"{"jsonrpc":"2.0","id":"list-1","result":{"resultType":"complete","tools":[
        {"name":"weather","description":"Current weather","inputSchema":{"type":"object","x-ui":"map"},"rating":4.5},
        {"name":"admin_reset","inputSchema":{"type":"object"}}
    ],"ttlMs":60000,"cacheScope":"private"}}"#;

    let mut response: ListToolsResultResponse<'_> = decode_str(from_backend)?;
    let tools = &mut response.result.tools;
    tools.retain(|tool| !tool.name.starts_with("admin_"));
    for tool in tools {
        let meta = tool.meta.get_or_insert_with(MetaObject::new);
        meta.extra
            .insert("com.example/backend", JSONValue::from_serialize("eu-1")?);
    }

    // `rating` and `x-ui` are nothing that the protocol knows; they are still there.
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, &response)?;
    Ok(())
}
