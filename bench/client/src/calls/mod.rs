//! The clients that are compared: each calls when told to on stdin, and tells how long it took.

mod bare;
mod envelope;
mod mcpwire;
mod rmcp;
mod service;

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::{runtime, text};

/// The floor first. `service` is the transport of `mcpwire` by itself.
pub(crate) const NAMES: [&str; 5] = ["bare", "mcpwire", "envelope", "service", "rmcp"];

/// A client, or a handle on one that tasks share.
trait Caller: Clone + Send + 'static {
    /// Calls once, and checks what comes back.
    fn call(&self) -> impl Future<Output = Result<(), String>> + Send;
}

pub(crate) fn run(name: &str, url: &str) -> Result<(), String> {
    let runtime = runtime()?;
    match name {
        "bare" => orders(&runtime, &bare::Bare::new(url)?),
        "envelope" => orders(&runtime, &envelope::Envelope::new(url)?),
        "mcpwire" => orders(&runtime, &mcpwire::client(url)?),
        "service" => orders(&runtime, &service::Service::new(url)?),
        "rmcp" => {
            let client = runtime.block_on(rmcp::start(url))?;
            orders(&runtime, &client)
        }
        _ => Err(format!("no client {name:?}")),
    }
}

/// Does what the lines say, each `TASKS MILLISECONDS`, and answers each with how many calls that were and
/// with nanoseconds: all of it, the median call, and the one that 99 of 100 are faster than.
fn orders(runtime: &Runtime, caller: &impl Caller) -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(text)?;
        let order = line.split_once(' ');
        let (tasks, time) = order.ok_or("an order is `TASKS MILLISECONDS`")?;
        let tasks: usize = tasks.parse().map_err(text)?;
        let time = Duration::from_millis(time.parse().map_err(text)?);
        let begin = Instant::now();
        let times = runtime.block_on(call(caller, tasks, begin + time))?;
        let took = begin.elapsed().as_nanos();
        let at = |share: usize| times.get(times.len() * share / 100);
        let nanos = |time: Option<&Duration>| time.map_or(0, Duration::as_nanos);
        let (calls, middle, late) = (times.len(), nanos(at(50)), nanos(at(99)));
        writeln!(stdout, "{calls} {took} {middle} {late}").map_err(text)?;
        stdout.flush().map_err(text)?;
    }
    Ok(())
}

/// How long each call took, sorted.
async fn call(caller: &impl Caller, tasks: usize, end: Instant) -> Result<Vec<Duration>, String> {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                let mut begin = Instant::now();
                while begin < end {
                    caller.call().await?;
                    let now = Instant::now();
                    times.push(now - begin);
                    begin = now;
                }
                Ok::<_, String>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(text)??);
    }
    times.sort_unstable();
    Ok(times)
}
