//! What came of it, and whether that is what it should be.

use std::time::Duration;

use bench_kit::{Aim, Table, Unit, median, median_time};

use super::round::{Messages, Publishing, Round};
use super::{FEW, Results};

/// A measure of all rounds of one server, in nanoseconds or bytes.
type Measure = fn(&[Round]) -> f64;

const MEMORY: &str = "memory per idle stream (VmRSS)";
const DELIVERY: &str = "a list change, until the last has it";

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn middle(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    median(rounds.iter().map(of))
}

fn few_of(rounds: &[Round], of: fn(&Publishing) -> Duration) -> f64 {
    middle(rounds, |round| nanoseconds(of(&round.few)))
}

fn many_of(rounds: &[Round], of: fn(&Publishing) -> Duration) -> f64 {
    middle(rounds, |round| nanoseconds(of(&round.many)))
}

fn rows(streams: usize) -> [(String, Unit, Measure); 13] {
    let few = |what: &str| format!("an update for 1 of {FEW}, {what}");
    let many = |what: &str| format!("an update for 1 of {streams}, {what}");
    [
        (MEMORY.into(), Unit::Bytes, |rounds| {
            middle(rounds, |round| round.resident)
        }),
        ("the same, Pss_Anon".into(), Unit::Bytes, |rounds| {
            middle(rounds, |round| round.own)
        }),
        ("the same, after all below".into(), Unit::Bytes, |rounds| {
            middle(rounds, |round| round.resident_later)
        }),
        (format!("opening {streams} streams"), Unit::Time, |rounds| {
            middle(rounds, |round| nanoseconds(round.opening))
        }),
        (DELIVERY.into(), Unit::Time, |rounds| {
            let all = rounds.iter().flat_map(|round| &round.deliveries);
            nanoseconds(median_time(all.copied()))
        }),
        ("the same, processor time".into(), Unit::Time, |rounds| {
            middle(rounds, |round| nanoseconds(round.delivering))
        }),
        ("length of its data".into(), Unit::Bytes, |rounds| {
            middle(rounds, |round| round.list_len as f64)
        }),
        (few("processor time"), Unit::Time, |rounds| {
            few_of(rounds, |it| it.work)
        }),
        (many("processor time"), Unit::Time, |rounds| {
            many_of(rounds, |it| it.work)
        }),
        (few("the call"), Unit::Time, |rounds| {
            few_of(rounds, |it| it.call)
        }),
        (many("the call"), Unit::Time, |rounds| {
            many_of(rounds, |it| it.call)
        }),
        (few("until it has it"), Unit::Time, |rounds| {
            few_of(rounds, |it| it.latency)
        }),
        (many("until it has it"), Unit::Time, |rounds| {
            many_of(rounds, |it| it.latency)
        }),
    ]
}

pub(super) fn table(
    streams: usize,
    number: usize,
    messages: &Messages,
    results: &[Results],
) -> String {
    let title = format!("{streams} streams, medians of {number} rounds");
    let mut table = Table::new(title, results.iter().map(|result| result.name));
    for (name, unit, measure) in rows(streams) {
        let values = results.iter().map(|result| measure(&result.rounds));
        table.row(name, unit, values.collect());
    }
    table.aim(
        "memory per idle stream, of bare hyper's",
        table.ratio(MEMORY, "mcpwire", "bare"),
        Aim::AtMost(1.0),
    );
    table.aim(
        "a list change to all, of bare hyper's time",
        table.ratio(DELIVERY, "mcpwire", "bare"),
        Aim::AtMost(1.2),
    );
    let ours = results.iter().find(|result| result.name == "mcpwire");
    let growth = ours.map_or(f64::NAN, |ours| {
        let work = |it: &Publishing| it.work;
        many_of(&ours.rounds, work) / few_of(&ours.rounds, work)
    });
    // Twice is noise on a busy machine; what grows with the listeners is far beyond.
    table.aim(
        format!("an update for 1 of {streams}, of the cost for 1 of {FEW}"),
        growth,
        Aim::AtMost(2.0),
    );
    format!(
        "{table}\nA list change, as ours and bare hyper send it: {}",
        messages.list
    )
}
