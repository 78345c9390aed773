//! `passerelle user …` and `passerelle client …`: accounts from the machine itself.
#![allow(clippy::print_stdout, reason = "what a command answers goes to standard output")]

use super::{open, sentence};
use crate::accounts::dto::{NewClient, NewInvitation};
use crate::accounts::ops;
use crate::auth::{PrincipalId, ServiceScope};
use crate::clock::Clock;
use crate::config::{ClientTask, Storage, UserTask};
use crate::context::Work;
use crate::error::ApiError;
use crate::startup::StartupError;

pub(super) fn user(task: UserTask) -> Result<(), StartupError> {
    match task {
        UserTask::Invite { storage, service, role, administrator } => {
            let new = NewInvitation { service_id: service, role, administrator };
            let made = local(&storage, move |work| ops::invite(work, &ServiceScope::All, &new))?;
            println!("invitation: {}\nvalid until: {}", made.token, made.expires_at);
        }
        UserTask::List { storage } => {
            for user in local(&storage, ops::all_users)? {
                let administrator = if user.administrator { " administrator" } else { "" };
                let disabled = if user.disabled_at.is_some() { " disabled" } else { "" };
                println!("{} {} {:?}{administrator}{disabled}", user.id, user.email, user.display_name);
            }
        }
        UserTask::Disable { storage, email } => {
            local(&storage, move |work| ops::disable_user(work, &email))?;
            println!("disabled");
        }
    }
    Ok(())
}

pub(super) fn client(task: ClientTask) -> Result<(), StartupError> {
    match task {
        ClientTask::Create { storage, name, services, permissions } => {
            let (service_ids, permissions) = (services.into_iter().collect(), permissions.into_iter().collect());
            let new = NewClient { name, service_ids, permissions };
            let made = local(&storage, move |work| ops::create_client(work, &ServiceScope::All, &new))?;
            println!("client_id: {}\nclient_secret: {}", made.id, made.client_secret);
        }
        ClientTask::List { storage } => {
            for client in local(&storage, ops::all_clients)? {
                let permissions: Vec<_> = client.permissions.iter().map(ToString::to_string).collect();
                let disabled = if client.disabled { " disabled" } else { "" };
                println!("{} {:?} {}{disabled}", client.id, client.name, permissions.join(","));
            }
        }
        ClientTask::Disable { storage, id } => {
            local(&storage, move |work| ops::disable_client(work, id))?;
            println!("disabled");
        }
    }
    Ok(())
}

/// Runs a use case on the machine's own authority.
fn local<T: Send + 'static>(
    storage: &Storage,
    f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, StartupError> {
    let context = open(storage, Clock::System, "")?;
    context.write_blocking(PrincipalId::Local, f).map_err(|error| sentence(&error))
}
