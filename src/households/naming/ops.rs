//! Adding the tokens of whole names to children that lack them.

use crate::auth::ServiceScope;
use crate::data_keys::data_keys;
use crate::db::{Id, Lock, SystemScope};
use crate::error::ApiError;
use crate::households::model::ChildIdentity;
use crate::households::ops::{identity_at, name_tokens};
use crate::households::store;
use crate::http::Context;
use crate::services;
use crate::trail::Call;
use crate::work::Work;

/// Number of children per step.
const STEP: usize = 50;

/// One step of the background job: a few children of one service. `services` keeps the services that are left for the next
/// step; none is left once every child has its tokens. Returns whether there are any.
pub fn add_next(context: &Context, services: &mut Option<Vec<Id>>) -> Result<bool, ApiError> {
    let left = match services {
        Some(left) => left,
        None => services.insert(context.read_blocking(SystemScope::Jobs, |work| Ok(services::store::all(work.conn)?))?),
    };
    let Some(service) = left.last().copied() else { return Ok(false) };
    let more = context.write_blocking(Call::of_service(service), move |work| add(work, service))?;
    if !more {
        left.pop();
    }
    Ok(!left.is_empty())
}

/// Adds the tokens of the whole name to a few children of a service that lack them. Returns whether there may be more.
///
/// The names are opened, but shown to nobody, and each household is in the journal when its data is read. The journal
/// therefore records one read of the service, as for figures.
pub fn add(work: &mut Work<'_>, service: Id) -> Result<bool, ApiError> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    let found = store::without_name_tokens(work.conn, service, limit)?;
    if found.is_empty() {
        return Ok(false);
    }
    // A correction of the name waits until its tokens are there, and replaces them.
    for child in &found {
        work.lock_one(Lock::Child, *child)?;
    }
    let rows = store::children_by_id(work.conn, &ServiceScope::one(service), &found)?;
    let rows: Vec<_> = rows.into_iter().filter(|row| row.token_scheme < store::TOKEN_SCHEME).collect();
    let before = work.trail.clone();
    let homes: Vec<Id> = rows.iter().map(|row| row.household_id).collect();
    let keys = data_keys(work, &homes)?;
    let mut tokens = Vec::new();
    for row in &rows {
        // An erased child keeps no tokens.
        let Some(key) = keys.get(&row.household_id) else { continue };
        let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
        let of_name = name_tokens(work, service, &identity);
        tokens.extend(store::token_rows(service, row.household_id, row.id, &of_name));
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    store::add_tokens(work.conn, &ids, &tokens)?;
    work.trail = before;
    work.trail.consult(Some(service));
    Ok(found.len() == STEP)
}
