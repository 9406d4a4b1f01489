//! Where two runs of a conversation part, in words.

use std::fmt;

use super::run::{Asked, Entry, Run};
use crate::mask::{Difference, Mask, shown};
use crate::transcript::Item;

/// A request as a report shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// Its place in the conversation, from 1 on.
    pub number: usize,
    /// Which instance it reached, from 0 on.
    pub instance: usize,
    /// The method.
    pub method: String,
    /// The JSON text of the message.
    pub message: String,
}

impl Sent {
    fn of(asked: &[Asked], nth: usize) -> Self {
        let asked = asked.get(nth);
        Self {
            number: nth + 1,
            instance: asked.map_or(0, |it| it.instance),
            method: asked.map_or_else(String::new, |it| it.method.clone()),
            message: asked.map_or_else(String::new, |it| it.line.clone()),
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            instance,
            method,
            message,
        } = self;
        let message = brief(message);
        write!(
            f,
            "request {number}, {method}, on instance {instance}\n      {message}"
        )
    }
}

/// The message without what is the same in each of them.
fn brief(message: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(message) else {
        return shown(message);
    };
    if let Some(params) = value.get_mut("params") {
        if let Some(meta) = params
            .get_mut("_meta")
            .and_then(|meta| meta.as_object_mut())
        {
            meta.remove("io.modelcontextprotocol/protocolVersion");
            meta.remove("io.modelcontextprotocol/clientCapabilities");
            if meta.is_empty() {
                params.as_object_mut().map(|params| params.remove("_meta"));
            }
        }
        if let Some(state) = params.get_mut("requestState")
            && let Some(text) = state.as_str()
            && text.len() > 24
        {
            let start: String = text.chars().take(16).collect();
            *state = format!("{start}... ({} bytes)", text.len()).into();
        }
        return shown(&params.to_string());
    }
    shown(message)
}

/// The first request whose answer depended on where it landed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diverged {
    /// The request.
    pub request: Sent,
    /// How many instances there were.
    pub instances: usize,
    /// What one instance that served the whole conversation answered at this place; `None` where
    /// nothing more came.
    pub expected: Option<Item>,
    /// What the instance that the request reached answered.
    pub found: Option<Item>,
    /// Where the two first differ, when both answered with the same kind of item.
    pub difference: Option<Difference>,
    /// The request that was answered meanwhile, where the answer is a stream that stayed open.
    pub during: Option<Sent>,
    /// The earlier requests that were elsewhere and that the answer depends on: moving one of them
    /// alone away from the instance of this request changes the answer. Where none does alone, all
    /// that were elsewhere.
    pub elsewhere: Vec<Sent>,
    /// From which seed the conversation was generated, if it was.
    pub seed: Option<u64>,
}

/// Where two runs part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parting {
    /// The index of the entry.
    pub(super) at: usize,
    /// Whose answer it is, and while what was asked.
    pub(super) asked: usize,
    pub(super) during: usize,
}

/// The first entry that differs.
pub(super) fn parting(one: &Run, other: &Run, mask: &Mask) -> Option<Parting> {
    for at in 0..one.entries.len().max(other.entries.len()) {
        let (expected, found) = (one.entries.get(at), other.entries.get(at));
        if let (Some(expected), Some(found)) = (expected, found) {
            let method = one
                .asked
                .get(expected.asked)
                .map_or("", |asked| &asked.method);
            let same = (expected.asked, expected.during) == (found.asked, found.during);
            if same && mask.compare(method, &expected.item, &found.item).is_none() {
                continue;
            }
        }
        // Where the two are of different requests, the earlier request has less or more than it should:
        // it is a stream that stayed open.
        let first = [expected, found].into_iter().flatten();
        let first = first.min_by_key(|entry| (entry.during, entry.asked))?;
        return Some(Parting {
            at,
            asked: first.asked,
            during: first.during,
        });
    }
    None
}

impl Diverged {
    pub(super) fn new(
        one: &Run,
        other: &Run,
        parting: Parting,
        instances: usize,
        mask: &Mask,
    ) -> Self {
        let of = |run: &Run| {
            let entry: Option<&Entry> = run.entries.get(parting.at);
            let is_it =
                |entry: &&Entry| (entry.asked, entry.during) == (parting.asked, parting.during);
            entry.filter(is_it).map(|entry| entry.item.clone())
        };
        let (expected, found) = (of(one), of(other));
        let request = Sent::of(&other.asked, parting.asked);
        let difference = match (&expected, &found) {
            (Some(expected), Some(found)) => mask.compare(&request.method, expected, found),
            _ => None,
        };
        let during =
            (parting.during != parting.asked).then(|| Sent::of(&other.asked, parting.during));
        Self {
            request,
            instances,
            expected,
            found,
            difference,
            during,
            elsewhere: Vec::new(),
            seed: None,
        }
    }

    pub(super) fn blame(&mut self, run: &Run, requests: &[usize]) {
        self.elsewhere = requests
            .iter()
            .map(|nth| Sent::of(&run.asked, *nth))
            .collect();
    }

    fn carried_state(&self) -> bool {
        let message = serde_json::from_str::<serde_json::Value>(&self.request.message).ok();
        let state = message
            .as_ref()
            .and_then(|it| it.pointer("/params/requestState"));
        state.is_some()
    }
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = |item: &Option<Item>| {
            item.as_ref()
                .map_or_else(|| "nothing".to_owned(), |item| shown(&item.to_string()))
        };
        writeln!(f, "    {}", self.request)?;
        if let Some(during) = &self.during {
            writeln!(f, "  its stream was open during\n    {during}")?;
        }
        writeln!(
            f,
            "  one instance that serves everything answers\n      {}",
            item(&self.expected)
        )?;
        writeln!(f, "  this one answers\n      {}", item(&self.found))?;
        if let Some(difference) = &self.difference {
            writeln!(f, "  they differ at {difference}")?;
        }
        Ok(())
    }
}

impl Diverged {
    /// The whole report, for requests that depend on where they land.
    pub(super) fn report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instances = self.instances;
        writeln!(
            f,
            "an answer depends on which of {instances} instances the request reaches"
        )?;
        write!(f, "{self}")?;
        match self.elsewhere.as_slice() {
            [] => {}
            [one] => writeln!(f, "  because this earlier request was elsewhere\n    {one}")?,
            several => {
                writeln!(
                    f,
                    "  because of these earlier requests, which were elsewhere"
                )?;
                several
                    .iter()
                    .try_for_each(|one| writeln!(f, "    {one}"))?;
            }
        }
        let advice = if self.carried_state() {
            "the request carries a state that another instance made: have all the same key ring?"
        } else if self.during.is_some() {
            "a change notice reaches the streams of its own instance only: is the change bus shared?"
        } else {
            "what one request leaves behind for another has to be kept where every instance finds it, \
             or to travel with the client"
        };
        write!(f, "  {advice}")?;
        if let Some(seed) = self.seed {
            write!(
                f,
                "\n  found with seed {seed}, and made as small as it gets"
            )?;
        }
        Ok(())
    }

    /// The whole report, where one instance does not answer twice the same.
    pub(super) fn unrepeatable(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "a server alone does not answer the same conversation twice in the same way, \
             so that nothing can be said about several"
        )?;
        write!(f, "{self}")?;
        write!(
            f,
            "  what is different each time (time, random numbers) can be masked; what outlives a \
             server has to be made anew in the closure that makes servers"
        )?;
        if let Some(seed) = self.seed {
            write!(
                f,
                "\n  found with seed {seed}, and made as small as it gets"
            )?;
        }
        Ok(())
    }
}
