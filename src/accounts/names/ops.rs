//! Which names a caller sees.

use std::collections::BTreeSet;

use super::model::{Accounts, Names};
use super::store;
use crate::auth::PrincipalId;
use crate::error::ApiError;
use crate::work::Work;

/// Whether the caller sees names: a person, or the program itself.
pub fn are_shown(work: &Work<'_>) -> bool {
    !matches!(work.call.principal, PrincipalId::Client(_))
}

/// The accounts of some authors, as columns store them. None for a caller who sees no names.
pub fn of_authors<'a>(work: &Work<'_>, authors: impl IntoIterator<Item = &'a str>) -> Accounts {
    if !are_shown(work) {
        return Accounts::default();
    }
    let (mut users, mut clients) = (BTreeSet::new(), BTreeSet::new());
    for author in authors {
        match author.parse() {
            Ok(PrincipalId::User(id)) => drop(users.insert(id)),
            Ok(PrincipalId::Client(id)) => drop(clients.insert(id)),
            Ok(PrincipalId::Local) | Err(()) => {}
        }
    }
    Accounts { users: users.into_iter().collect(), clients: clients.into_iter().collect() }
}

/// The names of some authors, in one statement, or none if the caller sees no names.
pub fn read<'a>(work: &mut Work<'_>, authors: impl IntoIterator<Item = &'a str>) -> Result<Names, ApiError> {
    let accounts = of_authors(work, authors);
    if accounts.users.is_empty() && accounts.clients.is_empty() {
        return Ok(Names::default());
    }
    let (users, clients) = store::names(work.conn, &accounts)?;
    Ok(Names::new(users, clients))
}
