//! The contestants, each written as its README says.

mod echo;
mod mcpwire;
mod rmcp;

/// In the order of the columns.
pub(crate) const NAMES: [&str; 5] = ["echo", "echo-tokio", "mcpwire", "rmcp", "rmcp-pipes"];

/// Ends when stdin does.
pub(crate) fn run(name: &str) -> Result<(), String> {
    match name {
        "echo" => echo::pipes(),
        "echo-tokio" => echo::stdio(),
        "mcpwire" => mcpwire::run(),
        "rmcp" => rmcp::stdio(),
        "rmcp-pipes" => rmcp::pipes(),
        _ => Err(format!(
            "there is no {name}: there are {}",
            NAMES.join(", ")
        )),
    }
}
