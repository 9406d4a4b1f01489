//! Lists as streams over their pages (PAGE rows).

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use mcpwire_types::{
    DecodeError, JSONArray, JSONValue, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, Map, Prompt, Resource, ResourceTemplate, Tool,
    decode_str,
};

use crate::call::Options;
use crate::client::Shared;
use crate::exchange::{self, text};
use crate::method::{ListPrompts, ListResourceTemplates, ListResources, ListTools};
use crate::{Client, Error, Method, slips};

/// A method that gives a list, page by page.
pub trait List: Method + Sized + 'static {
    /// What the list is of.
    type Item: Send + Unpin + 'static;

    /// The member of the result that holds the items.
    const ITEMS: &'static str;

    /// The page that a cursor leads to; the first one without.
    fn page(cursor: Option<String>) -> Self;

    /// Takes a page apart: its items, and the cursor of the next.
    fn take(page: Self::Result) -> (Vec<Self::Item>, Option<String>);

    /// Reads the JSON text of a single item.
    fn decode_item(item: &str) -> Result<Self::Item, DecodeError>;

    /// Has a look at an item before it is handed out; an error is handed out in its place.
    #[doc(hidden)]
    fn admit(client: &Client, item: Self::Item) -> Result<Self::Item, Error> {
        let _ = client;
        Ok(item)
    }
}

macro_rules! list {
    ($method:ident, $result:ident, $item:ident, $field:ident, $name:literal $(, $admit:item)?) => {
        impl List for $method {
            type Item = $item<'static>;
            const ITEMS: &'static str = $name;

            fn page(cursor: Option<String>) -> Self {
                Self { cursor }
            }

            fn take(page: $result<'static>) -> (Vec<Self::Item>, Option<String>) {
                (page.$field, page.next_cursor.map(Into::into))
            }

            fn decode_item(item: &str) -> Result<Self::Item, DecodeError> {
                decode_str::<$item<'_>>(item).map($item::into_owned)
            }

            $($admit)?
        }
    };
}

list!(ListPrompts, ListPromptsResult, Prompt, prompts, "prompts");
list!(
    ListResources,
    ListResourcesResult,
    Resource,
    resources,
    "resources"
);
list!(
    ListResourceTemplates,
    ListResourceTemplatesResult,
    ResourceTemplate,
    resource_templates,
    "resourceTemplates"
);
list!(
    ListTools,
    ListToolsResult,
    Tool,
    tools,
    "tools",
    fn admit(client: &Client, tool: Self::Item) -> Result<Self::Item, Error> {
        learn(&client.shared, &tool)?;
        Ok(tool)
    }
);

/// Remembers what calls of the tool need (HDR-03).
pub(crate) fn learn(shared: &Shared, tool: &Tool<'_>) -> Result<(), Error> {
    let learnt = shared
        .tools
        .learn(tool, &shared.limits, shared.check_output);
    learnt.map_err(|source| Error::InvalidTool {
        name: tool.name.clone().into_owned(),
        source,
    })
}

/// Lists the tools again, for a call whose header fields did not agree with what the server expects.
pub(crate) async fn refresh_tools(shared: &Shared) -> Result<(), Error> {
    let mut walk = Walk::default();
    while let Some(page) = walk.page::<ListTools>() {
        let mut options = Options {
            fresh: true,
            ..Options::default()
        };
        let raw = exchange::run(shared, &page, &mut options).await?;
        let (tools, next) = read::<ListTools>(&raw)?;
        for tool in tools.into_iter().flatten() {
            // One that is invalid is remembered as that.
            let _ = learn(shared, &tool);
        }
        walk.advance(next, shared.limits.max_pages)?;
    }
    Ok(())
}

/// Items of a page, each with what is wrong with it, and the next cursor.
type Page<T> = (Vec<Result<T, Error>>, Option<String>);

/// One item that cannot be read costs that item alone.
fn read<L: List>(raw: &Bytes) -> Result<Page<L::Item>, Error> {
    let result = text(L::NAME, raw)?;
    let whole = match slips::decode(result, L::decode) {
        Ok(page) => {
            let (items, next) = L::take(page);
            return Ok((items.into_iter().map(Ok).collect(), next));
        }
        Err(source) => Error::Decode {
            method: L::NAME.to_owned(),
            source,
            raw: raw.clone(),
        },
    };
    let apart = || {
        let members: Map<'_, JSONValue<'_>> = decode_str(result).ok()?;
        let items: JSONArray<'_> = members.get(L::ITEMS)?.parse().ok()?;
        let items = items.items().ok()?.into_iter().map(|item| {
            slips::decode(item.as_str(), L::decode_item).map_err(|source| Error::Decode {
                method: L::NAME.to_owned(),
                source,
                raw: Bytes::copy_from_slice(item.as_str().as_bytes()),
            })
        });
        let next = match members.get("nextCursor") {
            Some(cursor) if !cursor.is_null() => Some(cursor.parse::<String>().ok()?),
            _ => None,
        };
        let items: Vec<_> = items.collect();
        // Where every item is sound, the fault is elsewhere.
        items.iter().any(Result::is_err).then_some((items, next))
    };
    apart().ok_or(whole)
}

