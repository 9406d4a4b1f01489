//! The smallest image and sound there are, and blocks made of them.

use mcpwire::types::{
    AudioContent, ContentBlock, EmbeddedResource, ImageContent, TextContent,
    TextOrBlobResourceContents, TextResourceContents,
};

/// A PNG of one pixel, in Base64.
pub(crate) const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/// A WAV file without a single sample, in Base64.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

pub(crate) fn text(text: &'static str) -> ContentBlock<'static> {
    ContentBlock::Text(TextContent::new(text))
}

pub(crate) fn image() -> ContentBlock<'static> {
    ContentBlock::Image(ImageContent::new(PNG, "image/png"))
}

pub(crate) fn audio() -> ContentBlock<'static> {
    ContentBlock::Audio(AudioContent::new(WAV, "audio/wav"))
}

pub(crate) fn embedded(
    uri: impl Into<String>,
    mime_type: &'static str,
    text: &'static str,
) -> ContentBlock<'static> {
    let contents = TextResourceContents::new(uri.into(), text).mime_type(mime_type);
    ContentBlock::Resource(EmbeddedResource::new(TextOrBlobResourceContents::Text(
        contents,
    )))
}
