//! One server, from its start to its end.

use std::time::{Duration, Instant};

use bench_kit::{Memory, median_time as median};

use super::streams::Streams;
use super::{FEW, Server};
use crate::message;
use crate::server::Change;

/// How often a list change is announced in one round.
const DELIVERIES: usize = 10;
/// How often a resource is announced.
const UPDATES: usize = 100;

/// What one of our streams is sent, and the floor sends as well.
pub(crate) struct Messages {
    pub(crate) acknowledged: String,
    pub(crate) list: String,
    pub(crate) update: String,
}

impl Messages {
    pub(crate) fn of_ours() -> Result<Self, String> {
        let mut server = Server::start("mcpwire", &[])?;
        let mut streams = Streams::open(server.address(), 1)?;
        let acknowledged = streams.last().to_owned();
        server.publish(&Change::Tools)?;
        streams.wait(|counts| counts.lists > 0)?;
        let list = streams.last().to_owned();
        server.publish(&Change::Resource(message::uri(message::FIRST)))?;
        streams.wait(|counts| counts.updates > 0)?;
        let update = streams.last().to_owned();
        Ok(Self {
            acknowledged,
            list,
            update,
        })
    }
}

pub(crate) struct Round {
    /// Bytes per stream that was opened and is idle.
    pub(crate) resident: f64,
    pub(crate) own: f64,
    /// The former after everything else of the round.
    pub(crate) resident_later: f64,
    /// How long all streams took to be opened.
    pub(crate) opening: Duration,
    pub(crate) deliveries: Vec<Duration>,
    /// Processor time of the server for one delivery.
    pub(crate) delivering: Duration,
    /// The data of one list change, in bytes.
    pub(crate) list_len: usize,
    pub(crate) few: Publishing,
    pub(crate) many: Publishing,
}

/// What it took to announce a resource that one stream listens to.
#[derive(Clone, Copy)]
pub(crate) struct Publishing {
    /// The call alone.
    pub(crate) call: Duration,
    /// Until the listener had it.
    pub(crate) latency: Duration,
    /// Processor time of the server, whatever it did because of it.
    pub(crate) work: Duration,
}

impl Round {
    pub(crate) fn run(name: &str, messages: &Messages, number: usize) -> Result<Self, String> {
        let events = [&*messages.acknowledged, &*messages.list, &*messages.update];
        let args = if name == "bare" { &events[..] } else { &[] };

        let mut server = Server::start(name, args)?;
        let mut streams = Streams::open(server.address(), FEW)?;
        let few = publishing(&mut server, &mut streams)?;
        drop((streams, server));

        let mut server = Server::start(name, args)?;
        // What is set up once, with the first stream, belongs to no stream.
        drop(Streams::open(server.address(), FEW)?);
        server.quiet()?;
        let before = server.memory()?;
        let begin = Instant::now();
        let mut streams = Streams::open(server.address(), number)?;
        let opening = begin.elapsed();
        server.quiet()?;
        let Memory { resident, own, .. } = server.memory()?;
        let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / number as f64;
        let (resident, own) = (each(before.resident, resident), each(before.own, own));

        let idle = server.quiet()?;
        let deliveries = deliver(&mut server, &mut streams, number)?;
        let delivering = (server.quiet()? - idle) / DELIVERIES as u32;
        let list_len = streams.last().len();
        let many = publishing(&mut server, &mut streams)?;
        let resident_later = each(before.resident, server.memory()?.resident);
        Ok(Self {
            resident,
            own,
            resident_later,
            opening,
            deliveries,
            delivering,
            list_len,
            few,
            many,
        })
    }
}

/// From the order to announce a list change until the last stream has it.
fn deliver(
    server: &mut Server,
    streams: &mut Streams,
    number: usize,
) -> Result<Vec<Duration>, String> {
    let mut times = Vec::with_capacity(DELIVERIES);
    for _ in 0..DELIVERIES {
        let expected = streams.counts().lists + number;
        let begin = Instant::now();
        server.order(&Change::Tools)?;
        let end = streams.wait(|counts| counts.lists >= expected)?;
        server.published()?;
        times.push(end - begin);
        server.quiet()?;
    }
    Ok(times)
}

fn publishing(server: &mut Server, streams: &mut Streams) -> Result<Publishing, String> {
    let change = Change::Resource(message::uri(message::FIRST));
    let (mut calls, mut latencies) = (Vec::new(), Vec::new());
    let idle = server.quiet()?;
    for _ in 0..UPDATES {
        let expected = streams.counts().updates + 1;
        let begin = Instant::now();
        server.order(&change)?;
        let end = streams.wait(|counts| counts.updates >= expected)?;
        calls.push(server.published()?);
        latencies.push(end - begin);
    }
    let work = (server.quiet()? - idle) / UPDATES as u32;
    Ok(Publishing {
        call: median(calls),
        latency: median(latencies),
        work,
    })
}
