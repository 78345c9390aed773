//! The SQL of the lists of reservations.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Boxed, ReservationRow, visible};
use crate::auth::ServiceScope;
use crate::db::schema::reservations;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, ordered_page, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::reservations::dto::filter::{QueueFilter, QueueSort, ReservationFilter, ReservationSort};
use crate::lending::reservations::model::ReservationStatus;

/// The reservations in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ReservationFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(kit) = filter.kit_id {
        query = query.filter(reservations::kit_id.eq(kit));
    }
    if let Some(copy) = filter.copy_id {
        query = query.filter(reservations::copy_id.eq(copy));
    }
    if let Some(statuses) = &filter.status {
        query = query.filter(reservations::status.among(statuses));
    }
    if let Some(kind) = filter.borrower_kind {
        query = query.filter(reservations::borrower_kind.eq(kind));
    }
    if let Some(household) = filter.household_id {
        query = query.filter(reservations::household_id.eq(household));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(reservations::organisation_id.eq(organisation));
    }
    if let Some(case) = filter.case_id {
        query = query.filter(reservations::case_id.eq(case));
    }
    if let Some(commune) = &filter.commune {
        query = query.filter(reservations::commune_code.eq(commune));
    }
    if let Some(from) = filter.from {
        query = query.filter(reservations::blocked_until.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(reservations::starts_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(reservations::updated_at.ge(since));
    }
    query
}

/// A page of the reservations in scope, latest start first by default.
pub(in crate::lending::reservations) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ReservationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ReservationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ReservationSort::StartsOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), reservations as ReservationRow, sort: ReservationSort {
            StartsOn | StartsOnDesc => starts_on as NaiveDate,
            DueOn | DueOnDesc => due_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// A page of the current loans in scope that are due between two days, earliest due date first.
pub(in crate::lending) fn loans(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    from: Option<NaiveDate>,
    to: NaiveDate,
    page: &PageRequest,
) -> QueryResult<(Vec<ReservationRow>, PageInfo)> {
    let due = || {
        let current = reservations::status.eq(ReservationStatus::OnLoan).and(reservations::due_on.le(to));
        let query = visible(scope).filter(current);
        match from {
            Some(from) => query.filter(reservations::due_on.ge(from)),
            None => query,
        }
    };
    Ok(ordered_page!(conn, page, due(), reservations as ReservationRow, asc due_on as NaiveDate))
}

/// A page of the queue of a kit, in the order of the queue by default.
pub(in crate::lending) fn queue(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kit: Id,
    filter: &QueueFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ReservationRow>, PageInfo)> {
    let waiting = || {
        let theirs = reservations::kit_id.eq(kit).and(reservations::status.eq(ReservationStatus::Waiting));
        let query = visible(scope).filter(theirs);
        match filter.updated_since {
            Some(since) => query.filter(reservations::updated_at.ge(since)),
            None => query,
        }
    };
    let sort = filter.sort.unwrap_or(QueueSort::CreatedAt);
    Ok(sorted_page!(conn, page, waiting(), reservations as ReservationRow, sort: QueueSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
