//! Medians and ratios, and whether they are what they should be.

use std::fmt::Write as _;
use std::time::Duration;

use super::Results;
use super::options::Options;
use super::round::{Messages, Publishing, Round, median};

/// One line: a measure of a round, in nanoseconds or bytes.
struct Row {
    name: String,
    unit: fn(f64) -> String,
    of: fn(&[Round]) -> f64,
}

fn middle(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or(f64::NAN)
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn delivery(rounds: &[Round]) -> f64 {
    let all = rounds
        .iter()
        .flat_map(|round| round.deliveries.iter().copied());
    nanoseconds(median(all.collect()))
}

fn memory(rounds: &[Round]) -> f64 {
    middle(rounds, |round| round.resident)
}

fn rows(streams: usize) -> Vec<Row> {
    let row =
        |name: String, unit: fn(f64) -> String, of: fn(&[Round]) -> f64| Row { name, unit, of };
    let few = Options::FEW;
    vec![
        row("memory per idle stream (VmRSS)".into(), bytes, memory),
        row("the same, Pss_Anon".into(), bytes, |rounds| {
            middle(rounds, |round| round.own)
        }),
        row("the same, after all below".into(), bytes, |rounds| {
            middle(rounds, |round| round.resident_later)
        }),
        row(format!("opening {streams} streams"), time, |rounds| {
            middle(rounds, |round| nanoseconds(round.opening))
        }),
        row(
            "a list change, until the last has it".into(),
            time,
            delivery,
        ),
        row("the same, processor time".into(), time, |rounds| {
            middle(rounds, |round| nanoseconds(round.delivering))
        }),
        row(
            "length of its data".into(),
            |len| format!("{len} B"),
            |rounds| middle(rounds, |round| round.list_len as f64),
        ),
        row(
            format!("an update for 1 of {few}, processor time"),
            time,
            |rounds| few_of(rounds, |it| it.work),
        ),
        row(
            format!("an update for 1 of {streams}, processor time"),
            time,
            |rounds| many_of(rounds, |it| it.work),
        ),
        row(
            format!("an update for 1 of {few}, the call"),
            time,
            |rounds| few_of(rounds, |it| it.call),
        ),
        row(
            format!("an update for 1 of {streams}, the call"),
            time,
            |rounds| many_of(rounds, |it| it.call),
        ),
        row(
            format!("an update for 1 of {few}, until it has it"),
            time,
            |rounds| few_of(rounds, |it| it.latency),
        ),
        row(
            format!("an update for 1 of {streams}, until it has it"),
            time,
            |rounds| many_of(rounds, |it| it.latency),
        ),
    ]
}

fn few_of(rounds: &[Round], of: fn(&Publishing) -> Duration) -> f64 {
    middle(rounds, |round| nanoseconds(of(&round.few)))
}

fn many_of(rounds: &[Round], of: fn(&Publishing) -> Duration) -> f64 {
    middle(rounds, |round| nanoseconds(of(&round.many)))
}

pub(super) fn table(options: &Options, messages: &Messages, results: &[Results]) -> String {
    let streams = options.streams;
    let mut table = format!("{streams} streams, medians of {} rounds", options.rounds);
    // Writing to a string cannot fail.
    for result in results {
        let name = if result.name == "bare" {
            "bare hyper"
        } else {
            result.name
        };
        let _ = write!(table, " | {name}");
    }
    let _ = write!(table, "\n---{}", "|---".repeat(results.len()));
    let find = |name: &str| results.iter().find(|result| result.name == name);
    let bare = find("bare");
    for row in rows(streams) {
        let _ = write!(table, "\n{}", row.name);
        for result in results {
            let value = (row.of)(&result.rounds);
            let _ = write!(table, " | {}", (row.unit)(value));
            if let Some(bare) = bare.filter(|_| result.name != "bare") {
                let ratio = value / (row.of)(&bare.rounds);
                let digits = if ratio < 100.0 { 2 } else { 0 };
                let _ = write!(table, " ({ratio:.digits$}×)");
            }
        }
    }
    let _ = write!(
        table,
        "\n\nA list change, as ours and bare hyper send it: {}\n",
        messages.list
    );
    let Some(ours) = find("mcpwire") else {
        return table;
    };
    if let Some(bare) = bare {
        let ratio = |of: fn(&[Round]) -> f64| of(&ours.rounds) / of(&bare.rounds);
        target(
            &mut table,
            "memory per idle stream, of bare hyper's",
            ratio(memory),
            1.0,
        );
        target(
            &mut table,
            "a list change to all, of bare hyper's time",
            ratio(delivery),
            1.2,
        );
    }
    let work = |it: &Publishing| it.work;
    let ratio = many_of(&ours.rounds, work) / few_of(&ours.rounds, work);
    let few = Options::FEW;
    let name = format!("an update for 1 of {streams}, of the cost for 1 of {few}");
    // Twice is noise on a busy machine; what grows with the listeners is far beyond.
    target(&mut table, &name, ratio, 2.0);
    table
}

fn target(table: &mut String, name: &str, ratio: f64, most: f64) {
    let verdict = if ratio <= most {
        "holds"
    } else {
        "does not hold"
    };
    let _ = write!(
        table,
        "\n{name}: {ratio:.2}×, at most {most:.1}×: {verdict}"
    );
}

fn bytes(bytes: f64) -> String {
    format!("{:.1} KiB", bytes / 1024.0)
}

fn time(nanoseconds: f64) -> String {
    if nanoseconds < 1e6 {
        format!("{:.1} µs", nanoseconds / 1e3)
    } else if nanoseconds < 1e9 {
        format!("{:.1} ms", nanoseconds / 1e6)
    } else {
        format!("{:.2} s", nanoseconds / 1e9)
    }
}
