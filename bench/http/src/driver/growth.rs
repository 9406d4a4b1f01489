//! What a request costs where there are many tools or many open streams, and what many requests cost in
//! memory.

use bench_kit::{Aim, Table, Unit};

use super::case::{rounds, table};
use super::contestant::Contestant;
use super::exchange;
use super::options::Options;
use super::wrk::Load;
use crate::work::Work;

const CONNECTIONS: usize = 16;

/// Ten tools, 10,000 tools, and ten tools with listen streams open.
pub(super) fn run(options: &Options) -> Result<Table, String> {
    let start = |name, tools| {
        let mut contestant = Contestant::own("mcpwire", &[tools])?;
        contestant.name = name;
        contestant.check(Work::Echo)?;
        Ok::<_, String>(contestant)
    };
    let (few, many, streams) = ("10 tools", "10,000 tools", "10 tools, streams");
    let mut contestants = [
        start(few, "10")?,
        start(many, "10000")?,
        start(streams, "10")?,
    ];
    let address = contestants[2].address();
    let open = (0..options.streams()).map(|_| exchange::listen(address));
    let open = open.collect::<Result<Vec<_>, _>>()?;
    let load = Load::new(Work::Echo)?;
    rounds(&mut contestants, &load, CONNECTIONS, options)?;
    let title = format!("growth: Echo, {} streams", open.len());
    let mut table = table(title, &contestants);
    for (name, column) in [("with 10,000 tools", many), ("with open streams", streams)] {
        let ratio = table.ratio("processor time of one", column, few);
        // Less than that is noise; what grows with a thousand times as many is far beyond.
        table.aim(format!("processor time {name}"), ratio, Aim::AtMost(1.1));
    }
    Ok(table)
}

/// So many requests to one server, and its memory on the way.
pub(super) fn soak(options: &Options) -> Result<Table, String> {
    const CONNECTIONS: usize = 64;
    const SECONDS: usize = 5;
    let wanted = options.soak() as u64;
    let load = Load::new(Work::Echo)?;
    let mut server = Contestant::own("mcpwire", &[])?;
    server.check(Work::Echo)?;
    let mut table = Table::new(format!("soak: Echo, {CONNECTIONS} connections"), ["memory"]);
    let (mut done, mut shown, mut early) = (0, 0, f64::NAN);
    while done < wanted {
        done += server.load(&load, CONNECTIONS, SECONDS)?;
        // The first run has brought the buffers of so many connections.
        if early.is_nan() {
            early = server.memory();
        }
        if done * 10 / wanted > shown || done >= wanted {
            shown = done * 10 / wanted;
            let name = format!("after {:.1} million", done as f64 / 1e6);
            table.row(name, Unit::Bytes, vec![server.memory()]);
        }
    }
    let ratio = server.memory() / early;
    table.aim(
        "memory at the end, of that after the first run",
        ratio,
        Aim::AtMost(1.05),
    );
    Ok(table)
}
