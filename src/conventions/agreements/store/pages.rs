//! The SQL of the lists of conventions.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable};

use super::{Boxed, ConventionRow, visible};
use crate::auth::ServiceScope;
use crate::conventions::agreements::dto::filter::{ConventionFilter, ConventionSort, ExpiringFilter, ExpiringSort};
use crate::conventions::agreements::model::{ConventionStanding, ConventionStatus};
use crate::db::schema::conventions;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::services::model::ServiceDays;

#[allow(missing_docs, reason = "diesel's macro writes the items")]
mod alias {
    use crate::db::schema::conventions;

    diesel::alias!(conventions as following: Following);
}

use alias::following;

#[diesel::declare_sql_function]
extern "SQL" {
    /// The first date, or the second where there is none.
    fn coalesce(first: Nullable<Date>, second: Date) -> Date;
}

/// The conventions of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ConventionFilter, days: &ServiceDays) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(key) = &filter.collectivity {
        query = query.filter(conventions::collectivity_kind.eq(key.kind));
        query = query.filter(conventions::collectivity_code.eq(&key.code));
    }
    if let Some(statuses) = &filter.status {
        query = query.filter(conventions::status.among(statuses));
    }
    if let Some(standings) = &filter.standing {
        query = with_standing(query, standings, days);
    }
    if let Some(on) = filter.on {
        let last_day = coalesce(conventions::terminated_on, conventions::ends_on);
        query = query.filter(conventions::starts_on.le(on).and(last_day.ge(on)));
    }
    if let Some(from) = filter.ends_from {
        query = query.filter(conventions::ends_on.ge(from));
    }
    if let Some(to) = filter.ends_to {
        query = query.filter(conventions::ends_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(conventions::updated_at.ge(since));
    }
    query
}

/// Only the conventions that have one of these standings, each on the day of its service. This is [`ConventionStatus::standing`] in SQL; an
/// API test checks that both agree.
fn with_standing<'a>(query: Boxed<'a>, standings: &[ConventionStanding], days: &ServiceDays) -> Boxed<'a> {
    use ConventionStanding as Standing;
    use ConventionStatus as Status;
    let wanted = |standing| standings.contains(&standing).into_sql::<Bool>();
    // These standings do not depend on the day.
    let decided: Vec<Status> = [
        (Standing::Draft, Status::Draft),
        (Standing::Proposed, Status::Proposed),
        (Standing::Declined, Status::Declined),
    ]
    .into_iter()
    .filter(|(standing, _)| standings.contains(standing))
    .map(|(_, status)| status)
    .collect();
    let last_day = || coalesce(conventions::terminated_on, conventions::ends_on);
    let not_suspended = || conventions::status.among(&[Status::Signed, Status::Terminated]);
    let is = |status: Status| conventions::status.eq(status);
    let on_the_day_of = |(on, services): &(NaiveDate, Vec<Id>)| {
        let on = *on;
        let past = last_day().lt(on);
        let terminated = wanted(Standing::Terminated).and(is(Status::Terminated)).and(past);
        let lapsed = conventions::status.among(&[Status::Signed, Status::Suspended]);
        let expired = wanted(Standing::Expired).and(lapsed).and(last_day().lt(on));
        let suspended = wanted(Standing::Suspended).and(is(Status::Suspended)).and(last_day().ge(on));
        let signed = wanted(Standing::Signed).and(not_suspended()).and(conventions::starts_on.gt(on));
        let current = not_suspended().and(conventions::starts_on.le(on)).and(last_day().ge(on));
        let active = wanted(Standing::Active).and(current);
        let of_service = conventions::service_id.among(services);
        of_service.and(terminated.or(expired).or(suspended).or(signed).or(active))
    };
    let [before, today, after] = days;
    let on_their_days = on_the_day_of(before).or(on_the_day_of(today)).or(on_the_day_of(after));
    query.filter(conventions::status.among(&decided).or(on_their_days))
}

/// A page of the conventions of the scope, by default latest start date first. Standings are those of the day of each
/// service.
pub(in crate::conventions::agreements) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ConventionFilter,
    days: &ServiceDays,
    page: &PageRequest,
) -> QueryResult<(Vec<ConventionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ConventionSort::StartsOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter, days), conventions as ConventionRow, sort: ConventionSort {
            StartsOn | StartsOnDesc => starts_on as NaiveDate,
            EndsOn | EndsOnDesc => ends_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The signed conventions of a service that end between two days and that no convention renews.
fn ending_between<'a>(scope: &'a ServiceScope, filter: &ExpiringFilter, from: NaiveDate, to: NaiveDate) -> Boxed<'a> {
    let renewal = following
        .filter(following.field(conventions::renews_id).eq(conventions::id.nullable()))
        .filter(following.field(conventions::status).ne(ConventionStatus::Declined));
    let mut query = visible(scope)
        .filter(conventions::status.among(&[ConventionStatus::Signed, ConventionStatus::Suspended]))
        .filter(conventions::ends_on.between(from, to))
        .filter(not(exists(renewal)));
    if let Some(since) = filter.updated_since {
        query = query.filter(conventions::updated_at.ge(since));
    }
    query
}

/// A page of the conventions that end soon, by default earliest end date first.
pub(in crate::conventions::agreements) fn expiring(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ExpiringFilter,
    (from, to): (NaiveDate, NaiveDate),
    page: &PageRequest,
) -> QueryResult<(Vec<ConventionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ExpiringSort::EndsOn);
    Ok(
        sorted_page!(conn, page, ending_between(scope, filter, from, to), conventions as ConventionRow, sort: ExpiringSort {
            EndsOn | EndsOnDesc => ends_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The signed conventions of a scope that are in effect on at least one day of a period, in the order of their
/// identifiers.
pub fn in_effect_between(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Vec<ConventionRow>> {
    visible(scope)
        .filter(conventions::status.among(ConventionStatus::SIGNED))
        .filter(conventions::starts_on.le(to))
        .filter(coalesce(conventions::terminated_on, conventions::ends_on).ge(from))
        .order(conventions::id)
        .select(ConventionRow::as_select())
        .load(conn)
}
