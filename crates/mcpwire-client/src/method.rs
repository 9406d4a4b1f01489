//! The request methods of the revision, each with its parameters and its result.

use std::borrow::Cow;

use mcpwire_codec::parse_valid;
use mcpwire_types::{
    CallToolResult, CompleteResult, CompletionArgument, CompletionContext, CompletionReference,
    DecodeError, DiscoverResult, GetPromptResult, JSONObject, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, Map, ReadResourceResult,
    method,
};
use serde_core::ser::{Serialize, SerializeMap as _, Serializer};

use crate::{Client, lists};

/// A request method: what is sent, and as what the answer is read.
///
/// Answers are read by the method that was asked, never by trying types. Implement it for the
/// methods of an extension; `Serialize` writes the parameters, without `_meta`.
pub trait Method: Serialize + Send + Sync {
    /// The method's name, such as `tools/call`.
    const NAME: &'static str;

    /// What it gives.
    type Result: Send + 'static;

    /// Reads the JSON text of a result.
    fn decode(result: &str) -> Result<Self::Result, DecodeError>;

    /// Has a look at a result before it is handed out.
    #[doc(hidden)]
    fn received(client: &Client, result: &mut Self::Result) {
        let _ = (client, result);
    }

    /// The tool that is called, for the parameters that are mirrored in header fields (HDR-03).
    fn tool(&self) -> Option<&str> {
        None
    }
}

/// Writes an object of the members that are there.
macro_rules! members {
    ($serializer:expr, $($name:literal => $value:expr),* $(,)?) => {{
        let mut map = $serializer.serialize_map(None)?;
        $( if let Some(value) = &$value { map.serialize_entry($name, value)?; } )*
        map.end()
    }};
}

/// `server/discover`: which versions, capabilities and instructions the server has.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Discover;

impl Discover {
    /// Asks.
    pub fn new() -> Self {
        Self
    }
}

impl Serialize for Discover {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl Method for Discover {
    const NAME: &'static str = method::SERVER_DISCOVER;
    type Result = DiscoverResult<'static>;

    fn decode(result: &str) -> Result<Self::Result, DecodeError> {
        parse_valid::<DiscoverResult<'_>>(result).map(DiscoverResult::into_owned)
    }
}

/// A list that comes in pages.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $method:path, $result:ident $(, $received:item)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        #[non_exhaustive]
        pub struct $name {
            /// Where to go on, as the page before said; the first page without it (PAGE-09).
            pub cursor: Option<String>,
        }

        impl $name {
            /// The first page.
            pub fn new() -> Self {
                Self::default()
            }

            /// The page that a `nextCursor` leads to.
            pub fn after(cursor: impl Into<String>) -> Self {
                Self { cursor: Some(cursor.into()) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                members!(serializer, "cursor" => self.cursor)
            }
        }

        impl Method for $name {
            const NAME: &'static str = $method;
            type Result = $result<'static>;

            fn decode(result: &str) -> Result<Self::Result, DecodeError> {
                parse_valid::<$result<'_>>(result).map($result::into_owned)
            }

            $($received)?
        }
    };
}

list! {
    /// `tools/list`: one page of the tools, without those that must not be used (HDR-12).
    ListTools, method::TOOLS_LIST, ListToolsResult,
    fn received(client: &Client, page: &mut Self::Result) {
        page.tools.retain(|tool| lists::learn(&client.shared, tool).is_ok());
    }
}
list! {
    /// `prompts/list`: one page of the prompts.
    ListPrompts, method::PROMPTS_LIST, ListPromptsResult
}
list! {
    /// `resources/list`: one page of the resources.
    ListResources, method::RESOURCES_LIST, ListResourcesResult
}
list! {
    /// `resources/templates/list`: one page of the templates.
    ListResourceTemplates, method::RESOURCES_TEMPLATES_LIST, ListResourceTemplatesResult
}

