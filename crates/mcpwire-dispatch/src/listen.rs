//! `subscriptions/listen`: one stream of changes for one subscriber (SUB rows).
//!
//! ```text
//!   acknowledged -> changes, as they come, coalesced while the reader is busy -> result
//! ```
//!
//! Where changes come from, and what waits for a busy reader, is the bus's part; how many streams there
//! may be is [`budget`]'s. What is asked for is read in `filter`, what is said written in `subscription`.

pub(crate) mod budget;
pub(crate) mod changes;

mod filter;
mod subscription;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use mcpwire_codec::Part;
use mcpwire_service::{
    Change, ChangeBus, ChangeStream, Interest, Notification, ReplyItem, ReplyStream, Request,
};
use mcpwire_types::{Error, Implementation, SubscriptionsListenRequestParams};
use tokio::time::Sleep;

use self::budget::{Admitted, Budget, count};
use self::filter::{Silence, interest};
use self::subscription::Subscription;
use crate::limits::Limits;

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

/// Why there is no stream.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The params are wrong (`-32602`).
    Params(Error<'static>),
    /// There are as many streams as there may be.
    Full(Error<'static>),
}

/// The stream for one `subscriptions/listen` request.
///
/// It hears of every change from this call on, also of those before it is first polled.
pub(crate) fn listen(
    request: &Request,
    bus: &Arc<dyn ChangeBus>,
    budget: &Arc<Budget>,
    offered: Offered,
    server_info: Option<&Arc<Implementation<'static>>>,
    limits: &Limits,
) -> Result<ReplyStream, Refused> {
    let params: SubscriptionsListenRequestParams<'_> = request
        .message()
        .parse(Part::Params)
        .map_err(|error| Refused::Params(error.to_error()))?;
    let interest = interest(&params.notifications, offered, limits).map_err(Refused::Params)?;
    let principal = request.context().principal.as_ref();
    let admitted = budget.admit(principal, limits).map_err(Refused::Full)?;
    let changes: ChangeStream = if interest.is_empty() {
        Box::pin(Silence)
    } else {
        bus.subscribe(interest.clone())
    };
    let age = limits.max_subscription_age.map(jittered);
    Ok(ReplyStream::new(Listen {
        subscription: Subscription {
            id: request.id().clone(),
            server_info: server_info.cloned(),
        },
        acknowledged: false,
        interest,
        due: VecDeque::new(),
        changes: Some(changes),
        drain: request.context().drain.begun(),
        age: age.map(|age| Box::pin(tokio::time::sleep(age))),
        admitted,
    }))
}

/// The last fifth of the age is chance, so that streams that began together do not end together.
fn jittered(age: Duration) -> Duration {
    age / 1000 * fastrand::u32(800..=1000)
}

struct Listen {
    subscription: Subscription,
    acknowledged: bool,
    interest: Interest,
    /// What has to be told before anything else: after a loss, and at the end.
    due: VecDeque<Change>,
    /// `None` once nothing more is listened for.
    changes: Option<ChangeStream>,
    drain: Pin<Box<dyn Future<Output = ()> + Send>>,
    age: Option<Pin<Box<Sleep>>>,
    admitted: Admitted,
}

impl Listen {
    /// Stops listening where it is time to. What waits by then is still told.
    fn end_if_due(&mut self, cx: &mut Context<'_>) {
        let Some(changes) = &mut self.changes else {
            return;
        };
        let budget = &self.admitted.budget;
        if self.drain.as_mut().poll(cx).is_ready() {
            count(&budget.drained);
        } else if (self.age.as_mut()).is_some_and(|age| age.as_mut().poll(cx).is_ready()) {
            count(&budget.aged);
        } else {
            return;
        }
        // Whoever publishes without a pause does not keep the stream open.
        let at_most = self.interest.max_pending + self.interest.resources.len() + 3;
        for _ in 0..at_most {
            match changes.as_mut().poll_next(cx) {
                Poll::Ready(Some(Change::Missed)) => self.due.extend(everything(&self.interest)),
                Poll::Ready(Some(change)) => self.due.push_back(change),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        self.changes = None;
    }

    /// The next notification; `None` after the last one.
    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Option<Notification>> {
        loop {
            let change = match (self.due.pop_front(), &mut self.changes) {
                (Some(change), _) => change,
                (None, None) => return Poll::Ready(None),
                (None, Some(changes)) => match ready!(changes.as_mut().poll_next(cx)) {
                    Some(change) => change,
                    None => return Poll::Ready(None),
                },
            };
            if change == Change::Missed {
                self.due = everything(&self.interest);
            } else if self.interest.covers(&change)
                // A bus that tells more than it was asked for is not believed (SUB-04).
                && let Some(notification) = self.subscription.announce(&change)
            {
                return Poll::Ready(Some(notification));
            }
        }
    }
}

/// What a subscriber has to look at again after a loss (SUB-30).
fn everything(interest: &Interest) -> VecDeque<Change> {
    let lists = [
        Change::ToolsListChanged,
        Change::PromptsListChanged,
        Change::ResourcesListChanged,
    ];
    let resources = interest.resources.iter();
    let resources = resources.map(|uri| Change::ResourceUpdated {
        uri: Arc::clone(uri),
    });
    let all = lists.into_iter().chain(resources);
    all.filter(|change| interest.covers(change)).collect()
}

impl Stream for Listen {
    type Item = ReplyItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReplyItem>> {
        let this = &mut *self;
        if !this.acknowledged {
            this.acknowledged = true;
            let acknowledged = this.subscription.acknowledged(&this.interest);
            return Poll::Ready(Some(ReplyItem::Notification(acknowledged)));
        }
        this.end_if_due(cx);
        Poll::Ready(Some(match ready!(this.poll_notification(cx)) {
            Some(notification) => ReplyItem::Notification(notification),
            None => ReplyItem::Response(this.subscription.end()),
        }))
    }
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

    use futures_util::stream;
    use mcpwire_codec::Message;
    use mcpwire_service::{Drain, LocalBus, Principal};
    use serde_json::{Value, json};

    use super::*;

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

    fn open(request: &Request, bus: &LocalBus, offered: Offered) -> Result<ReplyStream, Refused> {
        open_within(request, bus, offered, &Arc::default(), &Limits::default())
    }

    fn open_within(
        request: &Request,
        bus: &LocalBus,
        offered: Offered,
        budget: &Arc<Budget>,
        limits: &Limits,
    ) -> Result<ReplyStream, Refused> {
        let bus: Arc<dyn ChangeBus> = Arc::new(bus.clone());
        listen(request, &bus, budget, offered, None, limits)
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What comes without waiting: `[method, params]`, or the result at the end.
    fn come(stream: &mut ReplyStream) -> Vec<Value> {
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
            let seen = come(&mut stream);
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
            let seen = come(&mut stream);
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
        assert_eq!(come(&mut stream).len(), 1);
        switch.send_replace(true);
        let result = json!({"resultType": "complete", "_meta": tagged(&json!(1))});
        assert_eq!(come(&mut stream), [result]);
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
        assert_eq!(come(&mut stream).len(), 3);
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
        come(&mut stream);
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
        assert_eq!(counter.0.load(Ordering::SeqCst), 0);
        bus.publish(Change::ToolsListChanged);
        bus.publish(Change::ToolsListChanged);
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn sub_30_after_a_loss_everything_is_told() {
        let bus = LocalBus::default();
        let filter = json!({"toolsListChanged": true, "resourceSubscriptions": ["a:x", "a:y"]});
        let mut stream = open(&request(&json!(1), &filter), &bus, ALL).unwrap();
        bus.publish(Change::Missed);
        bus.publish(Change::ToolsListChanged);
        let seen = come(&mut stream);
        let told: Vec<_> = seen.iter().map(|item| item[1]["uri"].as_str()).collect();
        assert_eq!(told, [None, None, Some("a:x"), Some("a:y")]);
        assert_eq!(seen[1][0], "notifications/tools/list_changed");
    }

    /// A bus of somebody else may do so.
    #[test]
    fn sub_04_what_was_not_asked_for_is_not_told() {
        #[derive(Debug)]
        struct Chatty;
        impl ChangeBus for Chatty {
            fn publish(&self, _: Change) {}
            fn subscribe(&self, _: Interest) -> ChangeStream {
                let uri = "a:z".into();
                Box::pin(stream::iter([
                    Change::PromptsListChanged,
                    Change::ResourceUpdated { uri },
                ]))
            }
        }
        let bus: Arc<dyn ChangeBus> = Arc::new(Chatty);
        let filter = json!({"toolsListChanged": true, "resourceSubscriptions": ["a:x"]});
        let request = request(&json!(1), &filter);
        let opened = listen(
            &request,
            &bus,
            &Arc::default(),
            ALL,
            None,
            &Limits::default(),
        );
        assert_eq!(come(&mut opened.unwrap()).len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_its_result_when_it_is_old() {
        let (bus, budget) = (LocalBus::default(), Arc::default());
        let age = Duration::from_secs(100);
        let limits = Limits::default().max_subscription_age(Some(age));
        let filter = json!({"toolsListChanged": true});
        let mut ends = Vec::new();
        for _ in 0..20 {
            let begun = tokio::time::Instant::now();
            let mut stream =
                open_within(&request(&json!(1), &filter), &bus, ALL, &budget, &limits).unwrap();
            let mut items = Vec::new();
            while let Some(item) =
                std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await
            {
                items.push(matches!(item, ReplyItem::Response(_)));
            }
            assert_eq!(items, [false, true]);
            let lasted = begun.elapsed();
            assert!(lasted <= age + Duration::from_millis(2) && lasted >= age.mul_f64(0.8));
            ends.push(lasted.as_millis());
        }
        ends.dedup();
        assert!(ends.len() > 10, "{ends:?}");
        assert_eq!(budget.stats().aged, 20);
        assert_eq!(budget.stats().open, 0);
    }

    #[test]
    fn as_many_streams_as_may_be_open_are() {
        let (bus, budget) = (LocalBus::default(), Arc::default());
        let limits = Limits::default().max_subscriptions_per_principal(1);
        let mut request = request(&json!(1), &json!({"toolsListChanged": true}));
        request.context_mut().principal = Some(Principal::new("ada"));
        let open = || open_within(&request, &bus, ALL, &budget, &limits);
        let stream = open().unwrap();
        let Err(Refused::Full(error)) = open() else {
            panic!("a refusal was due")
        };
        assert_eq!(error.code, mcpwire_types::error_code::INTERNAL_ERROR);
        drop(stream);
        assert!(open().is_ok());
    }

    /// Even while changes come without a pause.
    #[test]
    fn sub_20_what_waits_is_told_before_the_end() {
        let bus = LocalBus::default();
        let mut request = request(&json!(1), &json!({"toolsListChanged": true}));
        request.context_mut().drain = Drain::new(|| async {});
        let mut stream = open(&request, &bus, ALL).unwrap();
        bus.publish(Change::ToolsListChanged);
        let seen = come(&mut stream);
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[2]["resultType"], "complete");
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
            let Err(Refused::Params(error)) = open(&request(&json!(1), &filter), &bus, ALL) else {
                panic!("a refusal was due for {filter}")
            };
            assert_eq!(error.code, mcpwire_types::error_code::INVALID_PARAMS);
            assert!(error.message.contains(told), "{}", error.message);
        }
        assert_eq!(bus.subscribers(), 0);
    }
}
