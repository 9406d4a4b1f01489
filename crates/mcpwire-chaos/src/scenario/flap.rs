//! The way on which changes reach other replicas is interrupted, again and again.

use std::sync::Arc;

use super::{Setup, Stage, Verdict};
use crate::Failed;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let mut stage = Stage::set(setup, |settings| settings, |plan| plan).await?;
    let mut flaps = 0;
    while stage.goes_on() {
        stage.nats.kill().await?;
        flaps += 1;
        stage.rest(0, 1500).await;
        stage.nats.restart().await?;
        stage.rest(500, 1500).await;
    }
    verdict.number(format!("{flaps} times NATS was killed"));
    let book = Arc::clone(stage.crew.book());
    stage.clear(&mut verdict).await?;
    let faults: Vec<_> = book.faults().iter().map(ToString::to_string).collect();
    verdict.none("nobody sees a failure", &faults);
    let listeners = book.listeners();
    let lost: Vec<_> = listeners.into_iter().flat_map(|one| one.lost).collect();
    verdict.none("no stream breaks", &lost);
    Ok(verdict)
}
