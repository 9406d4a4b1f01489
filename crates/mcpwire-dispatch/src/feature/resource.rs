//! Resources and resource templates: their definition, what their handlers return, and the way of one
//! read.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mcpwire_codec::Part;
use mcpwire_service::{Request, Response};
use mcpwire_types::{
    Annotations, BlobResourceContents, CacheScope, Icon, MetaObject, ReadResourceResult, Resource,
    ResourceTemplate, TextOrBlobResourceContents, TextResourceContents,
};

use crate::error::{HandlerError, not_found};
use crate::feature::cache::CacheHint;
use crate::handler::call::{Call, CallKind};
use crate::handler::result::respond;
use crate::handler::{Handler, Run, erase};
use crate::router::Router;
use crate::router::dispatch::{open_input, pause, required_text};
use crate::router::register::{RegisterError, Signature};
use crate::router::registry::Registry;
use crate::router::run::RouterFuture;
use crate::router::table::Entry;
use crate::template::{TemplateParams, UriTemplate};
use crate::uri;

/// Begins the definition of a resource that is listed under its URI; its name is the URI until another
/// is given.
pub fn resource(uri: impl Into<String>) -> ResourceDef {
    let uri = uri.into();
    ResourceDef {
        resource: Resource::new(uri.clone(), uri),
        cache: None,
    }
}

/// Begins the definition of a resource template (RES-08); its name is the template until another is
/// given. What a template matches is said at [`UriTemplate`].
pub fn resource_template(uri_template: impl Into<String>) -> ResourceTemplateDef {
    let text = uri_template.into();
    ResourceTemplateDef {
        template: ResourceTemplate::new(text.clone(), text),
        cache: None,
    }
}

/// The definition of a resource, to be registered with [`Router::resource`].
#[derive(Clone, Debug)]
pub struct ResourceDef {
    resource: Resource<'static>,
    cache: Option<CacheHint>,
}

/// The definition of a resource template, to be registered with [`Router::resource_template`].
#[derive(Clone, Debug)]
pub struct ResourceTemplateDef {
    template: ResourceTemplate<'static>,
    cache: Option<CacheHint>,
}

macro_rules! common_setters {
    ($type:ident $field:ident) => {
        impl $type {
            /// The programmatic name (BASE-42).
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.$field.name = name.into().into();
                self
            }

            /// The name for people (BASE-42).
            pub fn title(mut self, title: impl Into<String>) -> Self {
                self.$field.title = Some(title.into().into());
                self
            }

            /// What is in it.
            pub fn description(mut self, description: impl Into<String>) -> Self {
                self.$field.description = Some(description.into().into());
                self
            }

            /// The MIME type, also of what the handler returns without one.
            pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
                self.$field.mime_type = Some(mime_type.into().into());
                self
            }

            /// Adds an icon (ICON-01).
            pub fn icon(mut self, icon: Icon<'static>) -> Self {
                self.$field.icons.get_or_insert_default().push(icon);
                self
            }

            /// Whom it is for and how much it matters (CONTENT-07).
            pub fn annotations(mut self, annotations: Annotations<'static>) -> Self {
                self.$field.annotations = Some(annotations);
                self
            }

            /// The `_meta` of the definition (META-01).
            pub fn meta(mut self, meta: MetaObject<'static>) -> Self {
                self.$field.meta = Some(meta);
                self
            }

            /// How long a read may be kept, in place of the router's hint for `resources/read`.
            pub fn cache(mut self, hint: CacheHint) -> Self {
                self.cache = Some(hint);
                self
            }
        }
    };
}

common_setters!(ResourceDef resource);
common_setters!(ResourceTemplateDef template);

impl ResourceDef {
    /// The size in bytes, before Base64 (RES-07).
    pub fn size(mut self, bytes: i64) -> Self {
        self.resource.size = Some(bytes);
        self
    }
}

impl From<&str> for ResourceDef {
    fn from(uri: &str) -> Self {
        resource(uri)
    }
}

impl From<String> for ResourceDef {
    fn from(uri: String) -> Self {
        resource(uri)
    }
}

