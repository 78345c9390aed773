//! The SQL that follows merges.

use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::child_merges;
use crate::db::{AnyConn, Id, IsAmong};

/// The absorbed and the surviving objects of a merge: child, household, case.
type Pairs = (Id, Id, Option<Id>, Id, Option<Id>, Option<Id>);

/// The object into which another one was merged, in services of the scope.
pub(super) fn survivor_of(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<Id>> {
    let absorbed = child_merges::absorbed_child_id
        .eq(id)
        .or(child_merges::absorbed_household_id.eq(id))
        .or(child_merges::absorbed_case_id.eq(id));
    let found: Option<Pairs> = child_merges::table
        .filter(absorbed)
        .filter(child_merges::undone_at.is_null().and(child_merges::service_id.among(scope.ids())))
        .select((
            child_merges::absorbed_child_id,
            child_merges::survivor_child_id,
            child_merges::absorbed_household_id,
            child_merges::survivor_household_id,
            child_merges::absorbed_case_id,
            child_merges::survivor_case_id,
        ))
        .first(conn)
        .optional()?;
    Ok(found.and_then(|(child, survivor_child, household, survivor_household, _, survivor_case)| {
        if child == id {
            Some(survivor_child)
        } else if household == Some(id) {
            Some(survivor_household)
        } else {
            survivor_case
        }
    }))
}

/// The cases that were merged into some cases, directly.
pub(super) fn absorbed_cases(conn: &mut AnyConn, scope: &ServiceScope, cases: &[Id]) -> QueryResult<Vec<Id>> {
    let into: Vec<Option<Id>> = cases.iter().copied().map(Some).collect();
    child_merges::table
        .filter(child_merges::survivor_case_id.eq_any(into))
        .filter(child_merges::undone_at.is_null().and(child_merges::service_id.among(scope.ids())))
        .select(child_merges::absorbed_case_id.assume_not_null())
        .load(conn)
}
