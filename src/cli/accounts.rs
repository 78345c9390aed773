//! `passerelle user …`, `passerelle client …` and `passerelle keys …`: accounts and signing keys, managed on the
//! machine.

use crate::accounts::clients::dto::{ClientInput, Partner};
use crate::accounts::invitations::dto::InvitationInput;
use crate::accounts::{clients, invitations, users};
use crate::auth::{self, KeyRing, PrincipalId, ServiceScope};
use crate::clock::Clock;
use crate::config::{ClientTask, ClientToCreate, KeysTask, OneClient, OneUser, Storage, UserTask};
use crate::error::ApiError;
use crate::http::body::check_rules;
use crate::nomenclatures;
use crate::opening::{ReadOnly, open, startup_error};
use crate::output::say;
use crate::startup::StartupError;
use crate::work::Work;

/// A command has access to every service.
const ALL: &ServiceScope = &ServiceScope::All;

pub(super) fn user(task: UserTask) -> Result<(), StartupError> {
    match task {
        UserTask::Invite { storage, service, role, administrator } => {
            let new = InvitationInput { service_id: service, role, administrator };
            check_rules(&new).map_err(|error| startup_error(&error))?;
            let invitation = local(&storage, move |work| invitations::ops::invite(work, ALL, &new))?;
            say!("invitation: {}\nvalid until: {}", invitation.token, invitation.expires_at)?;
        }
        UserTask::List { storage } => {
            for user in ReadOnly::open(&storage)?.read(users::ops::all)? {
                let administrator = if user.administrator { " administrator" } else { "" };
                let disabled = if user.disabled_at.is_some() { " disabled" } else { "" };
                say!("{} {} {:?}{administrator}{disabled}", user.id, user.email, user.display_name)?;
            }
        }
        UserTask::Disable(one) => {
            on_user(one, |work, row| users::ops::disable(work, ALL, row))?;
            say!("disabled")?;
        }
        UserTask::Enable(one) => {
            on_user(one, |work, row| users::ops::enable(work, ALL, row))?;
            say!("enabled")?;
        }
        UserTask::ResetPassword(one) => {
            let reset = on_user(one, |work, row| users::resets::begin(work, ALL, row))?;
            say!("reset: {}\nvalid until: {}", reset.token, reset.expires_at)?;
        }
        UserTask::ResetSecondFactor(one) => {
            on_user(one, |work, row| users::ops::reset_second_factor(work, ALL, row))?;
            say!("removed")?;
        }
    }
    Ok(())
}

fn on_user<T: Send + 'static>(
    one: OneUser,
    f: impl FnOnce(&mut Work<'_>, &users::ops::UserRow) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, StartupError> {
    let email = one.email;
    local(&one.storage, move |work| {
        let not_found = |error: ApiError| {
            error.detail("Aucun compte n'a cette adresse électronique.", "No user has this e-mail address.")
        };
        let row = users::ops::find_by_email(work, &email).map_err(not_found)?;
        f(work, &row)
    })
}

pub(super) fn client(task: ClientTask) -> Result<(), StartupError> {
    match task {
        ClientTask::Create(options) => create_client(options)?,
        ClientTask::List { storage } => {
            for client in ReadOnly::open(&storage)?.read(clients::ops::all)? {
                let permissions: Vec<_> = client.permissions.iter().map(ToString::to_string).collect();
                let disabled = if client.disabled { " disabled" } else { "" };
                let used = client.last_used_at.map(|used| format!(" last used {used}")).unwrap_or_default();
                let maker = client.made_by.map(|maker| format!(" made by {maker}")).unwrap_or_default();
                say!("{} {:?} {}{used}{maker}{disabled}", client.id, client.name, permissions.join(","))?;
            }
        }
        ClientTask::Disable(one) => {
            on_client(&one, |work, row| clients::ops::disable(work, ALL, row))?;
            say!("disabled")?;
        }
        ClientTask::Enable(one) => {
            on_client(&one, |work, row| clients::ops::enable(work, ALL, row))?;
            say!("enabled")?;
        }
        ClientTask::RotateSecret { client, overlap_hours } => {
            let secret =
                on_client(&client, move |work, row| clients::ops::change_secret(work, ALL, row, overlap_hours))?;
            say!("client_secret: {}", secret.client_secret)?;
            if let Some(until) = secret.former_secret_until {
                say!("previous secret valid until: {until}")?;
            }
        }
    }
    Ok(())
}

fn create_client(options: ClientToCreate) -> Result<(), StartupError> {
    let partner = match (options.partner, options.partner_kind, options.partner_territory) {
        (Some(name), Some(kind), Some(territory)) => {
            // In a request, validation against the contract checks these.
            if !nomenclatures::contains(nomenclatures::lists::ORGANISATION_KIND, kind.as_str()) {
                return Err(StartupError::new(format!("{} is not a code of organisation_kind", kind.as_str())));
            }
            if !crate::territories::is_known(territory.kind, &territory.code) {
                return Err(StartupError::new(format!("{territory} is not a known territory")));
            }
            Some(Partner { name, kind, territory })
        }
        _ => None,
    };
    let new = ClientInput {
        name: options.name,
        service_ids: options.services.into_iter().collect(),
        permissions: options.permissions.into_iter().collect(),
        expires_at: options.expires_at.map(Into::into),
        networks: Some(options.networks).filter(|networks| !networks.is_empty()),
        partner,
    };
    check_rules(&new).map_err(|error| startup_error(&error))?;
    let created = local(&options.storage, move |work| clients::ops::create(work, ALL, &new))?;
    say!("client_id: {}\nclient_secret: {}", created.id, created.client_secret)?;
    Ok(())
}

fn on_client<T: Send + 'static>(
    one: &OneClient,
    f: impl FnOnce(&mut Work<'_>, &clients::ops::ClientRow) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, StartupError> {
    let id = one.id;
    local(&one.storage, move |work| {
        let not_found =
            |error: ApiError| error.detail("Aucun client n'a cet identifiant.", "No client has this identifier.");
        let row = clients::ops::find(work, ALL, id).map_err(not_found)?;
        f(work, &row)
    })
}

pub(super) fn keys(task: KeysTask) -> Result<(), StartupError> {
    match task {
        KeysTask::List { storage } => {
            let keys = ReadOnly::open(&storage)?.read(|work| Ok(auth::list_keys(work.conn)?))?;
            let signing = keys.iter().rposition(|(_, _, retired)| retired.is_none());
            for (index, (kid, created, retired)) in keys.iter().enumerate() {
                let state = match retired {
                    Some(retired) => format!("retired {retired}"),
                    None if signing == Some(index) => "signs".to_owned(),
                    None => "verifies".to_owned(),
                };
                say!("{kid} created {created} {state}")?;
            }
        }
        KeysTask::Rotate { storage } => {
            let kid = local(&storage, |work| KeyRing::rotate(work.conn, work.vault, work.now))?;
            say!("{kid} signs within {} seconds; previous keys still verify", auth::KEY_RELOAD_INTERVAL.num_seconds())?;
        }
        KeysTask::Retire { storage, kid, at_once } => {
            local(&storage, move |work| KeyRing::retire(work.conn, work.vault, &kid, at_once, work.now))?;
            say!("retired")?;
        }
    }
    Ok(())
}

/// Runs a use case as the local principal.
fn local<T: Send + 'static>(
    storage: &Storage,
    f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, StartupError> {
    let context = open(storage, Clock::System, "")?;
    context.write_blocking(PrincipalId::Local, f).map_err(|error| startup_error(&error))
}
