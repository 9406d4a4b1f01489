//! Layers of the tower ecosystem between a client and its service, none of which knows of the other.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use mcpwire_client::{Client, Error, is_read_only};
use mcpwire_service::{BoxError, Reply, Request, Service};
use tower::balance::p2c::Balance;
use tower::buffer::Buffer;
use tower::discover::ServiceList;
use tower::load::{CompleteOnResponse, PendingRequestsDiscover};
use tower::retry::{Policy, Retry};
use tower::{ServiceBuilder, service_fn};

const EMPTY: &str = r#"{"tools":[],"content":[]}"#;

/// An endpoint that can be switched off.
#[derive(Clone, Default)]
struct Endpoint {
    dead: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Service<Request> for Endpoint {
    type Response = Reply;
    type Error = BoxError;
    type Future = Ready<Result<Reply, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        self.asked.fetch_add(1, Ordering::SeqCst);
        ready(if self.dead.load(Ordering::SeqCst) {
            Err("connection refused".into())
        } else {
            Ok(Reply::result(EMPTY))
        })
    }
}

/// Sends again what only reads, some times.
#[derive(Clone)]
struct ReadsAgain(usize);

impl Policy<Request, Reply, BoxError> for ReadsAgain {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        request: &mut Request,
        result: &mut Result<Reply, BoxError>,
    ) -> Option<Ready<()>> {
        let again = result.is_err() && is_read_only(request) && self.0 > 0;
        again.then(|| {
            self.0 -= 1;
            ready(())
        })
    }

    fn clone_request(&mut self, request: &Request) -> Option<Request> {
        Some(request.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_layer_fails_the_call() {
    let silent = service_fn(|_: Request| std::future::pending::<Result<Reply, BoxError>>());
    let service = ServiceBuilder::new()
        .timeout(Duration::from_secs(1))
        .service(silent);
    let error = Client::new(service).list_tools().await.unwrap_err();
    let Error::Transport(source) = error else {
        panic!("{error:?}")
    };
    assert!(source.is::<tower::timeout::error::Elapsed>(), "{source}");
}

/// Whatever layers stand around it, the transport's own error can be had.
#[tokio::test]
async fn the_error_of_the_transport_is_found_below_layers() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", port.local_addr().unwrap());
    drop(port);
    let remote = mcpwire_http::client::Client::new(&url).unwrap();
    let buffered = Buffer::new(remote, 4);
    let error = Client::new(buffered).list_tools().await.unwrap_err();
    let found = error.transport::<mcpwire_http::client::Error>().unwrap();
    assert!(found.is_unsent(), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.transport::<std::fmt::Error>().is_none());
}

#[tokio::test]
async fn a_concurrency_limit_makes_calls_wait() {
    let open = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (Arc::clone(&open), Arc::clone(&most));
    let service = service_fn(move |_: Request| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, BoxError>(Reply::result(EMPTY))
        }
    });
    let client = Client::new(ServiceBuilder::new().concurrency_limit(3).service(service));
    let calls = (0..20).map(|_| client.list_tools());
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn load_is_shed() {
    let silent = service_fn(|_: Request| std::future::pending::<Result<Reply, BoxError>>());
    let service = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(1)
        .service(silent);
    let client = Client::new(service);
    let waiting = client.clone();
    let first = tokio::spawn(async move { waiting.list_tools().await });
    tokio::task::yield_now().await;
    let error = client.list_tools().await.unwrap_err();
    let Error::Transport(source) = error else {
        panic!("{error:?}")
    };
    assert!(
        source.is::<tower::load_shed::error::Overloaded>(),
        "{source}"
    );
    first.abort();
}

#[tokio::test]
async fn what_only_reads_is_sent_again_and_a_tool_is_not() {
    let endpoint = Endpoint::default();
    endpoint.dead.store(true, Ordering::SeqCst);
    let client = Client::new(Retry::new(ReadsAgain(2), endpoint.clone()));
    client.list_tools().await.unwrap_err();
    assert_eq!(endpoint.asked.load(Ordering::SeqCst), 3);
    client.call_tool("t", &()).await.unwrap_err();
    assert_eq!(endpoint.asked.load(Ordering::SeqCst), 4);
}

/// Three endpoints of which one dies in the middle: reads go on without a failure.
#[tokio::test]
async fn a_balancer_outlives_a_dying_endpoint() {
    let endpoints: Vec<_> = (0..3).map(|_| Endpoint::default()).collect();
    let list = PendingRequestsDiscover::new(
        ServiceList::new::<Request>(endpoints.clone()),
        CompleteOnResponse::default(),
    );
    let balance: Balance<_, Request> = Balance::new(list);
    let service = Retry::new(ReadsAgain(20), Buffer::new(balance, 64));
    let client = Client::new(service);
    for round in 0..300 {
        if round == 100 {
            endpoints[0].dead.store(true, Ordering::SeqCst);
        }
        client.list_tools().await.unwrap();
    }
    let asked: Vec<_> = endpoints
        .iter()
        .map(|end| end.asked.load(Ordering::SeqCst))
        .collect();
    assert!(asked.iter().all(|asked| *asked > 10), "{asked:?}");
    assert!(asked.iter().sum::<usize>() > 300, "{asked:?}");
}
