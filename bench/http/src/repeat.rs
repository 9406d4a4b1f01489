//! Ours without sockets, again and again: for callgrind, which counts the same in every run.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use mcpwire::http::Endpoint;
use mcpwire::service::Service as _;

use crate::server;
use crate::work::{TOOLS, Work};

pub(crate) fn run(work: &str, times: &str) -> Result<(), String> {
    let work = match work {
        "echo" => Work::Echo,
        "large" => Work::Large,
        "list" => Work::List,
        "steps" => Work::Steps,
        _ => return Err(format!("no work {work:?}")),
    };
    let times: usize = times.parse().map_err(|_| format!("no number: {times:?}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut endpoint = Endpoint::new(server::router(TOOLS));
        let body = Bytes::from(work.body());
        let mut request = Request::post("/mcp").header("Host", "127.0.0.1:8080");
        for (name, value) in work.headers() {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        for _ in 0..times {
            let Ok(answer) = endpoint.call(request.clone()).await;
            let Ok(body) = answer.into_body().collect().await;
            std::hint::black_box(body);
        }
        Ok(())
    })
}