impl From<Resource<'static>> for ResourceDef {
    fn from(resource: Resource<'static>) -> Self {
        Self {
            resource,
            cache: None,
        }
    }
}

impl From<&str> for ResourceTemplateDef {
    fn from(uri_template: &str) -> Self {
        resource_template(uri_template)
    }
}

impl From<String> for ResourceTemplateDef {
    fn from(uri_template: String) -> Self {
        resource_template(uri_template)
    }
}

impl From<ResourceTemplate<'static>> for ResourceTemplateDef {
    fn from(template: ResourceTemplate<'static>) -> Self {
        Self {
            template,
            cache: None,
        }
    }
}

/// What is being read, for what turns a handler's output into contents.
#[derive(Clone, Debug)]
pub struct ReadTarget {
    uri: Arc<str>,
    mime_type: Option<Arc<str>>,
    cache: CacheHint,
}

impl ReadTarget {
    /// The URI that was asked for.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The MIME type of the resource or template, if it was given one.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    fn text(&self, text: String) -> TextResourceContents<'static> {
        let mut contents = TextResourceContents::new(self.uri.to_string(), text);
        contents.mime_type = self.mime_type.as_deref().map(|text| text.to_owned().into());
        contents
    }

    fn blob(&self, bytes: &[u8]) -> BlobResourceContents<'static> {
        let mut contents = BlobResourceContents::new(self.uri.to_string(), STANDARD.encode(bytes));
        contents.mime_type = self.mime_type.as_deref().map(|text| text.to_owned().into());
        contents
    }

    fn result(
        &self,
        contents: Vec<TextOrBlobResourceContents<'static>>,
    ) -> ReadResourceResult<'static> {
        let scope = CacheScope::from(self.cache.scope());
        ReadResourceResult::new(contents)
            .ttl_ms(self.cache.ttl_ms())
            .cache_scope(scope)
    }
}

/// What a resource's handler can return.
///
/// Contents that come without a URI and MIME type get those of the resource that was asked for; the
/// hint of [`Router::cache`] is put in, except into a whole [`ReadResourceResult`], which is sent as it
/// is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what a resource is read as",
    note = "return Ok of: String, &str, Vec<u8>, Bytes, TextResourceContents, BlobResourceContents, \
            Vec<TextOrBlobResourceContents> or ReadResourceResult"
)]
pub trait IntoResourceResult {
    /// The result that is sent.
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError>;
}

impl IntoResourceResult for ReadResourceResult<'static> {
    fn into_resource_result(
        self,
        _: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        Ok(self)
    }
}

impl IntoResourceResult for Vec<TextOrBlobResourceContents<'static>> {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        Ok(target.result(self))
    }
}

impl IntoResourceResult for TextOrBlobResourceContents<'static> {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        Ok(target.result(vec![self]))
    }
}

impl IntoResourceResult for TextResourceContents<'static> {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        TextOrBlobResourceContents::Text(self).into_resource_result(target)
    }
}

impl IntoResourceResult for BlobResourceContents<'static> {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        TextOrBlobResourceContents::Blob(self).into_resource_result(target)
    }
}

impl IntoResourceResult for String {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        target.text(self).into_resource_result(target)
    }
}

impl IntoResourceResult for &'static str {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        target.text(self.to_owned()).into_resource_result(target)
    }
}

/// Sent as Base64 (RES-28).
impl IntoResourceResult for Vec<u8> {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        target.blob(&self).into_resource_result(target)
    }
}

/// Sent as Base64 (RES-28).
impl IntoResourceResult for Bytes {
    fn into_resource_result(
        self,
        target: &ReadTarget,
    ) -> Result<ReadResourceResult<'static>, HandlerError> {
        target.blob(&self).into_resource_result(target)
    }
}

/// A resource that was registered.
pub(crate) struct ResourceEntry {
    pub(crate) resource: Resource<'static>,
    pub(crate) reader: Arc<Reader>,
}

/// A resource template that was registered.
pub(crate) struct TemplateEntry {
    pub(crate) template: ResourceTemplate<'static>,
    pub(crate) matcher: UriTemplate,
    pub(crate) reader: Arc<Reader>,
}

