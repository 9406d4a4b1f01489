//! Asks a server what it offers, and prints it: `explore http://127.0.0.1:8080/mcp`.
#![allow(clippy::print_stdout, reason = "an example talks on stdout")]

use mcpwire_client::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("usage: explore URL")?;
    let client = Client::builder(mcpwire_http::client::Client::new(&url)?)
        .info("explore", "1.0.0")
        .build();

    let found = client.discover().await?;
    match found.meta.and_then(|meta| meta.server_info) {
        Some(info) => print!("{} {}", info.name, info.version),
        None => print!("a server without a name"),
    }
    println!(", speaks {}", found.supported_versions.join(", "));

    let capabilities = found.capabilities;
    if capabilities.tools.is_some() {
        let tools = client.list_tools().await?;
        for skipped in &tools.skipped {
            eprintln!("left out: {skipped}");
        }
        for tool in tools {
            let about = tool.description.unwrap_or_default();
            println!("tool      {:<40} {about}", tool.name);
        }
    }
    if capabilities.resources.is_some() {
        for resource in client.list_resources().await? {
            println!("resource  {:<40} {}", resource.name, resource.uri);
        }
        for template in client.list_resource_templates().await? {
            println!("template  {:<40} {}", template.name, template.uri_template);
        }
    }
    if capabilities.prompts.is_some() {
        for prompt in client.list_prompts().await? {
            let about = prompt.description.unwrap_or_default();
            println!("prompt    {:<40} {about}", prompt.name);
        }
    }
    Ok(())
}
