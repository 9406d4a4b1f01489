//! One result of 10 MB after another through a gateway.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use bench_kit::{Core, Process, Table, Unit, median};

use super::Plan;
use super::gateways::Gateway;
use crate::message::{self, LARGE, LENGTH};
use crate::text;

/// Bytes.
const MEGABYTE: f64 = 1e6;

pub(super) fn table(plan: &Plan, server: &str, names: &[&'static str]) -> Result<Table, String> {
    let mut names = names.to_vec();
    let mut results = plan.interleave(&names, |name| {
        let Some(gateway) = Gateway::start(name, server, LARGE)? else {
            return Ok(None);
        };
        measure(&gateway).map(Some)
    })?;
    let mut there = results
        .iter()
        .map(|rounds| rounds.iter().all(Option::is_some));
    names.retain(|_| there.next().unwrap_or_default());
    results.retain(|rounds| rounds.iter().all(Option::is_some));
    let mut table = Table::new("gateways, a result of 10 MB", names);
    let rows: [(&str, Unit, fn(&Large) -> f64); 4] = [
        ("time", Unit::Time, |large| large.time),
        ("processor time", Unit::Time, |large| large.processor),
        (
            "memory at most, beyond that after a small one",
            Unit::Bytes,
            |large| large.peak,
        ),
        ("page faults for each MB", Unit::Count, |large| large.faults),
    ];
    for (name, unit, get) in rows {
        let values = results
            .iter()
            .map(|rounds| median(rounds.iter().flatten().map(get)));
        table.row(name, unit, values.collect());
    }
    Ok(table)
}

struct Large {
    time: f64,
    processor: f64,
    peak: f64,
    faults: f64,
}

/// How many are fetched.
const CALLS: u32 = 20;

fn measure(gateway: &Gateway) -> Result<Large, String> {
    let args = ["fetch", &gateway.address];
    let mut fetch = Process::own(Core::LOAD, &args)?;
    let before = gateway.process.memory()?;
    fetch.order("1")?;
    fetch.line()?;
    let idle = gateway.process.quiet()?;
    let faults = gateway.process.page_faults()?;
    fetch.order(&CALLS.to_string())?;
    let time: f64 = fetch.line()?.parse().map_err(text)?;
    let busy = gateway.process.quiet()?;
    let faults = gateway.process.page_faults()? - faults;
    let after = gateway.process.memory()?;
    let calls = f64::from(CALLS);
    Ok(Large {
        time,
        processor: busy.saturating_sub(idle).as_secs_f64() * 1e9 / calls,
        peak: (after.peak - before.resident.min(after.peak)) as f64,
        faults: faults as f64 / calls / (LENGTH as f64 / MEGABYTE),
    })
}

/// Calls as often as each line of stdin says, one after the other, checks the answers, and answers with
/// the nanoseconds of the median call.
pub(crate) fn fetch(address: &str) -> Result<(), String> {
    let mut socket = BufReader::with_capacity(1 << 20, TcpStream::connect(address).map_err(text)?);
    socket.get_ref().set_nodelay(true).map_err(text)?;
    let call = message::call(1, message::TEXT);
    let expected = message::answer(1, &message::output(LENGTH));
    let mut head = format!("POST {} HTTP/1.1\r\nhost: {address}\r\n", message::ENDPOINT);
    for (name, value) in &message::fields() {
        head += &format!("{name}: {}\r\n", value.to_str().map_err(text)?);
    }
    let request = format!("{head}content-length: {}\r\n\r\n{call}", call.len());
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let calls: usize = line.map_err(text)?.parse().map_err(text)?;
        let mut times = Vec::new();
        for _ in 0..calls {
            let begin = Instant::now();
            let stream = socket.get_mut();
            stream.write_all(request.as_bytes()).map_err(text)?;
            let body = body(&mut socket)?;
            times.push(begin.elapsed().as_nanos() as f64);
            if body != expected.as_bytes() {
                return Err("an unexpected answer".to_owned());
            }
        }
        writeln!(stdout, "{}", median(times)).map_err(text)?;
        stdout.flush().map_err(text)?;
    }
    Ok(())
}

fn body(socket: &mut BufReader<TcpStream>) -> Result<Vec<u8>, String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).map_err(text)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(text)?;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).map_err(text)?;
    Ok(body)
}
