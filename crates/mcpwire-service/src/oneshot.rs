//! Calling a service once, readiness included.

use std::future::poll_fn;

use tower_service::Service;

use crate::{Reply, Request};

/// Waits until the service is ready and calls it, as the contract of `tower_service` demands.
///
/// Dropping the future cancels the request.
pub async fn oneshot<S>(mut service: S, request: Request) -> Result<Reply, S::Error>
where
    S: Service<Request, Response = Reply>,
{
    poll_fn(|cx| service.poll_ready(cx)).await?;
    service.call(request).await
}