/// Which page to ask for.
enum Next {
    First,
    After(String),
    None,
}

/// The way over the pages.
struct Walk {
    /// The page to ask for, if any is left.
    next: Next,
    seen: HashSet<String>,
    pages: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            next: Next::First,
            seen: HashSet::new(),
            pages: 0,
        }
    }
}

impl Walk {
    /// What to ask for, once.
    fn page<L: List>(&mut self) -> Option<L> {
        match std::mem::replace(&mut self.next, Next::None) {
            Next::First => Some(L::page(None)),
            Next::After(cursor) => Some(L::page(Some(cursor))),
            Next::None => None,
        }
    }

    /// An empty cursor leads on like any other (PAGE-10); one that came before does not (PAGE-12).
    fn advance(&mut self, cursor: Option<String>, max_pages: usize) -> Result<(), Error> {
        self.pages += 1;
        let Some(cursor) = cursor else { return Ok(()) };
        if self.pages >= max_pages || !self.seen.insert(cursor.clone()) {
            return Err(Error::Pages {
                pages: self.pages,
                cursor,
            });
        }
        self.next = Next::After(cursor);
        Ok(())
    }
}

/// The items of a list, asked for page by page as they are taken.
///
/// What cannot be used comes as an error in its place, and the rest goes on: an item that cannot be
/// read, or a tool with an invalid definition (HDR-12). An error that ends the list is the last item.
#[must_use = "streams do nothing unless polled"]
pub struct Items<L: List> {
    client: Client,
    walk: Walk,
    ready: VecDeque<Result<L::Item, Error>>,
    /// Whether the last of them is an error that ended the list.
    broken: bool,
    asking: Option<BoxFuture<'static, Result<Bytes, Error>>>,
}

impl<L: List> Items<L> {
    fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            walk: Walk::default(),
            ready: VecDeque::new(),
            broken: false,
            asking: None,
        }
    }

    /// Takes in what came of a page.
    fn take_in(&mut self, raw: Result<Bytes, Error>) {
        let page = raw.and_then(|raw| read::<L>(&raw));
        let advanced = page.and_then(|(items, next)| {
            let client = &self.client;
            let admit = |item: Result<_, _>| item.and_then(|item| L::admit(client, item));
            self.ready.extend(items.into_iter().map(admit));
            self.walk.advance(next, self.client.shared.limits.max_pages)
        });
        if let Err(error) = advanced {
            self.broken = true;
            self.ready.push_back(Err(error));
        }
    }
}

impl<L: List> Stream for Items<L> {
    type Item = Result<L::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if let Some(asking) = &mut self.asking {
                let raw = std::task::ready!(asking.poll_unpin(cx));
                self.asking = None;
                self.take_in(raw);
                continue;
            }
            let Some(page) = self.walk.page::<L>() else {
                return Poll::Ready(None);
            };
            let client = self.client.clone();
            self.asking = Some(Box::pin(async move {
                exchange::run(&client.shared, &page, &mut Options::default()).await
            }));
        }
    }
}

impl<L: List> fmt::Debug for Items<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("list", &L::NAME)
            .field("pages", &self.walk.pages)
            .finish_non_exhaustive()
    }
}

/// A whole list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed<T> {
    /// What the server offers.
    pub items: Vec<T>,
    /// Why each item was left out that cannot be used (HDR-12, HDR-13): worth a warning.
    pub skipped: Vec<Error>,
}

impl<T> std::ops::Deref for Listed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Listed<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl Client {
    /// A list as a stream of its items.
    pub fn items<L: List>(&self) -> Items<L> {
        Items::new(self)
    }

    /// A list as a whole. What cannot be used is left out, and told of in `skipped`.
    pub async fn list<L: List>(&self) -> Result<Listed<L::Item>, Error> {
        let mut items = self.items::<L>();
        let mut listed = Listed {
            items: Vec::new(),
            skipped: Vec::new(),
        };
        while let Some(item) = items.next().await {
            match item {
                Ok(item) => listed.items.push(item),
                Err(error) if items.broken && items.ready.is_empty() => return Err(error),
                Err(error) => listed.skipped.push(error),
            }
        }
        Ok(listed)
    }

    /// Every tool, over all pages (TOOL-01).
    pub async fn list_tools(&self) -> Result<Listed<Tool<'static>>, Error> {
        self.list::<ListTools>().await
    }

    /// Every prompt, over all pages (PROMPT-01).
    pub async fn list_prompts(&self) -> Result<Listed<Prompt<'static>>, Error> {
        self.list::<ListPrompts>().await
    }

    /// Every resource, over all pages (RES-01).
    pub async fn list_resources(&self) -> Result<Listed<Resource<'static>>, Error> {
        self.list::<ListResources>().await
    }

    /// Every resource template, over all pages (RES-05).
    pub async fn list_resource_templates(
        &self,
    ) -> Result<Listed<ResourceTemplate<'static>>, Error> {
        self.list::<ListResourceTemplates>().await
    }
}
