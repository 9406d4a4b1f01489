//! Ours, as its README says, with its defaults.

use mcpwire::{Args, HandlerError, Progress, Router, tool};
use tokio::net::TcpListener;

use super::Echo;
use crate::work::{DESCRIPTION, other_tool};

async fn echo(Args(Echo { text }): Args<Echo>) -> Result<String, HandlerError> {
    Ok(text)
}

async fn steps(
    Args(Echo { text }): Args<Echo>,
    progress: Progress,
) -> Result<String, HandlerError> {
    let progress = progress.with_total(2);
    progress.report(1).await;
    progress.report(2).await;
    Ok(text)
}

pub(super) fn start(listener: TcpListener, tools: usize) {
    let server = router(tools);
    tokio::spawn(async move { mcpwire::http::serve(listener, server).await });
}

pub(crate) fn router(tools: usize) -> Router {
    let mut server = Router::new("bench", "1")
        .tool(tool("echo").description(DESCRIPTION), echo)
        .tool(tool("steps").description(DESCRIPTION), steps);
    for number in 2..tools {
        let tool = tool(other_tool(number)).description(DESCRIPTION);
        server = server.tool(tool, echo);
    }
    server
}
