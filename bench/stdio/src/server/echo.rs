//! Lines go back as they came: what any server has to do at least.

use std::fs::OpenOptions;
use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::unix::pipe::{Receiver, Sender};

const READ: usize = 64 * 1024;

/// Through pipes that do not block.
#[tokio::main]
pub(super) async fn pipes() -> Result<(), String> {
    let echoed = async {
        // Opened anew, so that nobody else finds them changed.
        let stdin = OpenOptions::new().read(true).open("/proc/self/fd/0")?;
        let stdout = OpenOptions::new().write(true).open("/proc/self/fd/1")?;
        let stdin = Receiver::from_file(stdin)?;
        let stdout = Sender::from_file(stdout)?;
        // On a worker, where it is woken without another thread in between.
        let echo = tokio::spawn(echo(stdin, stdout));
        echo.await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    };
    echoed.await.map_err(|error: io::Error| error.to_string())
}

/// As tokio has them: each read and write is done by a thread that may block.
#[tokio::main]
pub(super) async fn stdio() -> Result<(), String> {
    let echoed = echo(tokio::io::stdin(), tokio::io::stdout()).await;
    echoed.map_err(|error| error.to_string())
}

async fn echo(
    mut stdin: impl AsyncRead + Unpin,
    mut stdout: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(READ);
    let mut output = Vec::with_capacity(READ);
    loop {
        if buffer.capacity() - buffer.len() < READ / 2 {
            buffer.reserve(READ);
        }
        if stdin.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        output.clear();
        while let Some(end) = memchr::memchr(b'\n', &buffer) {
            output.extend_from_slice(&buffer.split_to(end + 1));
        }
        stdout.write_all(&output).await?;
        stdout.flush().await?;
    }
}
