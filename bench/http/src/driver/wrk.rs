//! The load generator: `wrk`, told what to send by a script, and to say in numbers what came of it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bench_kit::Core;

use crate::work::Work;

/// What `wrk` says at its end, after a word that nothing else begins with.
const DONE: &str = r#"
done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format("numbers %d %d %d %d %d\n", summary.requests, summary.duration,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
"#;

/// The script for one kind of work, a file of its own until it is dropped.
pub(super) struct Load {
    script: PathBuf,
}

/// What came of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) requests: u64,
    pub(super) time: Duration,
    pub(super) half: Duration,
    pub(super) most: Duration,
}

impl Load {
    pub(super) fn new(work: Work) -> Result<Self, String> {
        let name = format!("bench-http-{work:?}-{}.lua", std::process::id());
        let script = std::env::temp_dir().join(name);
        std::fs::write(&script, text(work))
            .map_err(|error| format!("{}: {error}", script.display()))?;
        Ok(Self { script })
    }

    /// Keeps so many connections busy. An answer other than 200 fails the run.
    pub(super) fn run(
        &self,
        address: SocketAddr,
        connections: usize,
        seconds: usize,
    ) -> Result<Run, String> {
        let output = Core::LOAD
            .command("wrk")
            .args(["-t", "1", "-c", &connections.to_string()])
            .args([
                "-d",
                &format!("{seconds}s"),
                "--timeout",
                "10s",
                "--latency",
                "-s",
            ])
            .arg(&self.script)
            .arg(format!("http://{address}/mcp"))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("wrk: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers = text.lines().find_map(|line| line.strip_prefix("numbers "));
        numbers
            .ok_or_else(|| {
                let why = String::from_utf8_lossy(&output.stderr);
                format!("wrk gave no numbers: {text}{why}")
            })
            .and_then(read)
    }
}

/// Whether there is a `wrk`.
pub(super) fn find() -> Result<(), String> {
    let found = Command::new("wrk")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let missing = "wrk is needed, the load generator (Debian and Homebrew have it under this name)";
    found
        .map(drop)
        .map_err(|error| format!("{missing}: {error}"))
}

fn text(work: Work) -> String {
    let mut script = "wrk.method = 'POST'\n".to_owned();
    for (name, value) in work.headers() {
        let _ = writeln!(script, "wrk.headers['{name}'] = '{value}'");
    }
    let _ = writeln!(script, "wrk.body = [==[{}]==]", work.body());
    script + DONE
}

fn read(numbers: &str) -> Result<Run, String> {
    let numbers: Vec<u64> = numbers
        .split_whitespace()
        .map(|number| number.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("wrk said {numbers:?}: {error}"))?;
    let &[requests, time, errors, half, most] = numbers.as_slice() else {
        return Err(format!("wrk said {numbers:?}"));
    };
    if errors > 0 || requests == 0 {
        return Err(format!("{errors} of {requests} requests failed"));
    }
    let micros = Duration::from_micros;
    Ok(Run {
        requests,
        time: micros(time),
        half: micros(half),
        most: micros(most),
    })
}

impl Drop for Load {
    fn drop(&mut self) {
        let script: &Path = &self.script;
        // It is in the folder for what nobody misses.
        let _ = std::fs::remove_file(script);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_has_the_request_and_says_numbers() {
        let script = text(Work::Echo);
        assert!(
            script.contains("wrk.headers['Mcp-Name'] = 'echo'"),
            "{script}"
        );
        assert!(script.contains("wrk.body = [==[{"), "{script}");
    }

    #[test]
    fn numbers_are_read() {
        let run = read("1000 2000000 0 150 900").unwrap();
        assert_eq!((run.requests, run.time.as_secs()), (1000, 2));
        assert_eq!(run.most, Duration::from_micros(900));
        assert!(read("1000 2000000 1 150 900").is_err());
        assert!(read("0 2000000 0 0 0").is_err());
        assert!(read("1").is_err());
    }
}
