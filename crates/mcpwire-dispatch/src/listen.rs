//! `subscriptions/listen`: one stream of changes for one subscriber (SUB rows).
//!
//! ```text
//!   acknowledged -> changes, as they come, coalesced while the reader is busy -> result
//! ```
//!
//! What changed and who is told is [`pending`]'s part; where changes come from is the bus's.

pub(crate) mod bus;
pub(crate) mod changes;

mod pending;

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream;
use mcpwire_codec::Part;
use mcpwire_service::{
    ChangeBus, ChangeStream, Notification, ReplyItem, ReplyStream, Request, Response,
};
use mcpwire_types::{
    Error, Implementation, NotificationMetaObject, NotificationParams, RequestId,
    ResourceUpdatedNotificationParams, SubscriptionFilter,
    SubscriptionsAcknowledgedNotificationParams, SubscriptionsListenRequestParams,
    SubscriptionsListenResult, SubscriptionsListenResultMetaObject, method,
};
use serde::Serialize;

use self::pending::{Announcement, Pending, Wanted};
use crate::limits::Limits;
use crate::uri;

/// What the server announces; nothing else is acknowledged (SUB-09, SUB-28).
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent members of the protocol"
)]
pub(crate) struct Offered {
    /// `tools.listChanged`
    pub(crate) tools: bool,
    /// `prompts.listChanged`
    pub(crate) prompts: bool,
    /// `resources.listChanged`
    pub(crate) resources: bool,
    /// `resources.subscribe`
    pub(crate) subscribe: bool,
}

/// The stream for one `subscriptions/listen` request, or why its params are refused (`-32602`).
///
/// It hears of every change from this call on, also of those before it is first polled.
pub(crate) fn listen(
    request: &Request,
    bus: &Arc<dyn ChangeBus>,
    offered: Offered,
    server_info: Option<&Implementation<'static>>,
    limits: &Limits,
) -> Result<ReplyStream, Error<'static>> {
    let params: SubscriptionsListenRequestParams<'_> = request
        .message()
        .parse(Part::Params)
        .map_err(|error| error.to_error())?;
    let wanted = wanted(&params.notifications, offered, limits)?;
    let changes: ChangeStream = if wanted.is_empty() {
        Box::pin(stream::pending())
    } else {
        bus.subscribe()
    };
    Ok(ReplyStream::new(Listen {
        subscription: Subscription {
            id: request.id().clone(),
            server_info: server_info.cloned(),
        },
        acknowledged: false,
        pending: Pending::new(wanted, limits.max_pending_updates),
        changes: Some(changes),
        drain: Box::pin(request.context().drain.begun()),
    }))
}

/// The part of the filter that the server honours (SUB-03, SUB-09).
fn wanted(
    filter: &SubscriptionFilter<'_>,
    offered: Offered,
    limits: &Limits,
) -> Result<Wanted, Error<'static>> {
    let mut resources: Vec<Arc<str>> = Vec::new();
    let uris = filter.resource_subscriptions.as_deref().unwrap_or_default();
    if uris.len() > limits.max_resource_subscriptions {
        return Err(Error::invalid_params(format!(
            "params.notifications.resourceSubscriptions has {} URIs, more than the limit of {}: \
             open several streams, or subscribe to a URI above them",
            uris.len(),
            limits.max_resource_subscriptions
        )));
    }
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
    Ok(Wanted {
        tools_list: offered.tools && filter.tools_list_changed == Some(true),
        prompts_list: offered.prompts && filter.prompts_list_changed == Some(true),
        resources_list: offered.resources && filter.resources_list_changed == Some(true),
        resources,
    })
}

