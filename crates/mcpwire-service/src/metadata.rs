//! The checks that every request of this revision has to pass before anything looks at its method.

use mcpwire_codec::Part;
use mcpwire_types::{Error, JSONObject, LoggingLevel, ProgressToken, meta_key};

use crate::Request;

/// Checks the per-request metadata: what is required is there and well-formed (META-10, META-11,
/// META-13, LOG-09, PROG-02), and the version is one of `supported` (VER-03).
///
/// Transports that mirror metadata call it between their own checks (HTTP-56); a dispatcher calls it
/// in any case. The error is ready for the peer.
pub fn check_metadata(request: &Request, supported: &[&str]) -> Result<(), Error<'static>> {
    check_required(request)?;
    check_version(request, supported)
}

/// The part of [`check_metadata`] that does not look at which version was asked for.
///
/// A request that has passed it is not looked at again, since its message never changes.
pub fn check_required(request: &Request) -> Result<(), Error<'static>> {
    if !request.is_well_formed() {
        look_for_required(request)?;
        request.set_well_formed();
    }
    Ok(())
}

fn look_for_required(request: &Request) -> Result<(), Error<'static>> {
    let message = request.message();
    let missing = |what: &str| Error::invalid_params(format!("params{what} is missing: {REMEDY}"));
    if message.raw(Part::Params).is_none() {
        return Err(missing(""));
    }
    let Some(meta) = message.raw(Part::Meta) else {
        return Err(missing("._meta"));
    };
    if !meta.starts_with(b"{") {
        return Err(Error::invalid_params("params._meta is not an object"));
    }
    if message.raw(Part::ProtocolVersion).is_none() {
        return Err(missing(&member(meta_key::PROTOCOL_VERSION)));
    }
    if request.protocol_version().is_none() {
        return Err(wrong(meta_key::PROTOCOL_VERSION, "a string"));
    }
    match message.raw(Part::ClientCapabilities) {
        None => return Err(missing(&member(meta_key::CLIENT_CAPABILITIES))),
        // Of many clients; there is nothing in it that could be wrong.
        Some(b"{}") => {}
        Some(_) => {
            if let Err(error) = request.client_capabilities() {
                return Err(Error::invalid_params(error.to_string()));
            }
        }
    }
    if message.raw(Part::ProgressToken).is_some()
        && message
            .parse::<ProgressToken<'_>>(Part::ProgressToken)
            .is_err()
    {
        return Err(wrong(meta_key::PROGRESS_TOKEN, "a string or an integer"));
    }
    if message.raw(Part::LogLevel).is_some() {
        match message.parse::<LoggingLevel<'_>>(Part::LogLevel) {
            Ok(LoggingLevel::Unknown(_)) | Err(_) => {
                return Err(wrong(
                    meta_key::LOG_LEVEL,
                    "one of debug, info, notice, warning, error, critical, alert, emergency",
                ));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

/// The part of [`check_metadata`] that refuses a version that is not offered (VER-03, VER-05).
pub fn check_version(request: &Request, supported: &[&str]) -> Result<(), Error<'static>> {
    let requested = request.protocol_version().unwrap_or_default();
    if supported.contains(&&*requested) {
        return Ok(());
    }
    Err(Error::unsupported_version(&requested, supported))
}

/// Answers the `initialize` of an earlier revision, which has no metadata of this one: there is no
/// handshake, and these are the versions that there are instead (VER-20, VER-21).
///
/// Any other request passes, `initialize` with modern metadata among them: that is an unknown method
/// (VER-22).
pub fn check_handshake(request: &Request, supported: &[&str]) -> Result<(), Error<'static>> {
    // In this order: nearly every request has the metadata, and then nobody reads its method.
    if request.message().raw(Part::ProtocolVersion).is_some() || request.method() != "initialize" {
        return Ok(());
    }
    let requested = legacy_version(request).unwrap_or_default();
    let mut error = Error::unsupported_version(&requested, supported);
    error.message = format!(
        "this server has no initialize handshake: it speaks {}, where every request stands alone",
        supported.join(", ")
    )
    .into();
    Err(error)
}

/// `params.protocolVersion` of an `initialize` request.
fn legacy_version(request: &Request) -> Option<String> {
    let params: JSONObject<'_> = request.message().parse(Part::Params).ok()?;
    let version: String = params
        .members()
        .ok()?
        .get("protocolVersion")?
        .parse()
        .ok()?;
    (version.len() <= LONGEST_VERSION).then_some(version)
}

/// Bytes of a legacy version. What is longer is no version, and not worth sending back.
const LONGEST_VERSION: usize = 64;

const REMEDY: &str = "every request of this revision carries _meta with \
    io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities";

fn member(key: &str) -> String {
    format!("._meta[{key:?}]")
}

fn wrong(key: &str, expected: &str) -> Error<'static> {
    Error::invalid_params(format!("params{} is not {expected}", member(key)))
}
