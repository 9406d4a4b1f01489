//! The methods of the revision, by name.

use mcpwire_codec::{parse_valid, to_json};
use mcpwire_types::{CompletionReference, JSONObject};
use serde_core::ser::Serialize;

use crate::method::{CallTool, Complete, Discover, GetPrompt, ReadResource};
use crate::{Call, Client};

impl Client {
    /// Asks which versions, capabilities and instructions the server has.
    pub fn discover(&self) -> Call<'_, Discover> {
        self.call(Discover::new())
    }

    /// Calls a tool. The arguments are whatever serializes to a JSON object; `()` stands for none.
    ///
    /// A failure of the tool itself is a result with `is_error` (TOOL-33), not an error.
    pub fn call_tool<'c>(
        &'c self,
        name: &'c str,
        arguments: &(impl Serialize + ?Sized),
    ) -> Call<'c, CallTool<'c>> {
        let call = CallTool::new(name);
        match object(arguments) {
            Ok(None) => self.call(call),
            Ok(Some(arguments)) => self.call(call.arguments(arguments)),
            Err(error) => self.call(call).unwritable(error),
        }
    }

    /// Reads a resource.
    pub fn read_resource<'c>(&'c self, uri: &'c str) -> Call<'c, ReadResource<'c>> {
        self.call(ReadResource::new(uri))
    }

    /// Gets a prompt.
    pub fn get_prompt<'c>(
        &'c self,
        name: &'c str,
        arguments: impl IntoIterator<Item = (&'c str, &'c str)>,
    ) -> Call<'c, GetPrompt<'c>> {
        let prompt = arguments
            .into_iter()
            .fold(GetPrompt::new(name), |prompt, (name, value)| {
                prompt.argument(name, value)
            });
        self.call(prompt)
    }

    /// Asks for completions of `value`, the start of an argument of a prompt or template.
    pub fn complete<'c>(
        &'c self,
        reference: impl Into<CompletionReference<'c>>,
        argument: &'c str,
        value: &'c str,
    ) -> Call<'c, Complete<'c>> {
        self.call(Complete::new(reference, argument, value))
    }
}

/// The JSON object that `value` is; none for `null`.
fn object(
    value: &(impl Serialize + ?Sized),
) -> Result<Option<JSONObject<'static>>, serde_json::Error> {
    let json = to_json(value)?;
    if json == b"null" {
        return Ok(None);
    }
    let json = std::str::from_utf8(&json).map_err(serde_core::ser::Error::custom)?;
    let object = parse_valid::<JSONObject<'_>>(json).map_err(serde_core::ser::Error::custom)?;
    Ok(Some(object.into_owned()))
}
