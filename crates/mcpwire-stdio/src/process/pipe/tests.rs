use std::io::{pipe, read_to_string};

use rustix::fs::fcntl_getfl;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

fn blocks(file: &File) -> bool {
    !fcntl_getfl(file).unwrap().contains(OFlags::NONBLOCK)
}

#[tokio::test]
async fn a_pipe_is_read_and_the_others_find_it_unchanged() {
    let (reading, writing) = pipe().unwrap();
    let reading = File::from(OwnedFd::from(reading));
    let mut reader = reader(&reading).unwrap();
    assert!(blocks(&reading));
    let mut writing = File::from(OwnedFd::from(writing));
    std::io::Write::write_all(&mut writing, b"text").unwrap();
    drop(writing);
    let mut text = String::new();
    reader.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "text");
}

#[tokio::test]
async fn a_pipe_is_written_and_the_others_find_it_unchanged() {
    let (reading, writing) = pipe().unwrap();
    let writing = File::from(OwnedFd::from(writing));
    let mut writer = writer(&writing).unwrap();
    assert!(blocks(&writing));
    writer.write_all(b"text").await.unwrap();
    drop((writer, writing));
    assert_eq!(read_to_string(reading).unwrap(), "text");
}

#[test]
fn what_is_no_pipe_is_left_to_a_thread() {
    let file = File::open("/dev/null").unwrap();
    assert!(reader(&file).is_none() && writer(&file).is_none());
}
