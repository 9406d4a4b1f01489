//! What one subscriber wants to hear of.

use std::sync::Arc;

use super::Change;

/// What one subscriber wants to hear of, and how much of it may wait while it is busy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interest {
    /// Changes of the set of tools.
    pub tools_list: bool,
    /// Changes of the set of prompts.
    pub prompts_list: bool,
    /// Changes of the set of resources and templates.
    pub resources_list: bool,
    /// Updates of these resources and of those below them (SUB-27).
    pub resources: Vec<Arc<str>>,
    /// How many different changes may wait for the subscriber; 256. Of further updated resources it is
    /// told the one in [`resources`](Self::resources) that they are below (SUB-30).
    pub max_pending: usize,
}

impl Default for Interest {
    /// None, and at most 256 changes that wait.
    fn default() -> Self {
        Self {
            tools_list: false,
            prompts_list: false,
            resources_list: false,
            resources: Vec::new(),
            max_pending: 256,
        }
    }
}

impl Interest {
    /// Whether it is in nothing at all.
    pub fn is_empty(&self) -> bool {
        !self.tools_list && !self.prompts_list && !self.resources_list && self.resources.is_empty()
    }

    /// Whether the subscriber should be told of a change.
    pub fn covers(&self, change: &Change) -> bool {
        match change {
            Change::ToolsListChanged => self.tools_list,
            Change::PromptsListChanged => self.prompts_list,
            Change::ResourcesListChanged => self.resources_list,
            Change::ResourceUpdated { uri } => self.covering(uri).is_some(),
            Change::Missed => !self.is_empty(),
        }
    }

    /// The resource of interest that an updated one is, or is below (SUB-27).
    pub fn covering(&self, uri: &str) -> Option<&Arc<str>> {
        self.resources
            .iter()
            .find(|subscribed| is_at_or_below(uri, subscribed))
    }
}

/// SUB-27
fn is_at_or_below(uri: &str, subscribed: &str) -> bool {
    uri.strip_prefix(subscribed)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || subscribed.ends_with('/'))
}

/// Every URI that covers this one: itself, and where it can be cut at a slash.
pub(super) fn covers_of(uri: &str) -> impl Iterator<Item = &str> {
    let cuts = uri.match_indices('/').flat_map(move |(at, _)| {
        let above = uri.get(..at).filter(|above| !above.ends_with('/'));
        let with_slash = uri.get(..=at).filter(|above| above.len() < uri.len());
        [above, with_slash]
    });
    std::iter::once(uri).chain(cuts.flatten())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

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
            let interest = Interest {
                resources: vec![subscribed.into()],
                ..Interest::default()
            };
            let change = Change::ResourceUpdated { uri: uri.into() };
            assert_eq!(interest.covers(&change), covered, "{subscribed} {uri}");
        }
    }

    #[test]
    fn sub_04_interest_in_one_thing_covers_no_other() {
        let updated = Change::ResourceUpdated { uri: "a:x".into() };
        let all = [
            Change::ToolsListChanged,
            Change::PromptsListChanged,
            Change::ResourcesListChanged,
            updated,
        ];
        let mut one = [(); 4].map(|()| Interest::default());
        assert!(!one[0].covers(&Change::Missed));
        one[0].tools_list = true;
        one[1].prompts_list = true;
        one[2].resources_list = true;
        one[3].resources = vec!["a:x".into()];
        for (at, interest) in one.iter().enumerate() {
            for (other, change) in all.iter().enumerate() {
                assert_eq!(interest.covers(change), at == other);
            }
            assert!(interest.covers(&Change::Missed));
        }
    }

    proptest! {
        /// The URIs to look up are those that cover, each once.
        #[test]
        fn sub_27_what_is_looked_up_is_what_covers(uri in "a:[/b]{0,8}", cut in 0..12_usize) {
            let looked_up: Vec<_> = covers_of(&uri).collect();
            let distinct: BTreeSet<_> = looked_up.iter().collect();
            prop_assert_eq!(distinct.len(), looked_up.len());
            let above = &uri[..cut.min(uri.len())];
            prop_assert_eq!(looked_up.contains(&above), is_at_or_below(&uri, above));
        }
    }
}