/// How a resource, or whatever a template matches, is read.
pub(crate) struct Reader {
    kind: CallKind,
    run: Run,
    pub(crate) logs: bool,
}

impl Entry for ResourceEntry {
    fn key(&self) -> &str {
        &self.resource.uri
    }
}

impl Entry for TemplateEntry {
    fn key(&self) -> &str {
        &self.template.uri_template
    }
}

impl fmt::Debug for ResourceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceEntry")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TemplateEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateEntry")
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

impl Reader {
    fn new<H, M>(
        handler: H,
        signature: Signature<'_>,
        cache: Option<CacheHint>,
        mime_type: Option<&str>,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        let kind = signature.kind();
        let needs = signature.finish()?;
        let mime_type: Option<Arc<str>> = mime_type.map(Into::into);
        let run = erase(handler, move |call: Call| {
            let registry = call.registry;
            let target = ReadTarget {
                uri: call.uri.unwrap_or_default(),
                mime_type: mime_type.clone(),
                cache: cache.unwrap_or(registry.cache.read),
            };
            move |outcome: Result<H::Output, _>| {
                let outcome = outcome.and_then(|output| output.into_resource_result(&target));
                finish(&registry, outcome)
            }
        });
        Ok(Self {
            kind,
            run,
            logs: needs.logs,
        })
    }
}

impl ResourceEntry {
    pub(crate) fn new<H, M>(
        def: ResourceDef,
        handler: H,
        registry: &Registry,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        let ResourceDef { resource, cache } = def;
        let mut signature = Signature::new(CallKind::Resource, &resource.uri, &registry.states);
        H::describe(&mut signature);
        uri::check(&resource.uri).map_err(|error| signature.invalid("uri", error))?;
        signature.check_written(&resource)?;
        let reader = Reader::new(handler, signature, cache, resource.mime_type.as_deref())?;
        Ok(Self {
            resource,
            reader: Arc::new(reader),
        })
    }
}

impl TemplateEntry {
    pub(crate) fn new<H, M>(
        def: ResourceTemplateDef,
        handler: H,
        registry: &Registry,
    ) -> Result<Self, RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        let ResourceTemplateDef { template, cache } = def;
        let mut signature = Signature::new(
            CallKind::ResourceTemplate,
            &template.uri_template,
            &registry.states,
        );
        H::describe(&mut signature);
        let matcher = UriTemplate::parse(&template.uri_template)
            .map_err(|error| signature.invalid("uriTemplate", error))?;
        signature.check_written(&template)?;
        let reader = Reader::new(handler, signature, cache, template.mime_type.as_deref())?;
        Ok(Self {
            template,
            matcher,
            reader: Arc::new(reader),
        })
    }
}

/// The response for what a resource's handler came to.
fn finish(
    registry: &Registry,
    outcome: Result<ReadResourceResult<'static>, HandlerError>,
) -> Response {
    match outcome {
        Ok(mut result) => respond(registry, &mut result),
        Err(HandlerError::Input(asked)) => pause(registry, asked),
        Err(error) => Response::error(&error.into_error()),
    }
}

/// Answers `resources/read`: a listed resource first, then the first template that matches.
pub(crate) fn read(
    router: &Router,
    registry: &Arc<Registry>,
    request: &Request,
) -> Result<RouterFuture, Response> {
    let uri = required_text(request, Part::Uri, "uri")?;
    let Some((reader, params)) = find(registry, &uri) else {
        return Err(Response::error(&not_found(&uri)));
    };
    let uri: Arc<str> = (&*uri).into();
    let input = open_input(registry, request)?;
    let mut call = Call::new(request, router, registry, reader.kind);
    call.uri = Some(uri);
    call.template_params = params;
    call.input = input;
    call.run(&reader.run)
}

fn find(registry: &Registry, uri: &str) -> Option<(Arc<Reader>, Option<TemplateParams>)> {
    if let Some(entry) = registry.resources.get(uri) {
        return Some((Arc::clone(&entry.reader), None));
    }
    registry.templates.iter().find_map(|entry| {
        let params = entry.matcher.matches(uri)?;
        Some((Arc::clone(&entry.reader), Some(params)))
    })
}