struct Listen {
    subscription: Subscription,
    acknowledged: bool,
    pending: Pending,
    /// `None` once nothing more is listened for.
    changes: Option<ChangeStream>,
    drain: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Changes that are taken off the bus before the reader gets its turn.
const BATCH: usize = 256;

impl Stream for Listen {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        let this = &mut *self;
        if !this.acknowledged {
            this.acknowledged = true;
            let acknowledged = this.subscription.acknowledged(this.pending.wanted());
            return Poll::Ready(Some(ReplyItem::Notification(acknowledged)));
        }
        if this.changes.is_some() && this.drain.as_mut().poll(cx).is_ready() {
            this.changes = None;
        }
        let mut more = BATCH;
        while let Some(changes) = this.changes.as_mut().filter(|_| more > 0) {
            more -= 1;
            match changes.as_mut().poll_next(cx) {
                Poll::Ready(Some(change)) => this.pending.add(&change),
                Poll::Ready(None) => this.changes = None,
                Poll::Pending => break,
            }
        }
        if let Some(announcement) = this.pending.next() {
            let notification = this.subscription.announce(&announcement);
            return Poll::Ready(Some(ReplyItem::Notification(notification)));
        }
        if this.changes.is_none() {
            return Poll::Ready(Some(ReplyItem::Response(this.subscription.end())));
        }
        // An empty bus wakes this task itself; a batch that held nothing of interest does not.
        if more == 0 {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// Writes the messages of one subscription: each carries the ID of its request, with the same JSON
/// type (META-28, SUB-11, SUB-12).
struct Subscription {
    id: RequestId<'static>,
    server_info: Option<Implementation<'static>>,
}

impl Subscription {
    fn meta(&self) -> NotificationMetaObject<'_> {
        NotificationMetaObject::new().subscription_id(self.id.borrowed())
    }

    /// SUB-08
    fn acknowledged(&self, wanted: &Wanted) -> Notification {
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
    fn announce(&self, announcement: &Announcement) -> Notification {
        let method = match announcement {
            Announcement::ToolsList => method::NOTIFICATIONS_TOOLS_LIST_CHANGED,
            Announcement::PromptsList => method::NOTIFICATIONS_PROMPTS_LIST_CHANGED,
            Announcement::ResourcesList => method::NOTIFICATIONS_RESOURCES_LIST_CHANGED,
            Announcement::Resource(uri) => {
                let params = ResourceUpdatedNotificationParams::new(&**uri).meta(self.meta());
                return notification(method::NOTIFICATIONS_RESOURCES_UPDATED, &params);
            }
        };
        notification(method, &NotificationParams::new().meta(self.meta()))
    }

    /// SUB-20
    fn end(&self) -> Response {
        let mut meta = SubscriptionsListenResultMetaObject::new(self.id.borrowed());
        meta.server_info.clone_from(&self.server_info);
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

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listen")
            .field("id", &self.subscription.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use mcpwire_codec::Message;
    use mcpwire_service::{Change, Drain};
    use serde_json::{Value, json};

    use super::*;
    use crate::listen::bus::LocalBus;

    const ALL: Offered = Offered {
        tools: true,
        prompts: true,
        resources: true,
        subscribe: true,
    };

    fn request(id: &Value, filter: &Value) -> Request {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({"notifications": filter, "_meta": meta});
        let text =
            json!({"jsonrpc": "2.0", "id": id, "method": "subscriptions/listen", "params": params});
        Request::new(Message::decode(text.to_string()).unwrap()).unwrap()
    }

    fn open(
        request: &Request,
        bus: &LocalBus,
        offered: Offered,
    ) -> Result<ReplyStream, Error<'static>> {
        let bus: Arc<dyn ChangeBus> = Arc::new(bus.clone());
        listen(request, &bus, offered, None, &Limits::default())
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What comes without waiting: `[method, params]`, or the result at the end.
    fn ready(stream: &mut ReplyStream) -> Vec<Value> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut seen = Vec::new();
        while let Poll::Ready(Some(item)) = Pin::new(&mut *stream).poll_next(&mut cx) {
            let value = |json: &[u8]| serde_json::from_slice::<Value>(json).unwrap();
            seen.push(match item {
                ReplyItem::Notification(one) => json!([one.method(), value(one.params().unwrap())]),
                ReplyItem::Response(end) => value(end.as_result().unwrap()),
            });
        }
        seen
    }

    fn tagged(id: &Value) -> Value {
        json!({"io.modelcontextprotocol/subscriptionId": id})
    }

    /// SUB-02, SUB-03, SUB-08.
    #[test]
    fn sub_05_the_acknowledgement_comes_first_and_names_what_is_honoured() {
        let bus = LocalBus::default();
        let filter = json!({"toolsListChanged": true, "promptsListChanged": false, "resourcesListChanged": true,
            "resourceSubscriptions": ["a:x", "a:x", "a:y"], "taskIds": ["t"]});
        for (offered, honoured) in [
            (
                ALL,
                json!({"toolsListChanged": true, "resourcesListChanged": true,
                "resourceSubscriptions": ["a:x", "a:y"]}),
            ),
            (
                Offered {
                    tools: true,
                    ..Offered::default()
                },
                json!({"toolsListChanged": true}),
            ),
            (Offered::default(), json!({})), // SUB-29
        ] {
            let id = json!("s1");
            let mut stream = open(&request(&id, &filter), &bus, offered).unwrap();
            // SUB-06: what happened before the stream was first read comes after the acknowledgement.
            bus.publish(Change::ToolsListChanged);
            let seen = ready(&mut stream);
            let params = json!({"notifications": honoured, "_meta": tagged(&id)});
            assert_eq!(
                seen[0],
                json!(["notifications/subscriptions/acknowledged", params])
            );
            assert_eq!(seen.len(), if offered.tools { 2 } else { 1 });
        }
    }

    /// META-28, SUB-11.
    #[test]
    fn sub_12_the_id_keeps_its_json_type() {
        let bus = LocalBus::default();
        for id in [json!(7), json!("7")] {
            let filter = json!({"toolsListChanged": true, "promptsListChanged": true,
                "resourcesListChanged": true, "resourceSubscriptions": ["a:x"]});
            let mut stream = open(&request(&id, &filter), &bus, ALL).unwrap();
            bus.publish(Change::ToolsListChanged);
            bus.publish(Change::PromptsListChanged);
            bus.publish(Change::ResourcesListChanged);
            bus.publish(Change::ResourceUpdated {
                uri: "a:x/1".into(),
            });
            let seen = ready(&mut stream);
            let meta = tagged(&id);
            assert_eq!(
                seen[1..],
                [
                    json!(["notifications/tools/list_changed", {"_meta": meta}]),
                    json!(["notifications/prompts/list_changed", {"_meta": meta}]),
                    json!(["notifications/resources/list_changed", {"_meta": meta}]),
                    json!(["notifications/resources/updated", {"uri": "a:x/1", "_meta": meta}]),
                ]
            );
        }
    }

    #[test]
    fn sub_20_a_drain_ends_the_stream_with_its_result() {
        let bus = LocalBus::default();
        let (switch, begun) = tokio::sync::watch::channel(false);
        let mut request = request(&json!(1), &json!({"toolsListChanged": true}));
        request.context_mut().drain = Drain::new(move || {
            let mut state = begun.clone();
            async move {
                let _ = state.wait_for(|begun| *begun).await;
            }
        });
        let mut stream = open(&request, &bus, ALL).unwrap();
        assert_eq!(ready(&mut stream).len(), 1);
        switch.send_replace(true);
        let result = json!({"resultType": "complete", "_meta": tagged(&json!(1))});
        assert_eq!(ready(&mut stream), [result]);
        assert_eq!(bus.subscribers(), 0);
    }

    #[test]
    fn sub_19_the_end_of_the_bus_is_the_end_of_the_stream() {
        let bus = LocalBus::default();
        let mut stream = open(
            &request(&json!(1), &json!({"toolsListChanged": true})),
            &bus,
            ALL,
        )
        .unwrap();
        bus.publish(Change::ToolsListChanged);
        drop(bus);
        assert_eq!(ready(&mut stream).len(), 3);
    }

    #[test]
    fn sub_30_an_idle_stream_sleeps() {
        let bus = LocalBus::default();
        let mut stream = open(
            &request(&json!(1), &json!({"toolsListChanged": true})),
            &bus,
            ALL,
        )
        .unwrap();
        ready(&mut stream);
        let counter = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&counter));
        let mut poll = || {
            Pin::new(&mut stream)
                .poll_next(&mut Context::from_waker(&waker))
                .is_ready()
        };
        assert!(!poll());
        assert_eq!(counter.0.load(Ordering::SeqCst), 0);
        bus.publish(Change::PromptsListChanged);
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        // Nobody asked for it: the stream takes it off the bus and goes back to sleep.
        assert!(!poll());
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        (0..BATCH).for_each(|_| bus.publish(Change::PromptsListChanged));
        let before = counter.0.load(Ordering::SeqCst);
        assert!(!poll());
        assert_eq!(counter.0.load(Ordering::SeqCst), before + 1);
        assert!(!poll());
        assert_eq!(counter.0.load(Ordering::SeqCst), before + 1);
    }

    #[test]
    fn a_filter_that_is_none_is_refused() {
        let bus = LocalBus::default();
        let many: Vec<_> = (0..257).map(|n| format!("a:{n}")).collect();
        for (filter, told) in [
            (json!(null), "notifications"), // SUB-01
            (json!({"toolsListChanged": 1}), "toolsListChanged"),
            (
                json!({"resourceSubscriptions": ["a:x", "no URI"]}),
                "resourceSubscriptions[1]",
            ), // RES-26
            (json!({"resourceSubscriptions": many}), "257 URIs"),
        ] {
            let error = open(&request(&json!(1), &filter), &bus, ALL).unwrap_err();
            assert_eq!(error.code, mcpwire_types::error_code::INVALID_PARAMS);
            assert!(error.message.contains(told), "{}", error.message);
        }
        assert_eq!(bus.subscribers(), 0);
    }
}
