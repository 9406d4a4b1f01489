//! The load generator (wrk), with calls in place of its own requests.

use std::fmt::Write as _;
use std::path::PathBuf;

use bench_kit::Core;

use crate::{message, text};

pub(super) struct Wrk {
    script: PathBuf,
}

/// What it prints.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) calls: f64,
    pub(super) rate: f64,
    /// Nanoseconds.
    pub(super) middle: f64,
    pub(super) late: f64,
}

impl Wrk {
    /// Calls with as much text as the answers on a path of the server have.
    pub(super) fn new(path: &str) -> Result<Self, String> {
        let length = message::PATHS.iter().find(|(name, _)| *name == path);
        let body = message::call(1, &message::output(length.map_or(0, |(_, length)| *length)));
        let mut script = format!("wrk.method = \"POST\"\nwrk.body = [==[{body}]==]\n");
        for (name, value) in &message::fields() {
            let value = value.to_str().map_err(text)?;
            writeln!(script, "wrk.headers[\"{name}\"] = \"{value}\"").map_err(text)?;
        }
        let file = format!("bench-client-{}.lua", std::process::id());
        let file = std::env::temp_dir().join(file);
        std::fs::write(&file, script).map_err(text)?;
        Ok(Self { script: file })
    }

    /// For some time, in whole seconds.
    pub(super) fn run(
        &self,
        address: &str,
        connections: usize,
        millis: u128,
    ) -> Result<Report, String> {
        let mut wrk = Core::LOAD.command("wrk");
        let seconds = millis.div_ceil(1000);
        wrk.args(["-t1", "--latency"])
            .arg(format!("-c{connections}"))
            .arg(format!("-d{seconds}s"))
            .arg("-s")
            .arg(&self.script)
            .arg(format!("http://{address}{}", message::ENDPOINT));
        let output = wrk.output().map_err(|error| format!("wrk: {error}"))?;
        let report = String::from_utf8_lossy(&output.stdout);
        if report.contains("Non-2xx") || report.contains("Socket errors") {
            return Err(format!("wrk has seen errors:\n{report}"));
        }
        read(&report).ok_or_else(|| format!("wrk said what was not understood:\n{report}"))
    }
}

impl Drop for Wrk {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.script);
    }
}

fn read(report: &str) -> Option<Report> {
    let behind = |name: &str| {
        let line = report
            .lines()
            .find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next())
    };
    let calls = report
        .lines()
        .find_map(|line| line.trim().split_once(" requests in"));
    Some(Report {
        calls: calls?.0.parse().ok()?,
        rate: behind("Requests/sec:")?.parse().ok()?,
        middle: nanos(behind("50%")?)?,
        late: nanos(behind("99%")?)?,
    })
}

/// `12.34us`
fn nanos(time: &str) -> Option<f64> {
    let digits = time.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match time.get(digits.len()..)? {
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let report = "  Latency Distribution\n     50%    1.22ms\n     99%  250.00us\n  \
                      34912 requests in 2.00s, 5.00MB read\nRequests/sec:  17450.12\n";
        let report = read(report).unwrap();
        assert!((report.calls - 34912.0).abs() < 0.5 && (report.rate - 17450.12).abs() < 0.01);
        assert!((report.middle - 1_220_000.0).abs() < 1.0 && (report.late - 250_000.0).abs() < 1.0);
        assert_eq!(nanos("1m"), None);
    }
}
