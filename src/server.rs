//! The HTTP server and the background jobs, for `serve` and for the demonstration.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;

use crate::app::Shared;
use crate::application;
use crate::http::edge::Edge;
use crate::http::edge::wire::Wire;
use crate::jobs::{self, Jobs};
use crate::journal::HeadFile;
use crate::startup::StartupError;

/// Starts the background jobs.
pub fn start_jobs(shared: &Shared, heads: HeadFile, with_sandbox: bool) -> Result<[Jobs; 2], StartupError> {
    let start = |jobs| {
        jobs::start(shared.context_handle(), jobs)
            .map_err(|error| StartupError::new(format!("cannot start the background jobs: {error}")))
    };
    Ok([start(jobs::all(heads))?, start(jobs::slow(with_sandbox))?.detached()])
}

/// Binds a listener. Port 0 takes a free port.
pub fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), StartupError> {
    let cannot_listen = |error: std::io::Error| StartupError::new(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    Ok((listener, address))
}

/// Starts the server on a bound listener. The returned future must be polled for it to stop on a signal.
pub fn serve_on(
    listener: TcpListener,
    workers: Option<u16>,
    drain_seconds: u64,
    shared: Shared,
) -> Result<Server, StartupError> {
    let workers = workers.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let connections = shared.edge().options.connections.div_ceil(workers);
    let server =
        ServerBuilder::new().workers(workers).max_concurrent_connections(connections).shutdown_timeout(drain_seconds);
    let draining = server.graceful_shutdown_signal();
    let service = move || {
        let draining = draining.clone();
        let service = HttpService::build()
            .client_request_timeout(shared.edge().options.head_timeout)
            .client_disconnect_timeout(Duration::from_secs(1))
            .keep_alive(Duration::from_mins(1))
            // A caller that closed its connection has left: its request is dropped, and its write if it has not begun.
            .h1_allow_half_closed(false)
            .graceful_shutdown_signal(move || {
                let draining = draining.clone();
                async move { draining.notified().await }
            });
        let application = application!(shared.clone()).into_factory().map_err(|error| error.error_response());
        wired(shared.edge().clone()).and_then(service.h1(map_config(application, |()| AppConfig::default())))
    };
    let server = server.listen("passerelle", listener, service);
    Ok(server.map_err(|error| StartupError::new(format!("cannot listen: {error}")))?.run())
}

/// Wraps each connection in a [`Wire`]. This is why the server is built from actix's parts: `HttpServer` accepts bare
/// connections only.
fn wired(
    edge: Data<Edge>,
) -> impl ServiceFactory<
    TcpStream,
    Config = (),
    Response = (Wire, Option<SocketAddr>),
    Error = actix_http::error::DispatchError,
    InitError = (),
> {
    fn_service(move |stream: TcpStream| {
        // Responses are written whole: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let peer = stream.peer_addr().ok();
        std::future::ready(Ok((Wire::new(stream, &edge), peer)))
    })
}
