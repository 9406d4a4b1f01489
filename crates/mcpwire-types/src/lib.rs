#![doc = include_str!("../README.md")]
#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

mod decode;
mod error_ext;
mod generated;
mod id;
mod map;
mod number;
mod path;
mod raw;
#[doc(hidden)]
pub mod support;

pub use decode::{DecodeError, decode, decode_str};
pub use id::{ProgressToken, RequestId};
pub use map::{Extra, Map};
pub use number::Number;
pub use raw::{JSONArray, JSONObject, JSONValue};

// Exports: written by `cargo xtask codegen` from here
pub use generated::completion::{
    CompleteRequest, CompleteRequestParams, CompleteResult, CompleteResultResponse, Completion,
    CompletionArgument, CompletionContext, CompletionReference, PromptReference,
    ResourceTemplateReference,
};
pub use generated::constants::{PROTOCOL_VERSION, error_code, meta_key, method};
pub use generated::content::{
    Annotations, AudioContent, ContentBlock, EmbeddedResource, ImageContent, ResourceLink, Role,
    TextContent,
};
pub use generated::discover::{
    ClientCapabilities, ClientElicitationCapability, ClientRootsCapability,
    ClientSamplingCapability, DiscoverRequest, DiscoverResult, DiscoverResultResponse, Icon,
    IconTheme, Icons, Implementation, PromptsCapability, ResourcesCapability, ServerCapabilities,
    ToolsCapability,
};
pub use generated::elicitation::{
    ElicitAction, ElicitRequest, ElicitRequestFormParams, ElicitRequestParams,
    ElicitRequestURLParams, ElicitRequestedSchema, ElicitResult, ElicitValue,
};
pub use generated::elicitation_schema::{
    BooleanSchema, EnumSchema, LegacyTitledEnumSchema, MultiSelectEnumSchema, NumberSchema,
    NumberSchemaType, PrimitiveSchemaDefinition, SingleSelectEnumSchema, StringSchema,
    StringSchemaFormat, TitledEnumItems, TitledEnumOption, TitledMultiSelectEnumSchema,
    TitledSingleSelectEnumSchema, UntitledEnumItems, UntitledMultiSelectEnumSchema,
    UntitledSingleSelectEnumSchema,
};
pub use generated::errors::{
    Error, HeaderMismatch, HeaderMismatchError, InternalError, InvalidParamsError,
    InvalidRequestError, MethodNotFoundError, MissingRequiredClientCapability,
    MissingRequiredClientCapabilityData, MissingRequiredClientCapabilityError, ParseError,
    UnsupportedProtocolVersion, UnsupportedProtocolVersionData, UnsupportedProtocolVersionError,
};
pub use generated::input::{
    InputRequest, InputRequests, InputRequiredResult, InputResponse, InputResponseRequestParams,
    InputResponses,
};
pub use generated::jsonrpc::{
    EmptyResult, JSONRPCErrorResponse, JSONRPCMessage, JSONRPCNotification, JSONRPCRequest,
    JSONRPCResponse, JSONRPCResultResponse, Notification, NotificationParams, Request,
    RequestParams, Result, ResultType,
};
pub use generated::logging::{
    LoggingLevel, LoggingMessageNotification, LoggingMessageNotificationParams,
};
pub use generated::messages::{
    ClientNotification, ClientRequest, ClientResult, ServerNotification, ServerResult,
};
pub use generated::meta::{
    BaseMetadata, MetaObject, NotificationMetaObject, RequestMetaObject, ResultMetaObject,
};
pub use generated::pagination::{
    CacheScope, CacheableResult, Cursor, PaginatedRequest, PaginatedRequestParams, PaginatedResult,
};
pub use generated::progress::{
    CancelledNotification, CancelledNotificationParams, ProgressNotification,
    ProgressNotificationParams,
};
pub use generated::prompts::{
    GetPromptOutcome, GetPromptRequest, GetPromptRequestParams, GetPromptResult,
    GetPromptResultResponse, ListPromptsRequest, ListPromptsResult, ListPromptsResultResponse,
    Prompt, PromptArgument, PromptListChangedNotification, PromptMessage,
};
pub use generated::resources::{
    BlobResourceContents, ListResourceTemplatesRequest, ListResourceTemplatesResult,
    ListResourceTemplatesResultResponse, ListResourcesRequest, ListResourcesResult,
    ListResourcesResultResponse, ReadResourceOutcome, ReadResourceRequest,
    ReadResourceRequestParams, ReadResourceResult, ReadResourceResultResponse, Resource,
    ResourceContents, ResourceListChangedNotification, ResourceRequestParams, ResourceTemplate,
    ResourceUpdatedNotification, ResourceUpdatedNotificationParams, TextOrBlobResourceContents,
    TextResourceContents,
};
pub use generated::roots::{ListRootsRequest, ListRootsRequestParams, ListRootsResult, Root};
pub use generated::sampling::{
    CreateMessageRequest, CreateMessageRequestParams, CreateMessageResult, IncludeContext,
    ModelHint, ModelPreferences, SamplingContent, SamplingMessage, SamplingMessageContentBlock,
    ToolChoice, ToolChoiceMode, ToolResultContent, ToolUseContent,
};
pub use generated::subscriptions::{
    SubscriptionFilter, SubscriptionsAcknowledgedNotification,
    SubscriptionsAcknowledgedNotificationParams, SubscriptionsListenRequest,
    SubscriptionsListenRequestParams, SubscriptionsListenResult,
    SubscriptionsListenResultMetaObject, SubscriptionsListenResultResponse,
};
pub use generated::tools::{
    CallToolOutcome, CallToolRequest, CallToolRequestParams, CallToolResult,
    CallToolResultResponse, ListToolsRequest, ListToolsResult, ListToolsResultResponse, Tool,
    ToolAnnotations, ToolInputSchema, ToolListChangedNotification, ToolOutputSchema,
};
// to here.
