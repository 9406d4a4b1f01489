//! How the law is checked.

use std::fmt;

use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::Value;

use super::conversation::Step;
use super::limits::Limits;
use crate::mask::Mask;

/// What conversations are like, and what counts as the same answer.
///
/// ```
/// use mcpwire_testkit::Mask;
/// use mcpwire_testkit::law::{Options, Step};
/// use proptest::prelude::*;
/// use serde_json::json;
///
/// let options = Options::default()
///     .cases(2000)
///     .replicas(4)
///     .mask(Mask::default().pointer("/result/structuredContent/takenAt"))
///     // Arguments that no schema tells.
///     .arguments("login", Just(json!({"user": "ada", "password": "secret"})))
///     // Requests of your own, beside those that are generated.
///     .request((1..9_u8).prop_map(|n| Step::new("x/vote", json!({"for": n}))))
///     .principals(["ada", "bob"]);
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) seed: u64,
    pub(super) cases: u32,
    pub(super) replicas: usize,
    pub(super) steps: usize,
    pub(super) mask: Mask,
    pub(super) limits: Limits,
    pub(super) real_time: bool,
    pub(super) principals: Vec<String>,
    pub(super) own: Vec<BoxedStrategy<Step>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            cases: 256,
            replicas: 3,
            steps: 8,
            mask: Mask::default(),
            limits: Limits::default(),
            real_time: false,
            principals: Vec::new(),
            own: Vec::new(),
        }
    }
}

impl Options {
    /// What everything random comes from; 0. The same seed gives the same conversations.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many conversations are had at least; 256.
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// How many instances a conversation is spread over; 3.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas.max(1);
        self
    }

    /// How many steps a conversation has at most; 8. Those with rounds or pages are more requests.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps.max(1);
        self
    }

    /// What may differ.
    pub fn mask(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }

    /// How far a conversation goes.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Lets the clock run as it does. Otherwise it stands still while anything can go on and then jumps
    /// to the next timer, so that waiting costs nothing: right for a server that is in this process as
    /// a whole, and wrong for one that waits for a database.
    pub fn real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    /// On whose behalf requests are made, besides nobody's.
    pub fn principals(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.principals = names.into_iter().map(Into::into).collect();
        self
    }

    /// Calls a tool with these arguments too, for what its schema does not tell.
    pub fn arguments(
        self,
        tool: impl Into<String>,
        arguments: impl Strategy<Value = Value> + 'static,
    ) -> Self {
        let tool = tool.into();
        self.request(arguments.prop_map(move |arguments| Step::tool(&tool, arguments)))
    }

    /// Sends these requests too.
    pub fn request(mut self, steps: impl Strategy<Value = Step> + 'static) -> Self {
        self.own.push(steps.boxed());
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("seed", &self.seed)
            .field("cases", &self.cases)
            .field("replicas", &self.replicas)
            .field("steps", &self.steps)
            .field("mask", &self.mask)
            .field("limits", &self.limits)
            .field("real_time", &self.real_time)
            .field("principals", &self.principals)
            .field("own", &self.own.len())
            .finish()
    }
}
