#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
pub use mcpwire_client as client;
pub use mcpwire_codec as codec;
#[cfg(feature = "server")]
pub use mcpwire_dispatch as dispatch;
#[cfg(any(feature = "http", feature = "http-client"))]
pub use mcpwire_http as http;
pub use mcpwire_service as service;
#[cfg(feature = "stdio")]
pub use mcpwire_stdio as stdio;
pub use mcpwire_types as types;

#[cfg(feature = "client")]
pub use mcpwire_client::Client;
// What a server is put together from. Everything else has its place in the modules.
#[cfg(feature = "schemars")]
pub use mcpwire_dispatch::{Args, Json, schemars};
#[cfg(feature = "server")]
pub use mcpwire_dispatch::{
    Ctx, HandlerError, Input, Log, Path, Progress, RawArgs, Router, State, Uri, prompt, resource,
    resource_template, tool,
};

/// The workspace's README, for its example to be compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct WorkspaceReadme;