/// `tools/call`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallTool<'a> {
    /// Which tool.
    pub name: Cow<'a, str>,
    /// Its arguments.
    pub arguments: Option<JSONObject<'a>>,
}

impl<'a> CallTool<'a> {
    /// Calls the tool of this name, without arguments.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            arguments: None,
        }
    }

    /// Sets the arguments.
    pub fn arguments(mut self, arguments: JSONObject<'a>) -> Self {
        self.arguments = Some(arguments);
        self
    }
}

impl Serialize for CallTool<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "name" => Some(&self.name), "arguments" => self.arguments)
    }
}

impl Method for CallTool<'_> {
    const NAME: &'static str = method::TOOLS_CALL;
    type Result = CallToolResult<'static>;

    fn decode(result: &str) -> Result<Self::Result, DecodeError> {
        parse_valid::<CallToolResult<'_>>(result).map(CallToolResult::into_owned)
    }

    fn tool(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// `resources/read`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadResource<'a> {
    /// Which resource. A URI.
    pub uri: Cow<'a, str>,
}

impl<'a> ReadResource<'a> {
    /// Reads the resource at this URI.
    pub fn new(uri: impl Into<Cow<'a, str>>) -> Self {
        Self { uri: uri.into() }
    }
}

impl Serialize for ReadResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "uri" => Some(&self.uri))
    }
}

impl Method for ReadResource<'_> {
    const NAME: &'static str = method::RESOURCES_READ;
    type Result = ReadResourceResult<'static>;

    fn decode(result: &str) -> Result<Self::Result, DecodeError> {
        parse_valid::<ReadResourceResult<'_>>(result).map(ReadResourceResult::into_owned)
    }
}

/// `prompts/get`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GetPrompt<'a> {
    /// Which prompt.
    pub name: Cow<'a, str>,
    /// Its arguments.
    pub arguments: Option<Map<'a, Cow<'a, str>>>,
}

impl<'a> GetPrompt<'a> {
    /// Gets the prompt of this name, without arguments.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            arguments: None,
        }
    }

    /// Sets one argument.
    pub fn argument(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        let arguments = self.arguments.get_or_insert_with(Map::new);
        arguments.insert(name, value.into());
        self
    }
}

impl Serialize for GetPrompt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(serializer, "name" => Some(&self.name), "arguments" => self.arguments)
    }
}

impl Method for GetPrompt<'_> {
    const NAME: &'static str = method::PROMPTS_GET;
    type Result = GetPromptResult<'static>;

    fn decode(result: &str) -> Result<Self::Result, DecodeError> {
        parse_valid::<GetPromptResult<'_>>(result).map(GetPromptResult::into_owned)
    }
}

/// `completion/complete`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Complete<'a> {
    /// The prompt or the resource template that the argument belongs to.
    pub reference: CompletionReference<'a>,
    /// The argument, and what of it is there already.
    pub argument: CompletionArgument<'a>,
    /// Arguments that are settled.
    pub context: Option<CompletionContext<'a>>,
}

impl<'a> Complete<'a> {
    /// Completes `value`, the start of the argument `name`.
    pub fn new(
        reference: impl Into<CompletionReference<'a>>,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            reference: reference.into(),
            argument: CompletionArgument::new(name, value),
            context: None,
        }
    }

    /// Says which arguments are settled.
    pub fn context(mut self, context: CompletionContext<'a>) -> Self {
        self.context = Some(context);
        self
    }
}

impl Serialize for Complete<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members!(
            serializer,
            "ref" => Some(&self.reference),
            "argument" => Some(&self.argument),
            "context" => self.context,
        )
    }
}

impl Method for Complete<'_> {
    const NAME: &'static str = method::COMPLETION_COMPLETE;
    type Result = CompleteResult<'static>;

    fn decode(result: &str) -> Result<Self::Result, DecodeError> {
        parse_valid::<CompleteResult<'_>>(result).map(CompleteResult::into_owned)
    }
}
