//! Header fields that mirror the body, held against it (HTTP-35 to HTTP-58).
//!
//! A proxy may have routed or billed by the headers, so a request whose headers and body say
//! different things is refused, never interpreted. `Mcp-Param-*` is the business of the service.

use mcpwire_codec::{Message, Part};
use mcpwire_service::{Request, check_handshake, check_required, check_version, header_value};
use mcpwire_types::{Error, method};

use super::fields::{Field, Fields};
use super::refusal::shown;

const VERSION: &str = "MCP-Protocol-Version";
const METHOD: &str = "Mcp-Method";
const NAME: &str = "Mcp-Name";

/// All checks of a request that need both its headers and its body, in the order of HTTP-56.
pub(crate) fn check_request(
    fields: &Fields<'_>,
    request: &Request,
    supported: &[&str],
) -> Result<(), Error<'static>> {
    let version = single(fields.version, VERSION);
    check_handshake(request, supported)?;
    let version = version?.ok_or_else(|| {
        mismatch(format!(
            "{VERSION} is missing: send it with the version that _meta names"
        ))
    })?;
    check_required(request)?;
    if version != request.protocol_version().unwrap_or_default().as_bytes() {
        return Err(differs(VERSION, version, "the protocol version in _meta"));
    }
    check_version(request, supported)?;
    let mirrored = single(fields.method, METHOD)?.ok_or_else(|| {
        mismatch(format!(
            "{METHOD} is missing: send it with the method of the body"
        ))
    })?;
    check_method(mirrored, &request.method())?;
    check_name(fields, request)
}

/// What little is certain about a notification: no header is prescribed (HTTP-18), but those that
/// are there have to be true.
pub(crate) fn check_notification(
    fields: &Fields<'_>,
    message: &Message,
    supported: &[&str],
) -> Result<(), Error<'static>> {
    if let Some(version) = single(fields.version, VERSION)?
        && !supported
            .iter()
            .any(|supported| supported.as_bytes() == version)
    {
        let version = String::from_utf8_lossy(version).into_owned();
        return Err(Error::unsupported_version(&version, supported));
    }
    single(fields.method, METHOD)?.map_or(Ok(()), |mirrored| {
        check_method(mirrored, &message.method().unwrap_or_default())
    })
}

/// HTTP-42, HTTP-48.
fn check_method(mirrored: &[u8], method: &str) -> Result<(), Error<'static>> {
    if mirrored == method.as_bytes() {
        return Ok(());
    }
    Err(differs(METHOD, mirrored, "the method of the body"))
}

/// HTTP-43 to HTTP-46, HTTP-58; for the tasks extension TASK-41.
fn check_name(fields: &Fields<'_>, request: &Request) -> Result<(), Error<'static>> {
    let (part, member) = match &*request.method() {
        method::TOOLS_CALL | method::PROMPTS_GET => (Part::Name, "params.name"),
        method::RESOURCES_READ => (Part::Uri, "params.uri"),
        "tasks/get" | "tasks/update" | "tasks/cancel" => (Part::TaskId, "params.taskId"),
        _ => return Ok(()),
    };
    if let (Field::Once(mirrored), Some(json)) = (fields.name, request.message().raw(part))
        && is_plainly(json, mirrored.as_bytes())
    {
        return Ok(());
    }
    let Some(name) = request.message().text(part) else {
        return Err(Error::invalid_params(format!(
            "{member} is missing or not a string"
        )));
    };
    let raw = single(fields.name, NAME)?
        .ok_or_else(|| mismatch(format!("{NAME} is missing: send it with {member}")))?;
    match header_value::decode(raw) {
        Ok(mirrored) if mirrored == name => Ok(()),
        Ok(_) => Err(differs(NAME, raw, member)),
        Err(error) => Err(mismatch(format!("{NAME} {error}"))),
    }
}

/// Whether a string and a header value are the same bytes, and neither of them stands for others: as nearly
/// all names are, which need not be decoded.
fn is_plainly(json: &[u8], raw: &[u8]) -> bool {
    let inner = json
        .strip_prefix(b"\"")
        .and_then(|json| json.strip_suffix(b"\""));
    inner == Some(raw)
        && !raw.starts_with(b"=")
        && raw
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b'\\')
}

/// The value of a field that may be there once (HTTP-53), without outer white space (HTTP-52).
fn single<'h>(field: Field<'h>, name: &str) -> Result<Option<&'h [u8]>, Error<'static>> {
    match field {
        Field::Missing => Ok(None),
        Field::Once(value) => Ok(Some(value.as_bytes().trim_ascii())),
        Field::Repeated => Err(mismatch(format!(
            "{name} was sent more than once: send it once"
        ))),
    }
}

fn differs(name: &str, found: &[u8], member: &str) -> Error<'static> {
    mismatch(format!(
        "{name} is {}, which differs from {member}",
        shown(found)
    ))
}

fn mismatch(message: String) -> Error<'static> {
    Error::header_mismatch(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HTTP-43: what is let pass without being decoded says the same once it is.
    #[test]
    fn http_43_only_what_stands_for_itself_is_plain() {
        for name in [
            "echo",
            "a.b/c-d_e",
            "!~\"\\",
            "=?base64?Zm9v?=",
            "=",
            "a b",
            " a",
            "\u{e4}",
            "",
        ] {
            let json = serde_json::to_string(name).unwrap();
            for raw in [name, json.trim_matches('"'), &header_value::encode(name)] {
                let decoded = header_value::decode(raw.as_bytes());
                let same = decoded.is_ok_and(|decoded| decoded == name);
                assert!(
                    same || !is_plainly(json.as_bytes(), raw.as_bytes()),
                    "{name:?} {raw:?}"
                );
            }
        }
        assert!(is_plainly(b"\"echo\"", b"echo"));
        assert!(!is_plainly(b"echo", b"echo"));
    }
}
