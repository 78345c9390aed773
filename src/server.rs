//! The HTTP server and the background jobs, for `serve` and for the demonstration; how they stop.
//!
//! At the first SIGTERM or SIGINT the instance reports that it is not ready and hands back the build that it makes. During
//! a grace period it still serves new requests, so that load balancers can notice. Then it accepts no more and lets the
//! running requests finish. A second signal ends it at once.

use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::Shared;
use crate::application;
use crate::http::edge::Edge;
use crate::http::edge::wire::Wire;
use crate::jobs::{self, Jobs};
use crate::journal::HeadFile;
use crate::startup::StartupError;
use crate::statistics::releases::worker::Worker;

/// How long to wait for a build to be handed back, at least: the database may be away.
const HAND_BACK: Duration = Duration::from_secs(2);

/// The running background jobs. Dropping this stops them.
pub struct Running {
    _jobs: [Jobs; 2],
    worker: Worker,
}

/// Starts the background jobs.
pub fn start_jobs(shared: &Shared, heads: HeadFile, with_sandbox: bool) -> Result<Running, StartupError> {
    let start = |jobs| {
        jobs::start(shared.context_handle(), jobs)
            .map_err(|error| StartupError::new(format!("cannot start the background jobs: {error}")))
    };
    let worker = Worker::default();
    let slow = jobs::slow(with_sandbox, worker.clone());
    Ok(Running { _jobs: [start(jobs::all(heads))?, start(slow)?.detached()], worker })
}

/// The signals that stop the program. One value from beginning to end: a signal between two of them would be lost.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to listen.
    pub fn listen() -> Result<Self, StartupError> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| StartupError::new(format!("cannot listen to the signals of the system: {error}")))
        };
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Serves until a signal, then stops: see the top of this file.
pub async fn serve_until_stopped(
    server: Server,
    signals: &mut Signals,
    grace: Duration,
    shared: &Shared,
    running: &Running,
) -> Result<(), StartupError> {
    let failed = |error: std::io::Error| StartupError::new(format!("the server stopped: {error}"));
    let handle = server.handle();
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return ended.map_err(failed),
        () = signals.next() => {}
    }
    shared.context().stopping.begin();
    log::info!("stopping: this instance is not ready any more, and serves new requests for {} s", grace.as_secs());
    let stop = async {
        tokio::join!(tokio::time::sleep(grace), hand_back(shared, running, grace.max(HAND_BACK)));
        log::info!("stopping: no more connections are accepted, running requests can finish");
        handle.stop(true).await;
    };
    tokio::select! {
        (ended, ()) = async { tokio::join!(server, stop) } => ended.map_err(failed),
        () = signals.next() => {
            let message = "a second signal ended the program at once: running requests were cut off";
            Err(StartupError::new(message).with_exit_code(1))
        }
    }
}

/// Hands back the build that is being made. On a thread of its own, which nothing waits for longer than this: the database
/// may not respond.
async fn hand_back(shared: &Shared, running: &Running, patience: Duration) {
    let (context, worker) = (shared.context_handle(), running.worker.clone());
    let (done, outcome) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("hand-back".into());
    // If there is no thread, the channel closes and the build keeps its lease.
    drop(thread.spawn(move || done.send(worker.hand_back(&context))));
    match tokio::time::timeout(patience, outcome).await {
        Ok(Ok(Ok(true))) => log::info!("stopping: the build of statistics is handed back"),
        Ok(Ok(Ok(false))) => {}
        Ok(Ok(Err(error))) => log::warn!("the build of statistics could not be handed back: {error}"),
        Ok(Err(_)) | Err(_) => log::warn!("the build of statistics could not be handed back"),
    }
}

/// Binds a listener. Port 0 takes a free port.
pub fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), StartupError> {
    let cannot_listen = |error: std::io::Error| StartupError::new(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    Ok((listener, address))
}

/// Starts the server on a bound listener. It does not listen to signals: see [`serve_until_stopped`].
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
    let server = server.disable_signals();
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
