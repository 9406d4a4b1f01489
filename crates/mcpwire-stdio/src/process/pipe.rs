//! A pipe that does not block, without making it so for anybody else.
//!
//! Whether reads and writes block is a property of the open file, which is shared: by a shell and all
//! that it started, by `stdout` and `stderr` after `2>&1`, by a child that inherited it. So the pipe is
//! opened anew, by its name in `/proc`, and what was there is left as it was.

use std::fs::File;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;

use rustix::fs::{Mode, OFlags, open};
use tokio::net::unix::pipe::{Receiver, Sender};

/// `None` for whatever is no pipe or cannot be opened anew, for want of a `/proc` or of a permission.
pub(super) fn reader(file: &File) -> Option<Receiver> {
    Receiver::from_owned_fd(open_anew(file, OFlags::RDONLY)?).ok()
}

/// The same for a pipe that is written to.
pub(super) fn writer(file: &File) -> Option<Sender> {
    Sender::from_owned_fd(open_anew(file, OFlags::WRONLY)?).ok()
}

fn open_anew(file: &File, access: OFlags) -> Option<OwnedFd> {
    if !file.metadata().ok()?.file_type().is_fifo() {
        return None;
    }
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // Without the flag, it would wait for somebody at the other end.
    let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC;
    open(path, flags, Mode::empty()).ok()
}

#[cfg(test)]
mod tests;
