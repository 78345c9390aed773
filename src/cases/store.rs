//! The SQL of cases.

use diesel::prelude::*;

use super::model::CaseStatus;
use super::ops::NewCase;
use crate::auth::ServiceScope;
use crate::db::schema::cases;
use crate::db::{AnyConn, Id, UtcTs};

pub(super) fn insert(conn: &mut AnyConn, id: Id, new: NewCase, now: UtcTs) -> QueryResult<()> {
    diesel::insert_into(cases::table)
        .values((
            cases::id.eq(id),
            cases::service_id.eq(new.service_id),
            cases::subject.eq(new.subject),
            cases::household_id.eq(new.household_id),
            cases::child_id.eq(new.child_id),
            cases::organisation_id.eq(new.organisation_id),
            cases::commune_code.eq(new.commune_code),
            cases::status.eq(CaseStatus::Open),
            cases::opened_on.eq(new.opened_on),
            cases::version.eq(1),
            cases::created_at.eq(now),
            cases::updated_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// The open case of a child, if it has one.
pub fn open_case_of(conn: &mut AnyConn, scope: &ServiceScope, child: Id) -> QueryResult<Option<Id>> {
    cases::table
        .filter(cases::service_id.eq_any(scope.ids()))
        .filter(cases::child_id.eq(child).and(cases::status.eq(CaseStatus::Open)))
        .select(cases::id)
        .first(conn)
        .optional()
}
