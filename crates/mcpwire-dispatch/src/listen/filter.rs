//! What a subscriber asks for, and how much of it the server honours.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mcpwire_service::{Change, Interest};
use mcpwire_types::{Error, SubscriptionFilter};

use super::Offered;
use crate::limits::Limits;
use crate::uri;

/// The part of the filter that the server honours (SUB-03, SUB-09).
pub(super) fn interest(
    filter: &SubscriptionFilter<'_>,
    offered: Offered,
    limits: &Limits,
) -> Result<Interest, Error<'static>> {
    let mut interest = Interest::default();
    let uris = filter.resource_subscriptions.as_deref().unwrap_or_default();
    if uris.len() > limits.max_resource_subscriptions {
        return Err(Error::invalid_params(format!(
            "params.notifications.resourceSubscriptions has {} URIs, more than the limit of {}: \
             open several streams, or subscribe to a URI above them",
            uris.len(),
            limits.max_resource_subscriptions
        )));
    }
    let resources = &mut interest.resources;
    for (index, uri) in uris.iter().enumerate() {
        uri::check(uri).map_err(|error| {
            Error::invalid_params(format!(
                "params.notifications.resourceSubscriptions[{index}] {error}"
            ))
        })?;
        if offered.subscribe && !resources.iter().any(|known| **known == **uri) {
            resources.push(uri.as_ref().into());
        }
    }
    // It stays as it is for as long as the stream is open.
    interest.resources.shrink_to_fit();
    interest.tools_list = offered.tools && filter.tools_list_changed == Some(true);
    interest.prompts_list = offered.prompts && filter.prompts_list_changed == Some(true);
    interest.resources_list = offered.resources && filter.resources_list_changed == Some(true);
    interest.max_pending = limits.max_pending_updates;
    Ok(interest)
}

/// What is heard where nothing is listened for: no change, and no end.
pub(super) struct Silence;

impl Stream for Silence {
    type Item = Change;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Change>> {
        Poll::Pending
    }
}
