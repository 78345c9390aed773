//! `passerelle serve`: opens the database, prints the first invitation, serves until a signal stops it.

use std::time::Duration;

use crate::accounts;
use crate::app::Shared;
use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::Serve;
use crate::http::Context;
use crate::logs;
use crate::opening::{open_to_serve, startup_error};
use crate::server::{Signals, bind, serve_on, serve_until_stopped, start_jobs};
use crate::startup::StartupError;

/// Serves until SIGTERM or SIGINT, then stops as `server` says.
pub(super) fn serve(options: &Serve) -> Result<(), StartupError> {
    logs::start(&options.log, options.log_format);
    // The port first: the public address may depend on it, and a port that is already taken is reported at once.
    let (listener, address) = bind(options.listen)?;
    let public_url = options.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let (context, heads) = open_to_serve(&options.storage, Clock::System, &public_url)?;
    let context = context.under(options.accounts.policy());
    invite_first_administrator(&context)?;
    actix_web::rt::System::new().block_on(async move {
        let shared = Shared::behind(options.edge.options(), context);
        let mut signals = Signals::listen()?;
        // Dropped after the server has stopped, which stops the jobs.
        let running = start_jobs(&shared, heads, options.sandbox)?;
        let server = serve_on(listener, options.workers, options.drain_seconds, shared.clone())?;
        log::info!("serving on http://{address}, contract at {public_url}/openapi.json");
        let grace = Duration::from_secs(options.grace_seconds);
        serve_until_stopped(server, &mut signals, grace, &shared, &running).await
    })
}

/// At the first start no user exists who could invite another: prints the invitation of the first administrator, once.
#[allow(clippy::print_stdout, reason = "the invitation is for the operator's terminal, not for the log")]
fn invite_first_administrator(context: &Context) -> Result<(), StartupError> {
    let invitation = context
        .write_blocking(PrincipalId::Local, accounts::invitations::ops::first_invitation)
        .map_err(|error| startup_error(&error))?;
    if let Some(invitation) = invitation {
        println!(
            "First start. Create the administrator's account before {} with this one-time invitation:\n\n  \
             curl {}/v1/invitations/accept -H 'Content-Type: application/json' \\\n    \
             -d '{{\"token\":\"{}\",\"email\":\"you@example.org\",\"display_name\":\"You\",\"password\":\"a long phrase of yours\"}}'\n",
            invitation.expires_at, context.public_url, invitation.token
        );
        if context.policy.second_factor {
            println!(
                "Then sign in (POST /oauth/token) and set up a second factor: POST /v1/me/second-factor, then \
                 POST /v1/me/second-factor/confirm. Until then, nothing else is possible.\n"
            );
        }
    }
    Ok(())
}
