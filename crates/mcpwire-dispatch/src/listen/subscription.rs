//! The messages of one subscription.

use std::borrow::Cow;
use std::sync::Arc;

use mcpwire_service::{Change, Interest, Notification, Response};
use mcpwire_types::{
    Error, Implementation, NotificationMetaObject, NotificationParams, RequestId,
    ResourceUpdatedNotificationParams, SubscriptionFilter,
    SubscriptionsAcknowledgedNotificationParams, SubscriptionsListenResult,
    SubscriptionsListenResultMetaObject, method,
};
use serde::Serialize;

/// Writes the messages of one subscription: each carries the ID of its request, with the same JSON
/// type (META-28, SUB-11, SUB-12).
pub(super) struct Subscription {
    pub(super) id: RequestId<'static>,
    pub(super) server_info: Option<Arc<Implementation<'static>>>,
}

impl Subscription {
    fn meta(&self) -> NotificationMetaObject<'_> {
        NotificationMetaObject::new().subscription_id(self.id.borrowed())
    }

    /// SUB-08
    pub(super) fn acknowledged(&self, wanted: &Interest) -> Notification {
        let mut filter = SubscriptionFilter::new();
        filter.tools_list_changed = wanted.tools_list.then_some(true);
        filter.prompts_list_changed = wanted.prompts_list.then_some(true);
        filter.resources_list_changed = wanted.resources_list.then_some(true);
        if !wanted.resources.is_empty() {
            let uris = wanted.resources.iter().map(|uri| Cow::Borrowed(&**uri));
            filter.resource_subscriptions = Some(uris.collect());
        }
        let params = SubscriptionsAcknowledgedNotificationParams::new(filter).meta(self.meta());
        notification(method::NOTIFICATIONS_SUBSCRIPTIONS_ACKNOWLEDGED, &params)
    }

    /// SUB-15
    pub(super) fn announce(&self, change: &Change) -> Option<Notification> {
        let method = match change {
            Change::ToolsListChanged => method::NOTIFICATIONS_TOOLS_LIST_CHANGED,
            Change::PromptsListChanged => method::NOTIFICATIONS_PROMPTS_LIST_CHANGED,
            Change::ResourcesListChanged => method::NOTIFICATIONS_RESOURCES_LIST_CHANGED,
            Change::ResourceUpdated { uri } => {
                let params = ResourceUpdatedNotificationParams::new(&**uri).meta(self.meta());
                return Some(notification(
                    method::NOTIFICATIONS_RESOURCES_UPDATED,
                    &params,
                ));
            }
            _ => return None,
        };
        let params = NotificationParams::new().meta(self.meta());
        Some(notification(method, &params))
    }

    /// SUB-20
    pub(super) fn end(&self) -> Response {
        let mut meta = SubscriptionsListenResultMetaObject::new(self.id.borrowed());
        meta.server_info = self.server_info.as_deref().cloned();
        match mcpwire_codec::to_json(&SubscriptionsListenResult::new(meta)) {
            Ok(result) => Response::result(result),
            Err(error) => Response::error(&Error::internal(error.to_string())),
        }
    }
}

/// Params of strings, booleans and IDs can always be written.
fn notification(method: &'static str, params: &impl Serialize) -> Notification {
    Notification::new(method, mcpwire_codec::to_json(params).unwrap_or_default())
}
