//! Reading the birth dates of many children.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::auth::ServiceScope;
use crate::data_keys::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::households::model::{Birth, ChildIdentity};
use crate::households::ops::identity_at;
use crate::households::store;
use crate::work::Work;

/// Number of children whose identities are open at the same time.
const CHUNK: usize = 500;

/// The birth dates of children of a service, or their expected dates of birth. Erased children are absent.
///
/// For figures only, or to find children of which the caller then opens some: no response shows whose dates these are. The journal therefore records one read of the service
/// instead of one per household, and a stored response made from figures is not sealed under the keys of all these
/// households.
pub fn births(work: &mut Work<'_>, service: Id, children: &[Id]) -> Result<HashMap<Id, NaiveDate>, ApiError> {
    births_in(work, &ServiceScope::one(service), children)
}

/// The births of children of a service, for rules on the days of their lives. As [`births`].
pub fn births_of(work: &mut Work<'_>, service: Id, children: &[Id]) -> Result<HashMap<Id, Birth>, ApiError> {
    read(work, &ServiceScope::one(service), children)
}

/// [`births`] of the services of a scope. Two statements for 500 children, whatever the number of services.
pub fn births_in(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    children: &[Id],
) -> Result<HashMap<Id, NaiveDate>, ApiError> {
    Ok(read(work, scope, children)?.into_iter().map(|(child, birth)| (child, birth.day())).collect())
}

fn read(work: &mut Work<'_>, scope: &ServiceScope, children: &[Id]) -> Result<HashMap<Id, Birth>, ApiError> {
    let before = work.trail.clone();
    let mut births = HashMap::with_capacity(children.len());
    for chunk in children.chunks(CHUNK) {
        let rows = store::children_by_id(work.conn, scope, chunk)?;
        let households: Vec<Id> = rows.iter().map(|row| row.household_id).collect();
        let keys = data_keys(work, &households)?;
        for row in &rows {
            let Some(key) = keys.get(&row.household_id) else { continue };
            let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
            births.extend(Birth::of(&identity).map(|birth| (row.id, birth)));
        }
    }
    work.trail = before;
    for service in scope.ids() {
        work.trail.consult(Some(*service));
    }
    Ok(births)
}
