//! `passerelle serve`: opens the database, hands over the first invitation, serves until a signal stops it.

use std::io::IsTerminal;
use std::time::Duration;

use crate::accounts;
use crate::app::Shared;
use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::{Serve, Storage, private_directory, private_file};
use crate::http::Context;
use crate::logs;
use crate::opening::{open_to_serve, startup_error};
use crate::output::say;
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
    invite_first_administrator(&context, &options.storage)?;
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

/// At the first start no user exists who could invite another: hands over the invitation of the first administrator, once.
/// It is printed on a terminal only. Elsewhere standard output is a log, which many can read and which is kept: the
/// invitation goes to a file that only this account can read.
fn invite_first_administrator(context: &Context, storage: &Storage) -> Result<(), StartupError> {
    let invitation = context
        .write_blocking(PrincipalId::Local, accounts::invitations::ops::first_invitation)
        .map_err(|error| startup_error(&error))?;
    let Some(invitation) = invitation else { return Ok(()) };
    let mut text = format!(
        "First start. Create the administrator's account before {} with this one-time invitation:\n\n  \
         curl {}/v1/invitations/accept -H 'Content-Type: application/json' \\\n    \
         -d '{{\"token\":\"{}\",\"email\":\"you@example.org\",\"display_name\":\"You\",\"password\":\"a long phrase of yours\"}}'\n",
        invitation.expires_at, context.public_url, invitation.token
    );
    if context.policy.second_factor {
        text.push_str(
            "Then sign in (POST /oauth/token) and set up a second factor: POST /v1/me/second-factor, then \
             POST /v1/me/second-factor/confirm. Until then, nothing else is possible.\n",
        );
    }
    if std::io::stdout().is_terminal() {
        return say!("{text}");
    }
    let file = storage.first_invitation();
    let written = private_directory(&storage.data_dir).and_then(|()| private_file(&file, &text));
    written.map_err(|error| StartupError::new(format!("cannot write {}: {error}", file.display())))?;
    log::info!(
        "first start: the invitation of the first administrator is in {}, which only this account can read; delete it \
         once the account exists",
        file.display()
    );
    Ok(())
}
