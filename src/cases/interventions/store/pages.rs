//! The SQL of the lists of interventions: those of a case, and those of the services of the caller.

use chrono::NaiveDate;
use diesel::dsl::{count, exists, sum};
use diesel::prelude::*;

use super::InterventionRow;
use crate::auth::ServiceScope;
use crate::cases::interventions::dto::filter::{
    InterventionFilter, InterventionSort, WorkAbout, WorkFilter, WorkTotals,
};
use crate::db::schema::{intervention_professionals, intervention_resource_people, interventions};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};

type Boxed<'a> = interventions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The interventions of a case that match the filter.
fn of_case<'a>(scope: &'a ServiceScope, case: Id, filter: &InterventionFilter) -> Boxed<'a> {
    let of_case = interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(case));
    let query = interventions::table.filter(of_case).into_boxed();
    match filter.updated_since {
        Some(since) => query.filter(interventions::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the interventions of a case, by default latest first.
pub(in crate::cases::interventions) fn list_of_case(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &InterventionFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InterventionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InterventionSort::HeldOnDesc);
    Ok(
        sorted_page!(conn, page, of_case(scope, case, filter), interventions as InterventionRow, sort: InterventionSort {
            HeldOn | HeldOnDesc => held_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The interventions of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a WorkFilter) -> Boxed<'a> {
    let mut query = interventions::table.filter(interventions::service_id.among(scope.ids())).into_boxed();
    if let Some(case) = filter.case_id {
        query = query.filter(interventions::case_id.eq(case));
    }
    match filter.about {
        Some(WorkAbout::Cases) => query = query.filter(interventions::case_id.is_not_null()),
        Some(WorkAbout::NoCase) => query = query.filter(interventions::case_id.is_null()),
        None => {}
    }
    if let Some(user) = filter.professional_id {
        let took_part = intervention_professionals::act_id
            .eq(interventions::act_id)
            .and(intervention_professionals::user_id.eq(user));
        query = query.filter(exists(intervention_professionals::table.filter(took_part)));
    }
    if let Some(person) = filter.resource_person_id {
        let called_upon = intervention_resource_people::act_id
            .eq(interventions::act_id)
            .and(intervention_resource_people::person_id.eq(person));
        query = query.filter(exists(intervention_resource_people::table.filter(called_upon)));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(interventions::organisation_id.eq(organisation));
    }
    if let Some(kinds) = &filter.kind {
        query = query.filter(interventions::type_.among(kinds));
    }
    if let Some(modes) = &filter.mode {
        query = query.filter(interventions::mode.among(modes));
    }
    if let Some(from) = filter.held_from {
        query = query.filter(interventions::held_on.ge(from));
    }
    if let Some(to) = filter.held_to {
        query = query.filter(interventions::held_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(interventions::updated_at.ge(since));
    }
    query
}

/// A page of the interventions of the scope, by default latest first.
pub(in crate::cases::interventions) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &WorkFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InterventionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InterventionSort::HeldOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), interventions as InterventionRow, sort: InterventionSort {
            HeldOn | HeldOnDesc => held_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The sums over the whole list: an act about several cases counts once.
pub(in crate::cases::interventions) fn totals(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &WorkFilter,
) -> QueryResult<WorkTotals> {
    let (acts, minutes, travel): (i64, Option<i64>, Option<i64>) = filtered(scope, filter)
        .select((
            count(interventions::act_id).aggregate_distinct(),
            sum(interventions::minutes),
            sum(interventions::travel_minutes),
        ))
        .get_result(conn)?;
    Ok(WorkTotals { acts, minutes: minutes.unwrap_or(0), travel_minutes: travel.unwrap_or(0) })
}
