//! Gateways between a load generator and the server, which share the other processor.

use bench_kit::{Aim, Core, Process, Table};

use super::wrk::Wrk;
use super::{Load, Plan, nginx};
use crate::message::KILOBYTE;

const CONNECTIONS: [usize; 2] = [16, 64];

pub(super) fn table(plan: &Plan, server: &str, names: &[&'static str]) -> Result<Table, String> {
    let mut gateways = Vec::new();
    for &name in names {
        if let Some(gateway) = Gateway::start(name, server, KILOBYTE)? {
            gateways.push((name, gateway));
        }
    }
    let names: Vec<&'static str> = gateways.iter().map(|(name, _)| *name).collect();
    let wrk = Wrk::new(KILOBYTE)?;
    for (_, gateway) in &gateways {
        wrk.run(&gateway.address, 64, 200)?;
    }
    let mut table = Table::new("gateways, 1 KB", names.iter().copied());
    for connections in CONNECTIONS {
        let millis = plan.time.as_millis();
        let results = plan.interleave(&names, |name| {
            let found = gateways.iter().find(|(found, _)| *found == name);
            let (_, gateway) = found.ok_or("it was not started")?;
            let before = gateway.process.quiet()?;
            let report = wrk.run(&gateway.address, connections, millis)?;
            let after = gateway.process.processor_time()?;
            Ok(Load {
                rate: report.rate,
                processor: after.saturating_sub(before).as_secs_f64() * 1e9 / report.calls,
                middle: report.middle,
                late: report.late,
            })
        })?;
        let title = format!("{connections} connections");
        for row in Load::rows(&title, &results) {
            table.row(row.name, row.unit, row.values);
        }
        let row = format!("{title}: calls");
        table.aim(
            &title,
            table.ratio(&row, "mcpwire", "bare"),
            Aim::AtLeast(0.9),
        );
    }
    Ok(table)
}

/// One that runs.
pub(super) struct Gateway {
    pub(super) process: Process,
    pub(super) address: String,
}

impl Gateway {
    /// None where the system has none of that name.
    pub(super) fn start(name: &str, server: &str, path: &str) -> Result<Option<Self>, String> {
        if name == "nginx" {
            return nginx::start(server, path);
        }
        let url = format!("http://{server}{path}");
        let mut process = Process::own(Core::CONTESTANT, &["proxy", name, &url])?;
        let address = process.line()?;
        Ok(Some(Self { process, address }))
    }
}
