//! Replicas are killed one after another, and started again.

use super::{Balancer, Setup, Stage, Verdict};
use crate::Failed;

pub(super) async fn run(setup: &Setup, balancer: Balancer) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let settings = |settings: crate::Settings| match balancer {
        Balancer::Documented => settings,
        Balancer::SendsAgain => settings.change(
            "proxy_next_upstream error timeout;",
            "proxy_next_upstream error timeout http_502 http_503 http_504 non_idempotent;",
        ),
    };
    let mut stage = Stage::set(setup, settings, |plan| plan).await?;
    let mut kills = 0;
    while stage.goes_on() {
        for number in 0..stage.replicas.len() {
            let Some(replica) = stage.replicas.get_mut(number) else {
                break;
            };
            replica.kill().await?;
            kills += 1;
            stage.rest(0, 400).await;
            if let Some(replica) = stage.replicas.get_mut(number) {
                replica.restart().await?;
            }
            stage.rest(100, 600).await;
        }
    }
    verdict.number(format!("{kills} times a replica was killed"));
    stage.clear(&mut verdict).await?;
    Ok(verdict)
}
