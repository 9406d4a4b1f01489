//! The balancer sends a copy of every request to another replica, and drops the answer.

use std::sync::Arc;

use super::{Setup, Stage, Verdict};
use crate::crew::Plan;
use crate::{Failed, Settings};

/// A stream would hold up nginx for as long as it is open, so those have no copy.
const AGAIN: &str = r#"location = /again {
            internal;
            if ($http_mcp_method = "subscriptions/listen") {
                return 204;
            }
            proxy_pass http://$mcp_pool/mcp;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
        }

        location / {"#;

pub(super) async fn run(setup: &Setup) -> Result<Verdict, Failed> {
    let mut verdict = Verdict::default();
    let settings = |settings: Settings| {
        settings.change("location / {", AGAIN).change(
            "proxy_pass http://$mcp_pool;",
            "mirror /again;\n            proxy_pass http://$mcp_pool;",
        )
    };
    let mut stage = Stage::set(setup, settings, Plan::sent_twice).await?;
    while stage.goes_on() {
        stage.rest(50, 100).await;
    }
    let book = Arc::clone(stage.crew.book());
    stage.clear(&mut verdict).await?;
    let faults: Vec<_> = book.faults().iter().map(ToString::to_string).collect();
    verdict.none("nobody sees a failure", &faults);
    Ok(verdict)
}
