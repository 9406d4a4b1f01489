//! Clients that call as fast as they can, with one task and with many.

use std::collections::HashMap;

use bench_kit::{Aim, Core, Process, Table};

use super::{Load, Plan};
use crate::text;

const TASKS: [usize; 2] = [1, 32];

pub(super) fn table(plan: &Plan, server: &str, names: &[&'static str]) -> Result<Table, String> {
    let url = format!("http://{server}/mcp");
    let mut clients = HashMap::new();
    for &name in names {
        let mut client = Process::own(Core::CONTESTANT, &["call", name, &url])?;
        // Connections are made, and memory is there.
        for tasks in TASKS {
            order(&mut client, tasks, 100)?;
        }
        clients.insert(name, client);
    }
    let mut table = Table::new("clients over HTTP", names.iter().copied());
    for tasks in TASKS {
        let millis = plan.time.as_millis();
        let results = plan.interleave(names, |name| {
            let client = clients.get_mut(name).ok_or("it was not started")?;
            order(client, tasks, millis)
        })?;
        let title = format!("{tasks} tasks");
        for row in Load::rows(&title, &results) {
            table.row(row.name, row.unit, row.values);
        }
        let row = format!("{title}: calls");
        table.aim(
            &title,
            table.ratio(&row, "mcpwire", "bare"),
            Aim::AtLeast(0.85),
        );
    }
    Ok(table)
}

fn order(client: &mut Process, tasks: usize, millis: u128) -> Result<Load, String> {
    let before = client.quiet()?;
    client.order(&format!("{tasks} {millis}"))?;
    let answer = client.line()?;
    let after = client.processor_time()?;
    let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
    let &[calls, took, middle, late] = &*numbers.map_err(text)? else {
        return Err(format!("an answer that is none: {answer:?}"));
    };
    Ok(Load {
        rate: calls / took * 1e9,
        processor: after.saturating_sub(before).as_secs_f64() * 1e9 / calls,
        middle,
        late,
    })
}
