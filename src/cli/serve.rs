//! `passerelle serve`: opens the database, prints the first invitation, serves until told to stop.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;

use super::{open, sentence};
use crate::accounts;
use crate::app::Shared;
use crate::application;
use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::Serve;
use crate::http::Context;
use crate::http::edge::Edge;
use crate::http::edge::wire::Wire;
use crate::jobs::{self, Jobs};
use crate::journal::HeadFile;
use crate::logs;
use crate::startup::StartupError;

/// Serves until SIGTERM or SIGINT, then lets the running requests finish.
pub(super) fn serve(options: &Serve) -> Result<(), StartupError> {
    logs::start(&options.log, options.log_format);
    // The port first: the public address may depend on it, and a taken one is known at once.
    let (listener, address) = bind(options.listen)?;
    let public_url = options.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let context = open(&options.storage, Clock::System, &public_url)?;
    let heads = options.heads.open(&options.storage)?;
    invite_first_administrator(&context)?;
    actix_web::rt::System::new().block_on(async move {
        let shared = Shared::behind(options.edge.options(), context);
        // They stop when the server has.
        let _jobs = start_jobs(&shared, heads, options.sandbox)?;
        let server = serve_on(listener, options.workers, options.drain_seconds, shared)?;
        log::info!("serving on http://{address}, contract at {public_url}/openapi.json");
        server.await.map_err(|error| StartupError::new(format!("the server stopped: {error}")))
    })
}

/// Starts what the program does by itself.
pub fn start_jobs(shared: &Shared, heads: HeadFile, with_sandbox: bool) -> Result<[Jobs; 2], StartupError> {
    let start = |jobs| {
        jobs::start(shared.context_handle(), jobs)
            .map_err(|error| StartupError::new(format!("the jobs did not start: {error}")))
    };
    Ok([start(jobs::all(heads))?, start(jobs::slow(with_sandbox))?.unattended()])
}

/// Binds a listener; port 0 takes a free one.
pub fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), StartupError> {
    let cannot = |error: std::io::Error| StartupError::new(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    Ok((listener, address))
}

/// Builds the server on a listener that is bound already, without polling it yet.
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
            .graceful_shutdown_signal(move || {
                let draining = draining.clone();
                async move { draining.notified().await }
            });
        let application = application!(shared.clone()).into_factory().map_err(|error| error.error_response());
        watched(shared.edge().clone()).and_then(service.h1(map_config(application, |()| AppConfig::default())))
    };
    let server = server.listen("passerelle", listener, service);
    Ok(server.map_err(|error| StartupError::new(format!("cannot listen: {error}")))?.run())
}

/// Each connection in its [`Wire`]. This is why the server is built from the framework's parts: its own takes bare
/// connections only.
fn watched(
    edge: Data<Edge>,
) -> impl ServiceFactory<
    TcpStream,
    Config = (),
    Response = (Wire, Option<SocketAddr>),
    Error = actix_http::error::DispatchError,
    InitError = (),
> {
    fn_service(move |stream: TcpStream| {
        // Answers are written whole: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let peer = stream.peer_addr().ok();
        std::future::ready(Ok((Wire::new(stream, &edge), peer)))
    })
}

/// The first start has nobody who could invite anybody: it prints the invitation of the first
/// administrator, once.
#[allow(clippy::print_stdout, reason = "the invitation is for the operator's terminal, not for the log")]
fn invite_first_administrator(context: &Context) -> Result<(), StartupError> {
    let invitation = context
        .write_blocking(PrincipalId::Local, accounts::invitations::ops::first_invitation)
        .map_err(|error| sentence(&error))?;
    if let Some(invitation) = invitation {
        println!(
            "First start. Create the administrator's account before {} with this one-time invitation:\n\n  \
             curl {}/v1/invitations/accept -H 'Content-Type: application/json' \\\n    \
             -d '{{\"token\":\"{}\",\"email\":\"you@example.org\",\"display_name\":\"You\",\"password\":\"a long phrase of yours\"}}'\n",
            invitation.expires_at, context.public_url, invitation.token
        );
    }
    Ok(())
}
