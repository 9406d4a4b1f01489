//! Names made from the names of the wire.

/// `tools/list_changed` to `ToolsListChanged`, `inputSchema` to `InputSchema`, `$schema` to `Schema`.
pub fn pascal(wire: &str) -> String {
    let mut name = String::new();
    let mut upper = true;
    for c in wire.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        } else {
            upper = true;
        }
    }
    name
}

/// `tools/list_changed` to `TOOLS_LIST_CHANGED`, `clientInfo` to `CLIENT_INFO`.
pub fn screaming(wire: &str) -> String {
    let mut name = String::new();
    let mut lower_before = false;
    for c in wire.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower_before {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
            lower_before = !c.is_ascii_uppercase();
        } else {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            lower_before = false;
        }
    }
    name
}

/// What stands behind the last slash: `io.modelcontextprotocol/clientInfo` to `clientInfo`.
pub fn last_segment(wire: &str) -> &str {
    wire.rsplit('/').next().unwrap_or(wire)
}

/// `ext-tasks`, `ListTools` to `ext_tasks`, `list_tools`: a name for a Rust module.
pub fn snake(name: &str) -> String {
    screaming(name)
        .to_lowercase()
        .trim_end_matches('_')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_wire_become_names_of_rust() {
        assert_eq!(pascal("inputSchema"), "InputSchema");
        assert_eq!(pascal("tools/list_changed"), "ToolsListChanged");
        assert_eq!(pascal("$schema"), "Schema");
        assert_eq!(
            screaming("notifications/tools/list_changed"),
            "NOTIFICATIONS_TOOLS_LIST_CHANGED"
        );
        assert_eq!(screaming("clientInfo"), "CLIENT_INFO");
        assert_eq!(
            screaming("UnsupportedProtocolVersion"),
            "UNSUPPORTED_PROTOCOL_VERSION"
        );
        assert_eq!(snake("ext-tasks"), "ext_tasks");
        assert_eq!(
            last_segment("io.modelcontextprotocol/clientInfo"),
            "clientInfo"
        );
    }
}
