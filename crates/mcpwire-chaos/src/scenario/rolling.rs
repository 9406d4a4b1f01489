//! A deploy that replaces one replica after another, in good order.

use super::{Setup, Stage, Verdict};
use crate::Failed;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let plan = |plan: crate::crew::Plan| plan.without_retry();
    let mut stage = Stage::set(setup, |settings| settings, plan).await?;
    let mut deploys = 0;
    while stage.goes_on() {
        for replica in &mut stage.replicas {
            replica.stop().await?;
            replica.restart().await?;
        }
        deploys += 1;
        stage.rest(100, 400).await;
    }
    let replicas = stage.replicas.len();
    verdict.number(format!("{deploys} deploys of {replicas} replicas"));
    let book = std::sync::Arc::clone(stage.crew.book());
    stage.clear(&mut verdict).await?;
    let faults: Vec<_> = book.faults().iter().map(ToString::to_string).collect();
    verdict.none("nobody sees a failure", &faults);
    let lost: Vec<_> = book
        .listeners()
        .into_iter()
        .flat_map(|one| one.lost)
        .collect();
    verdict.none("streams end in good order", &lost);
    Ok(verdict)
}
