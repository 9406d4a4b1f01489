use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A stream that somebody else has made non-blocking, and that is interrupted at times.
#[derive(Clone, Default)]
struct Awkward {
    input: VecDeque<&'static [u8]>,
    output: Arc<Mutex<Vec<u8>>>,
    calls: usize,
}

impl Awkward {
    fn hesitate(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.calls % 3 {
            1 => Err(io::ErrorKind::WouldBlock.into()),
            2 => Err(io::ErrorKind::Interrupted.into()),
            _ => Ok(()),
        }
    }
}

impl Read for Awkward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.hesitate()?;
        match self.input.pop_front() {
            Some(b"broken") => Err(io::Error::other("broken")),
            Some(mut chunk) => Read::read(&mut chunk, buffer),
            None => Ok(0),
        }
    }
}

impl Write for Awkward {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hesitate()?;
        let mut output = self.output.lock().unwrap();
        if output.ends_with(b"full") {
            return Ok(0);
        }
        // A few bytes at a time.
        let length = bytes.len().min(5);
        output.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hesitate()
    }
}

#[tokio::test]
async fn everything_is_read_and_then_the_end() {
    let input = VecDeque::from([&b"one "[..], b"two ", b"three"]);
    let mut stdin = read_on_thread(Awkward {
        input,
        ..Awkward::default()
    })
    .unwrap();
    let mut text = String::new();
    stdin.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "one two three");
    assert_eq!(
        stdin.read_u8().await.unwrap_err().kind(),
        io::ErrorKind::UnexpectedEof
    );
}

#[tokio::test]
async fn an_error_comes_behind_what_was_read() {
    let input = VecDeque::from([&b"one"[..], b"broken", b"two"]);
    let mut stdin = read_on_thread(Awkward {
        input,
        ..Awkward::default()
    })
    .unwrap();
    let mut text = Vec::new();
    let error = stdin.read_to_end(&mut text).await.unwrap_err();
    assert_eq!((&*text, error.to_string()), (&b"one"[..], "broken".into()));
}

#[tokio::test]
async fn a_flush_waits_until_everything_is_written() {
    let awkward = Awkward::default();
    let mut stdout = write_on_thread(awkward.clone()).unwrap();
    let long = "0123456789".repeat(50);
    for text in ["", "one ", &long] {
        stdout.write_all(text.as_bytes()).await.unwrap();
    }
    let pieces = [
        IoSlice::new(b" two"),
        IoSlice::new(b""),
        IoSlice::new(b" three"),
    ];
    assert!(stdout.is_write_vectored());
    assert_eq!(stdout.write_vectored(&pieces).await.unwrap(), 10);
    stdout.flush().await.unwrap();
    let expected = format!("one {long} two three");
    assert_eq!(
        String::from_utf8(awkward.output.lock().unwrap().clone()).unwrap(),
        expected
    );
}

// A chunk is bounded, whatever is offered.
#[tokio::test]
async fn a_large_write_is_taken_in_parts() {
    let mut stdout = write_on_thread(io::sink()).unwrap();
    let (large, small) = (vec![b'x'; WRITE - 1], [b'y'; 10]);
    let pieces = [
        IoSlice::new(&large),
        IoSlice::new(&small),
        IoSlice::new(&small),
    ];
    assert_eq!(stdout.write_vectored(&pieces).await.unwrap(), WRITE);
}

#[tokio::test]
async fn a_failure_is_told_and_stays() {
    let awkward = Awkward::default();
    let mut stdout = write_on_thread(awkward.clone()).unwrap();
    stdout.write_all(b" full").await.unwrap();
    stdout.flush().await.unwrap();
    stdout.write_all(b"more").await.unwrap();
    assert_eq!(
        stdout.flush().await.unwrap_err().kind(),
        io::ErrorKind::WriteZero
    );
    let later = async {
        stdout.write_all(b"more").await?;
        stdout.flush().await
    };
    assert_eq!(later.await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
