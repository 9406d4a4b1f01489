//! `stdin` and `stdout` of this process as byte streams, for messages and nothing else.
//!
//! They are not tokio's: those read and write on the runtime's pool of blocking threads, and a
//! runtime that shuts down waits for them. A server that was told to stop would then hang until its
//! client closes `stdin`, or reads `stdout`. Here a pipe does not block at all, on Linux, and whatever
//! else a client may have given has a plain thread, which ends with the process.
//!
//! On Unix they are also taken away from everybody else (STDIO-04, STDIO-05): what a handler prints
//! goes to `stderr`, and a child process that inherits `stdin` finds it empty instead of eating
//! requests. Without unsafe code, other systems have no such way.

#[cfg(target_os = "linux")]
mod pipe;
mod thread;

use std::io;
#[cfg(unix)]
use std::io::Write as _;

use tokio::io::{AsyncRead, AsyncWrite};

/// `stdin`, read in the way that suits it.
pub(crate) type Stdin = Box<dyn AsyncRead + Send + Unpin>;

/// `stdout`, written in the way that suits it.
pub(crate) type Stdout = Box<dyn AsyncWrite + Send + Unpin>;

/// Takes `stdin`.
pub(crate) fn stdin() -> io::Result<Stdin> {
    let stdin = take_stdin()?;
    #[cfg(target_os = "linux")]
    if let Some(pipe) = pipe::reader(&stdin) {
        return Ok(Box::new(pipe));
    }
    Ok(Box::new(thread::read_on_thread(stdin)?))
}

/// Takes `stdout`.
pub(crate) fn stdout() -> io::Result<Stdout> {
    let stdout = take_stdout()?;
    #[cfg(target_os = "linux")]
    if let Some(pipe) = pipe::writer(&stdout) {
        return Ok(Box::new(pipe));
    }
    Ok(Box::new(thread::write_on_thread(stdout)?))
}

#[cfg(unix)]
fn take_stdin() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd as _;

    let stdin = std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (empty, _) = io::pipe()?;
    rustix::stdio::dup2_stdin(empty)?;
    Ok(stdin)
}

#[cfg(unix)]
fn take_stdout() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd as _;

    io::stdout().flush()?;
    let stdout = std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(stdout)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn take_stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn take_stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}
