//! What the replicas have in common: one number in a file, where others have a database.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mcpwire::dispatch::Changes;
use mcpwire_chaos::serial::{changes_tools, part};
use tokio::time::{MissedTickBehavior, interval};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// The number of the newest change.
#[derive(Clone, Debug)]
pub(crate) struct Serial(Arc<PathBuf>);

impl Serial {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self(Arc::new(file))
    }

    /// The number; 0 before there was a change.
    pub(crate) async fn read(&self) -> io::Result<u64> {
        match tokio::fs::read_to_string(&*self.0).await {
            Ok(text) => text.trim().parse().map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Writes the number unless there is a newer one. Readers see the old number or the new one,
    /// even if this process is killed in the middle.
    pub(crate) async fn raise(&self, serial: u64) -> io::Result<()> {
        if self.read().await? >= serial {
            return Ok(());
        }
        let own = self.0.with_extension(std::process::id().to_string());
        tokio::fs::write(&own, serial.to_string()).await?;
        tokio::fs::rename(&own, &*self.0).await
    }
}

/// Tells the streams of this process what changes in the file: the poor man's change bus. Never ends.
pub(crate) async fn watch(serial: Serial, changes: Changes) {
    let mut told = serial.read().await.unwrap_or_default();
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match serial.read().await {
            Ok(newest) => {
                for serial in told + 1..=newest {
                    tell(&changes, serial);
                }
                told = told.max(newest);
            }
            Err(error) => eprintln!("the serial number cannot be read: {error}"),
        }
    }
}

/// Announces one change.
pub(crate) fn tell(changes: &Changes, serial: u64) {
    changes.resource_updated(part(serial));
    if changes_tools(serial) {
        changes.tools_changed();
    }
}
