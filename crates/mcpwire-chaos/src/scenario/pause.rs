//! Replicas stand still for a while: their machine swaps, or is moved.

use super::{Setup, Stage, Verdict};
use crate::Failed;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let mut stage = Stage::set(setup, |settings| settings, |plan| plan).await?;
    let mut pauses = 0;
    while stage.goes_on() {
        for number in 0..stage.replicas.len() {
            if let Some(replica) = stage.replicas.get(number) {
                replica.pause()?;
            }
            pauses += 1;
            stage.rest(500, 2000).await;
            if let Some(replica) = stage.replicas.get(number) {
                replica.resume()?;
            }
            stage.rest(100, 500).await;
        }
    }
    verdict.number(format!("{pauses} times a replica stood still"));
    let book = std::sync::Arc::clone(stage.crew.book());
    stage.clear(&mut verdict).await?;
    // Shorter than any time that balancer and clients wait.
    let faults: Vec<_> = book.faults().iter().map(ToString::to_string).collect();
    verdict.none("nobody sees a failure", &faults);
    let lost: Vec<_> = book
        .listeners()
        .into_iter()
        .flat_map(|one| one.lost)
        .collect();
    verdict.none("no stream breaks", &lost);
    Ok(verdict)
}
