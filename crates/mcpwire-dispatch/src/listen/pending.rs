//! What one subscriber still has to be told: bounded, and each thing once (SUB-04, SUB-30).

use std::collections::VecDeque;
use std::sync::Arc;

use mcpwire_service::Change;

/// What a subscriber asked for, as far as the server honours it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) tools_list: bool,
    pub(super) prompts_list: bool,
    pub(super) resources_list: bool,
    /// Without duplicates.
    pub(super) resources: Vec<Arc<str>>,
}

impl Wanted {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The subscription that covers a resource: the same URI, or one above it (SUB-27).
    fn covering(&self, uri: &str) -> Option<&Arc<str>> {
        self.resources.iter().find(|subscribed| {
            let below = uri.strip_prefix(&***subscribed);
            below.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || subscribed.ends_with('/')
            })
        })
    }
}

/// One notification to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    ToolsList,
    PromptsList,
    ResourcesList,
    Resource(Arc<str>),
}

/// Announcements that wait for the reader, each at most once.
#[derive(Debug)]
pub(super) struct Pending {
    wanted: Wanted,
    queue: VecDeque<Announcement>,
    /// Resources below the subscribed ones that may wait; the subscribed ones are bounded as it is.
    max_updates: usize,
}

impl Pending {
    pub(super) fn new(wanted: Wanted, max_updates: usize) -> Self {
        Self {
            wanted,
            queue: VecDeque::new(),
            max_updates,
        }
    }

    pub(super) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    pub(super) fn add(&mut self, change: &Change) {
        match change {
            Change::ToolsListChanged if self.wanted.tools_list => {
                self.push(Announcement::ToolsList);
            }
            Change::PromptsListChanged if self.wanted.prompts_list => {
                self.push(Announcement::PromptsList);
            }
            Change::ResourcesListChanged if self.wanted.resources_list => {
                self.push(Announcement::ResourcesList);
            }
            Change::ResourceUpdated { uri } => self.update(uri),
            Change::Missed => self.everything(),
            _ => {}
        }
    }

    pub(super) fn next(&mut self) -> Option<Announcement> {
        self.queue.pop_front()
    }

    fn push(&mut self, announcement: Announcement) {
        if !self.queue.contains(&announcement) {
            self.queue.push_back(announcement);
        }
    }

    fn update(&mut self, uri: &Arc<str>) {
        let Some(subscribed) = self.wanted.covering(uri) else {
            return;
        };
        // With too much to tell one by one, the subscribed resource itself stands for what is below.
        let full = self.queue.len() >= self.max_updates;
        let uri = if full { subscribed } else { uri };
        self.push(Announcement::Resource(Arc::clone(uri)));
    }

