//! A request that waits for its client.

use std::borrow::Cow;
use std::fmt;

use mcpwire_types::{InputRequest, InputRequiredResult};

/// What ends a handler that needs input: the questions, and the sealed state for the retry.
///
/// [`Input`](crate::Input) makes it; a handler passes it on with `?` and has no other business with it.
pub struct Pause {
    requests: Vec<(Cow<'static, str>, InputRequest<'static>)>,
    state: Option<String>,
}

impl Pause {
    /// At least one of both is there (MRTR-03).
    pub(super) fn new(
        requests: Vec<(Cow<'static, str>, InputRequest<'static>)>,
        state: Option<String>,
    ) -> Self {
        Self { requests, state }
    }

    /// The keys of what is asked for; none where the client may retry at once (MRTR-15).
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.requests.iter().map(|(key, _)| &**key)
    }

    /// The result on the wire (MRTR-02).
    pub(crate) fn into_result(self) -> InputRequiredResult<'static> {
        let mut result = InputRequiredResult::new();
        if !self.requests.is_empty() {
            result = result.input_requests(self.requests);
        }
        result.request_state = self.state.map(Cow::Owned);
        result
    }
}

/// The state is sealed, and long.
impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys().collect();
        f.debug_struct("Pause")
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}
