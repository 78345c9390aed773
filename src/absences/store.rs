//! The SQL of absences.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{AbsenceFilter, AbsenceSort};
use super::model::Days;
use crate::auth::ServiceScope;
use crate::db::schema::{absences, memberships, users};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, row_writes, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `absences`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = absences, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AbsenceRow {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The person.
    pub user_id: Id,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(AbsenceRow);

impl AbsenceRow {
    /// Its days.
    pub fn days(&self) -> Days {
        Days { starts_on: self.starts_on, ends_on: self.ends_on }
    }
}

row_writes!(absences: AbsenceRow => pub(super) insert, pub(super) update, pub(super) delete);

type Boxed<'a> = absences::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    absences::table.filter(absences::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<AbsenceRow> {
    visible(scope).filter(absences::id.eq(id)).select(AbsenceRow::as_select()).get_result(conn)
}

/// The absences of a person in a service that have a day in common with some days, and whether the person works there.
pub(super) fn around(
    conn: &mut AnyConn,
    (service, user): (Id, Id),
    days: Days,
) -> QueryResult<(Vec<AbsenceRow>, bool)> {
    let (others, works_in) = together!(
        conn,
        absences::table
            .filter(absences::service_id.eq(service).and(absences::user_id.eq(user)))
            .filter(absences::starts_on.le(days.ends_on).and(absences::ends_on.ge(days.starts_on)))
            .order((absences::starts_on, absences::id))
            .select(columns::<AbsenceRow>())
            => AbsenceRow,
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.eq(user).and(memberships::service_id.eq(service)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::service_id)
            => Id,
    )?;
    Ok((others, !works_in.is_empty()))
}

/// The absences in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a AbsenceFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(user) = filter.user_id {
        query = query.filter(absences::user_id.eq(user));
    }
    if let Some(from) = filter.from {
        query = query.filter(absences::ends_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(absences::starts_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(absences::updated_at.ge(since));
    }
    query
}

/// A page of absences, by default latest first day first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &AbsenceFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<AbsenceRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(AbsenceSort::StartsOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), absences as AbsenceRow, sort: AbsenceSort {
        StartsOn | StartsOnDesc => starts_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