    fn everything(&mut self) {
        for change in [
            Change::ToolsListChanged,
            Change::PromptsListChanged,
            Change::ResourcesListChanged,
        ] {
            self.add(&change);
        }
        for uri in self.wanted.resources.clone() {
            self.push(Announcement::Resource(uri));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn updated(uri: &str) -> Change {
        Change::ResourceUpdated { uri: uri.into() }
    }

    fn resource(uri: &str) -> Announcement {
        Announcement::Resource(uri.into())
    }

    fn wanted(uris: &[&str]) -> Wanted {
        Wanted {
            resources: uris.iter().map(|uri| (*uri).into()).collect(),
            ..Wanted::default()
        }
    }

    fn drain(pending: &mut Pending) -> Vec<Announcement> {
        std::iter::from_fn(|| pending.next()).collect()
    }

    #[test]
    fn sub_04_nothing_is_told_that_was_not_asked_for() {
        let all = [
            Change::ToolsListChanged,
            Change::PromptsListChanged,
            Change::ResourcesListChanged,
            updated("a:x"),
            Change::Missed,
        ];
        for (wanted, expected) in [
            (Wanted::default(), vec![]),
            (
                Wanted {
                    tools_list: true,
                    ..Wanted::default()
                },
                vec![Announcement::ToolsList],
            ),
            (
                Wanted {
                    prompts_list: true,
                    ..Wanted::default()
                },
                vec![Announcement::PromptsList],
            ),
            (
                Wanted {
                    resources_list: true,
                    ..Wanted::default()
                },
                vec![Announcement::ResourcesList],
            ),
            (wanted(&["a:x"]), vec![resource("a:x")]),
            (wanted(&["a:y"]), vec![resource("a:y")]), // because of `Missed`
        ] {
            let mut pending = Pending::new(wanted, 10);
            for change in &all {
                pending.add(change);
            }
            assert_eq!(drain(&mut pending), expected);
        }
    }

    #[test]
    fn sub_27_a_subscription_covers_what_is_below_it() {
        for (subscribed, uri, covered) in [
            ("file:///a", "file:///a", true),
            ("file:///a", "file:///a/b", true),
            ("file:///a", "file:///a/b/c", true),
            ("file:///a", "file:///ab", false),
            ("file:///a", "file:///", false),
            ("file:///a/", "file:///a/b", true),
            ("file:///a/", "file:///a", false),
            ("file:///a", "file:///A/b", false),
            ("file:///a", "file:///a?x", false),
        ] {
            assert_eq!(
                wanted(&[subscribed]).covering(uri).is_some(),
                covered,
                "{subscribed} {uri}"
            );
        }
    }

    #[test]
    fn sub_30_equal_announcements_are_coalesced() {
        let mut pending = Pending::new(wanted(&["a:x", "a:y"]), 10);
        for uri in ["a:x", "a:y", "a:x", "a:x/1", "a:y"] {
            pending.add(&updated(uri));
        }
        assert_eq!(
            drain(&mut pending),
            [resource("a:x"), resource("a:y"), resource("a:x/1")]
        );
        pending.add(&updated("a:x"));
        assert_eq!(drain(&mut pending), [resource("a:x")]);
    }

    #[test]
    fn sub_30_with_too_much_to_tell_the_subscribed_resource_stands_for_it() {
        let mut pending = Pending::new(wanted(&["a:x"]), 3);
        for n in 0..100 {
            pending.add(&updated(&format!("a:x/{n}")));
        }
        assert_eq!(
            drain(&mut pending),
            [
                resource("a:x/0"),
                resource("a:x/1"),
                resource("a:x/2"),
                resource("a:x")
            ]
        );
    }

    #[test]
    fn sub_30_after_a_loss_everything_is_told() {
        let mut pending = Pending::new(
            Wanted {
                tools_list: true,
                prompts_list: true,
                resources_list: true,
                ..wanted(&["a:x", "a:y"])
            },
            1,
        );
        pending.add(&Change::Missed);
        pending.add(&Change::Missed);
        assert_eq!(
            drain(&mut pending),
            [
                Announcement::ToolsList,
                Announcement::PromptsList,
                Announcement::ResourcesList,
                resource("a:x"),
                resource("a:y"),
            ]
        );
    }

    proptest! {
        /// Whatever happens, the queue is bounded, has nothing twice, and forgets no subscription.
        #[test]
        fn sub_30_the_queue_is_bounded(uris in prop::collection::vec("a:[xyz](/[0-9]{1,2})?", 0..200)) {
            let mut pending = Pending::new(wanted(&["a:x", "a:y"]), 8);
            for uri in &uris {
                pending.add(&updated(uri));
                prop_assert!(pending.queue.len() <= 8 + 2);
            }
            let told = drain(&mut pending);
            for (index, announcement) in told.iter().enumerate() {
                prop_assert!(!told[..index].contains(announcement));
            }
            for uri in uris.iter().filter(|uri| !uri.starts_with("a:z")) {
                prop_assert!(told.contains(&resource(uri)) || told.contains(&resource(&uri[..3])));
            }
        }
    }
}
