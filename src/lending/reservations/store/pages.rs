//! The SQL of the lists of reservations.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Boxed, ReservationRow, visible};
use crate::auth::ServiceScope;
use crate::db::schema::reservations;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, ordered_page, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::reservations::dto::filter::{QueueFilter, QueueSort, ReservationFilter, ReservationSort};
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::settings::model::Today;
use crate::services::model::{ServiceDays, by_day};

/// The instant of a list, and the day of each service.
pub(in crate::lending) struct AsOf {
    now: UtcTs,
    days: ServiceDays,
}

impl AsOf {
    pub(in crate::lending) fn new(now: UtcTs, days: &HashMap<Id, Today>) -> Self {
        Self { now, days: by_day(days.iter().map(|(service, day)| (*service, day.today))) }
    }
}

/// The reservations of a query that are in one of some states at a moment: [`ReservationRow::state_at`] in SQL.
fn in_states<'a>(query: Boxed<'a>, states: &[ReservationStatus], at: &AsOf) -> Boxed<'a> {
    use ReservationStatus::{Expired, Proposed, Waiting};
    let computed = [Expired, Proposed, Waiting];
    if !states.iter().any(|state| computed.contains(state)) {
        return query.filter(reservations::status.among(states));
    }
    let stored: Vec<ReservationStatus> =
        states.iter().copied().filter(|state| !matches!(state, Proposed | Waiting)).collect();
    let if_wanted = |wanted: ReservationStatus, stored: ReservationStatus| {
        let stored = if states.contains(&wanted) { vec![stored] } else { Vec::new() };
        reservations::status.among(&stored)
    };
    let [first, second, third] = &at.days;
    let before = |(day, services): &(NaiveDate, Vec<Id>)| {
        reservations::service_id.among(services).and(reservations::waits_until.lt(*day))
    };
    let on_or_after = |(day, services): &(NaiveDate, Vec<Id>)| {
        reservations::service_id.among(services).and(reservations::waits_until.ge(*day))
    };
    let ended = before(first).or(before(second)).or(before(third));
    let lasts = on_or_after(first).or(on_or_after(second)).or(on_or_after(third));
    query.filter(
        reservations::status
            .among(&stored)
            .or(if_wanted(Proposed, Proposed).and(reservations::proposal_expires_at.gt(at.now)))
            .or(if_wanted(Expired, Proposed).and(reservations::proposal_expires_at.le(at.now)))
            .or(if_wanted(Waiting, Waiting).and(reservations::waits_until.is_null().or(lasts)))
            .or(if_wanted(Expired, Waiting).and(ended)),
    )
}

/// The reservations in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ReservationFilter, at: &AsOf) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(kit) = filter.kit_id {
        query = query.filter(reservations::kit_id.eq(kit));
    }
    if let Some(copy) = filter.copy_id {
        query = query.filter(reservations::copy_id.eq(copy));
    }
    if let Some(statuses) = &filter.status {
        query = in_states(query, statuses, at);
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
    at: &AsOf,
    page: &PageRequest,
) -> QueryResult<(Vec<ReservationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ReservationSort::StartsOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter, at), reservations as ReservationRow, sort: ReservationSort {
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
    at: &AsOf,
    page: &PageRequest,
) -> QueryResult<(Vec<ReservationRow>, PageInfo)> {
    let waiting = || {
        let of_kit = visible(scope).filter(reservations::kit_id.eq(kit));
        let query = in_states(of_kit, &[ReservationStatus::Waiting], at);
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
