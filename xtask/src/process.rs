//! Child processes: run to their end within a limit, or kept running and ended by their own handle.
//!
//! Nothing here ends a process by its name. Whoever holds a [`Server`] holds its process: dropping it,
//! on whatever path, ends and reaps it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a server may take to print its URL.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long a server may take to end once its input was closed.
const STOP_LIMIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(10);

/// Where logs and raw results go.
pub(crate) fn work_folder(root: &Path, name: &str) -> Result<PathBuf, String> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("xtask").join(name);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The cargo that runs this program.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a command to its end with both outputs in one log file, in the order they came.
///
/// Gives whether it ended well. After `limit` it is ended and counts as failed, which the log says.
pub(crate) fn run_logged(
    command: &mut Command,
    log: &Path,
    limit: Duration,
) -> Result<bool, String> {
    let name = describe(command);
    let file = create(log)?;
    let errors = file
        .try_clone()
        .map_err(|error| format!("{}: {error}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let ended = wait(&mut child, limit);
    let Some(success) = ended.map_err(|error| format!("{name}: {error}"))? else {
        end(&mut child);
        return Err(format!(
            "{name} took more than {} s and was ended",
            limit.as_secs()
        ));
    };
    Ok(success)
}

/// Runs a command to its end and gives what it wrote to stdout; a failure shows the end of stderr.
pub(crate) fn output_of(command: &mut Command) -> Result<String, String> {
    let name = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed:\n{}", tail(&stderr, 30)));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("{name} wrote something that is not UTF-8"))
}

/// Builds one executable of the workspace and gives its path.
///
/// `what` are the arguments that choose it, such as `["-p", "mcpwire", "--example", "replica"]`.
pub(crate) fn build(root: &Path, what: &[&str]) -> Result<PathBuf, String> {
    let mut command = cargo(root);
    command
        .args([
            "build",
            "--quiet",
            "--message-format=json-render-diagnostics",
        ])
        .args(what);
    let messages = output_of(&mut command)?;
    only_executable(&messages).map_err(|why| format!("cargo build {}: {why}", what.join(" ")))
}

/// Which of several was meant nobody could say, so there has to be exactly one.
fn only_executable(messages: &str) -> Result<PathBuf, String> {
    let mut executables = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    });
    match (executables.next(), executables.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err("made no executable".to_owned()),
        (Some(_), Some(_)) => Err("made several executables, choose one with --bin".to_owned()),
    }
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    all.get(all.len().saturating_sub(lines)..)
        .unwrap_or_default()
        .join("\n")
}

/// A server as a child process. It ends when its input is closed, so that it does not outlive
/// this program even where nobody is left to end it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    url: String,
}

impl Server {
    /// Starts the command and waits for the first line on its stdout, which is its URL, possibly after
    /// the word `listening`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let name = describe(command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(create(log)?);
        let mut child = command
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let mut server = Self {
            child,
            stdin,
            url: String::new(),
        };
        let stdout = stdout.ok_or_else(|| format!("{name} has no stdout"))?;
        let line = first_line(stdout, START_LIMIT).and_then(|line| url_in(&line));
        server.url = line.map_err(|why| {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            format!("{name}: {why}\n{}", tail(&log, 20))
        })?;
        Ok(server)
    }

    /// The number that the operating system knows it by.
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "the demo shows it"))]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its endpoint.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        if !matches!(wait(&mut self.child, STOP_LIMIT), Ok(Some(_))) {
            end(&mut self.child);
        }
    }
}

/// Whether the child ended well; `None` if it still runs after the limit.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<bool>> {
    let until = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

fn end(child: &mut Child) {
    // Both fail only for a process that is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

fn first_line(output: impl Read + Send + 'static, limit: Duration) -> Result<String, String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(output).lines();
        if let Some(Ok(line)) = lines.next() {
            let _ = sender.send(line);
        }
        // Later output is read and dropped, so that the child never waits for a reader.
        lines.for_each(drop);
    });
    match receiver.recv_timeout(limit) {
        Ok(line) => Ok(line.trim().to_owned()),
        Err(mpsc::RecvTimeoutError::Timeout) => {
            Err(format!("printed nothing within {} s", limit.as_secs()))
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err("ended without printing its URL".to_owned())
        }
    }
}

fn url_in(line: &str) -> Result<String, String> {
    let url = line.strip_prefix("listening ").unwrap_or(line);
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(url.to_owned())
    } else {
        Err(format!("printed {line:?} in place of its URL"))
    }
}

fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy();
    let first = command
        .get_args()
        .next()
        .map(|arg| format!(" {}", arg.to_string_lossy()));
    format!("{name}{}", first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a\n", 5), "a");
        assert_eq!(tail("", 5), "");
    }

    #[test]
    fn exactly_one_executable_is_expected() {
        let library = r#"{"reason":"compiler-artifact","executable":null}"#;
        let (a, b) = (r#"{"executable":"/a"}"#, r#"{"executable":"/b"}"#);
        assert_eq!(
            only_executable(&format!(
                "{library}\n{a}\n{{\"reason\":\"build-finished\"}}"
            )),
            Ok(PathBuf::from("/a"))
        );
        assert!(only_executable(library).is_err());
        assert!(only_executable(&format!("{a}\n{b}")).is_err());
    }

    #[test]
    fn a_url_comes_with_or_without_a_word_before_it() {
        let url = "http://127.0.0.1:1/mcp";
        assert_eq!(url_in(url).as_deref(), Ok(url));
        assert_eq!(url_in(&format!("listening {url}")).as_deref(), Ok(url));
        assert!(url_in("Error: no port").is_err());
    }

    #[test]
    fn the_first_line_comes_alone_or_not_at_all() {
        let limit = Duration::from_secs(5);
        assert_eq!(
            first_line(&b"http://x \nmore\n"[..], limit),
            Ok("http://x".to_owned())
        );
        assert!(
            first_line(&b""[..], limit)
                .unwrap_err()
                .contains("without printing")
        );
    }
}
