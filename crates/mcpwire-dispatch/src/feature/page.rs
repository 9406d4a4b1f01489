//! Lists in pages, and the cursors that lead from one to the next (PAGE rows).
//!
//! A cursor names the last entry of the page before it, so any replica with the same entries can go
//! on from there and none has to remember anything. Pages are written once per change of the table.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use mcpwire_codec::Part;
use mcpwire_service::{Request, Response};
use mcpwire_types::{
    CacheScope, Error, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult,
};
use serde::Serialize;

use crate::feature::cache::CacheHint;
use crate::feature::prompt::PromptEntry;
use crate::feature::resource::{ResourceEntry, TemplateEntry};
use crate::feature::tool::ToolEntry;
use crate::handler::result::write_ahead;
use crate::router::dispatch::refuse;
use crate::router::registry::Registry;
use crate::router::table::{Entry, Table};

/// An entry that one of the list methods lists.
pub(crate) trait Listed: Entry + Sized {
    /// Told apart in cursors, so that a cursor of one list does not fit another.
    const TAG: u8;

    /// The result for one page, without `_meta`.
    fn page(entries: &[Arc<Self>], next_cursor: Option<String>, hint: CacheHint) -> impl Serialize;
}

macro_rules! listed {
    ($($entry:ident $field:ident $tag:literal $result:ident;)*) => {$(
        impl Listed for $entry {
            const TAG: u8 = $tag;

            fn page(entries: &[Arc<Self>], next_cursor: Option<String>, hint: CacheHint) -> impl Serialize {
                let entries: Vec<_> = entries.iter().map(|entry| entry.$field.clone()).collect();
                let mut result = $result::new(entries);
                result.next_cursor = next_cursor.map(Into::into);
                result.ttl_ms(hint.ttl_ms()).cache_scope(CacheScope::from(hint.scope()))
            }
        }
    )*};
}

listed! {
    ToolEntry tool b't' ListToolsResult;
    PromptEntry prompt b'p' ListPromptsResult;
    ResourceEntry resource b'r' ListResourcesResult;
    TemplateEntry template b'm' ListResourceTemplatesResult;
}

/// The ready pages of one list.
#[derive(Debug)]
pub(crate) struct Pages(Vec<Bytes>);

impl Pages {
    pub(crate) fn new<T: Listed>(registry: &Registry, table: &Table<T>, hint: CacheHint) -> Self {
        let size = registry.limits.page_size.max(1);
        let starts = (0..table.as_slice().len().max(1)).step_by(size);
        Self(
            starts
                .map(|start| write(registry, table, start, hint))
                .collect(),
        )
    }
}

/// Answers one of the list methods.
pub(crate) fn list<T: Listed>(
    registry: &Registry,
    request: &Request,
    table: &Table<T>,
    hint: CacheHint,
    pages: &Pages,
) -> Result<Response, Response> {
    let start = start(request, table).map_err(|error| refuse(&error))?;
    let size = registry.limits.page_size.max(1);
    let ready = if start % size == 0 {
        pages.0.get(start / size).cloned()
    } else {
        None
    };
    // A cursor from before a removal can begin anywhere.
    Ok(Response::result(
        ready.unwrap_or_else(|| write(registry, table, start, hint)),
    ))
}

/// The position at which the asked page begins.
fn start<T: Listed>(request: &Request, table: &Table<T>) -> Result<usize, Error<'static>> {
    let message = request.message();
    // Some clients write the cursor of the first page as null.
    if message.raw(Part::Cursor).is_none_or(|raw| raw == b"null") {
        return Ok(0);
    }
    let cursor = message.text(Part::Cursor);
    let cursor = cursor.ok_or_else(|| Error::invalid_params("params.cursor is not a string"))?;
    read_cursor(T::TAG, &cursor)
        .and_then(|last| table.position(&last))
        .map(|position| position + 1)
        .ok_or_else(|| {
            Error::invalid_params(
                "params.cursor is not a cursor of this list, or no longer; begin again without one",
            )
        })
}

fn write<T: Listed>(registry: &Registry, table: &Table<T>, start: usize, hint: CacheHint) -> Bytes {
    let rest = table.as_slice().get(start..).unwrap_or_default();
    let (page, more) = rest.split_at(rest.len().min(registry.limits.page_size.max(1)));
    let last = page.last().filter(|_| !more.is_empty());
    let next_cursor = last.map(|last| write_cursor(T::TAG, last.key()));
    write_ahead(registry, &T::page(page, next_cursor, hint))
}

fn write_cursor(tag: u8, last: &str) -> String {
    let mut bytes = Vec::with_capacity(last.len() + 1);
    bytes.push(tag);
    bytes.extend_from_slice(last.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(tag: u8, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let last = bytes.strip_prefix(&[tag])?;
    String::from_utf8(last.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// PAGE-09, PAGE-11: what was written is read back, for its own list alone.
        #[test]
        fn cursors_round_trip(last in ".*") {
            let cursor = write_cursor(b't', &last);
            prop_assert_eq!(read_cursor(b't', &cursor), Some(last));
            prop_assert_eq!(read_cursor(b'p', &cursor), None);
        }

        #[test]
        fn any_text_is_read_without_a_fault(cursor in ".*") {
            let _ = read_cursor(b't', &cursor);
        }
    }
}
