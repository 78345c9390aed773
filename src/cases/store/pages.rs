//! The SQL of the list of cases.
//!
//! Every page is read from an index in the order of the list. Conditions on other tables are probes of their indexes for
//! each row that is read: nothing of them is copied into the rows of cases.

use chrono::NaiveDate;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Boxed, CaseRow, NOTHING_PLANNED, visible};
use crate::auth::ServiceScope;
use crate::cases::dto::filter::{CaseFilter, CaseSort};
use crate::cases::model::CaseStatus;
use crate::cases::team::model::Capacity;
use crate::db::schema::{
    absences, case_members, case_steps, case_suspensions, cases, complex_situation_grounds, complex_situations,
    interventions, referral_needs, referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::services::model::ServiceDays;

/// What a filter compares with: the caller, and the day of each service.
#[derive(Debug, Default)]
pub(in crate::cases) struct ListedOn {
    /// The caller, if it is a person.
    pub(in crate::cases) me: Option<Id>,
    /// The services by their day, where the filter needs it.
    pub(in crate::cases) days: ServiceDays,
}

/// The latest step of a case, by the rule of [`super::related`]. A constant: no value of a request is in it.
const LATEST_STEP: &str = "(SELECT latest.step FROM case_steps latest WHERE latest.case_id = cases.id \
     AND (latest.step <> 'closure' OR cases.status = 'closed') \
     ORDER BY latest.reached_on DESC, latest.id DESC LIMIT 1)";

/// The cases in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a CaseFilter, on: &ListedOn) -> Boxed<'a> {
    let mut query = of_row(visible(scope), filter);
    if let Some(steps) = &filter.step {
        // The first condition follows from the second, and has an index: a rare step is found without a look at every case.
        let reached = case_steps::table
            .filter(case_steps::service_id.among(scope.ids()).and(case_steps::case_id.eq(cases::id)))
            .filter(case_steps::step.among(steps));
        query = query.filter(exists(reached)).filter(sql::<Text>(LATEST_STEP).among(steps));
    }
    if let Some(needs) = &filter.need {
        let with_one = referral_needs::table
            .inner_join(referrals::table)
            .filter(referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(cases::id.nullable())))
            .filter(referral_needs::need.among(needs));
        query = query.filter(exists(with_one));
    }
    if let Some(day) = filter.no_intervention_since {
        let since = interventions::table
            .filter(interventions::case_id.eq(cases::id.nullable()).and(interventions::held_on.ge(day)));
        query = query.filter(not(exists(since)));
    }
    if let Some(overdue) = filter.overdue {
        let of_day =
            |(day, services): &(NaiveDate, Vec<Id>)| cases::service_id.among(services).and(cases::next_key.lt(*day));
        let [first, second, third] = &on.days;
        let late = cases::status.eq(CaseStatus::Open).and(of_day(first).or(of_day(second)).or(of_day(third)));
        query = if overdue { query.filter(late) } else { query.filter(not(late)) };
    }
    if let Some(priorities) = &filter.priority {
        query = query.filter(cases::priority.among(priorities));
    }
    let flagged = || {
        let lasts = complex_situations::case_id.eq(cases::id).and(complex_situations::ended_on.is_null());
        complex_situations::table.filter(lasts)
    };
    if let Some(complex) = filter.complex {
        query = if complex { query.filter(exists(flagged())) } else { query.filter(not(exists(flagged()))) };
    }
    if let Some(grounds) = &filter.complexity_ground {
        let with_one = complex_situation_grounds::table
            .inner_join(complex_situations::table)
            .filter(complex_situations::case_id.eq(cases::id).and(complex_situations::ended_on.is_null()))
            .filter(complex_situation_grounds::ground.among(grounds));
        query = query.filter(exists(with_one));
    }
    let paused = || {
        let lasts = case_suspensions::case_id.eq(cases::id).and(case_suspensions::resumed_on.is_null());
        exists(case_suspensions::table.filter(lasts))
    };
    if let Some(suspended) = filter.suspended {
        query = if suspended { query.filter(paused()) } else { query.filter(not(paused())) };
    }
    if filter.nothing_planned == Some(true) {
        query = query.filter(not(paused()));
    }
    with_referent(with_team(query, scope, filter, on), filter, on)
}

/// The conditions on the row of a case.
fn of_row<'a>(mut query: Boxed<'a>, filter: &'a CaseFilter) -> Boxed<'a> {
    if let Some(status) = filter.status {
        query = query.filter(cases::status.eq(status));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(cases::subject.eq(subject));
    }
    if let Some(child) = filter.child_id {
        query = query.filter(cases::child_id.eq(child));
    }
    if let Some(household) = filter.household_id {
        query = query.filter(cases::household_id.eq(household));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(cases::organisation_id.eq(organisation));
    }
    if let Some(communes) = filter.communes() {
        query = query.filter(cases::commune_code.among(&communes));
    }
    if let Some(outcomes) = &filter.outcome {
        query = query.filter(cases::outcome.eq_any(outcomes));
    }
    if let Some(from) = filter.opened_from {
        query = query.filter(cases::opened_on.ge(from));
    }
    if let Some(to) = filter.opened_to {
        query = query.filter(cases::opened_on.le(to));
    }
    if filter.closed_from.is_some() || filter.closed_to.is_some() {
        query = query.filter(cases::status.eq(CaseStatus::Closed));
    }
    if let Some(from) = filter.closed_from {
        query = query.filter(cases::closed_on.ge(from));
    }
    if let Some(to) = filter.closed_to {
        query = query.filter(cases::closed_on.le(to));
    }
    if let Some(day) = filter.follow_up_before {
        query = query.filter(cases::status.eq(CaseStatus::Open).and(cases::next_follow_up_on.le(day)));
    }
    if let Some(nothing) = filter.nothing_planned {
        query = query.filter(cases::status.eq(CaseStatus::Open));
        query = if nothing {
            query.filter(cases::next_key.eq(NOTHING_PLANNED))
        } else {
            query.filter(cases::next_key.lt(NOTHING_PLANNED))
        };
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(cases::updated_at.ge(since));
    }
    query
}

/// The conditions on the people who accompany a case now.
fn with_team<'a>(mut query: Boxed<'a>, scope: &'a ServiceScope, filter: &'a CaseFilter, on: &ListedOn) -> Boxed<'a> {
    let now = || {
        let of_services = case_members::service_id.among(scope.ids());
        case_members::table.filter(of_services.and(case_members::ends_on.is_null()))
    };
    if let Some(referent) = filter.referent_id {
        let theirs = now()
            .filter(case_members::user_id.eq(referent).and(case_members::capacity.eq(Capacity::Referent)))
            .select(case_members::case_id);
        query = query.filter(cases::id.eq_any(theirs));
    }
    if let Some(mine) = filter.mine {
        let me: Vec<Id> = on.me.into_iter().collect();
        let of_me = now().filter(case_members::user_id.among(&me)).select(case_members::case_id);
        query = if mine { query.filter(cases::id.eq_any(of_me)) } else { query.filter(cases::id.ne_all(of_me)) };
    }
    if let Some(with) = filter.has_referent {
        let in_charge =
            now().filter(case_members::case_id.eq(cases::id).and(case_members::capacity.eq(Capacity::Referent)));
        query = if with { query.filter(exists(in_charge)) } else { query.filter(not(exists(in_charge))) };
    }
    query
}

/// The conditions on the référent of an open case: away today, or without an account.
fn with_referent<'a>(mut query: Boxed<'a>, filter: &CaseFilter, on: &ListedOn) -> Boxed<'a> {
    let in_charge = || {
        let of_case = case_members::case_id.eq(cases::id).and(case_members::ends_on.is_null());
        case_members::table.filter(of_case.and(case_members::capacity.eq(Capacity::Referent)))
    };
    if let Some(absent) = filter.referent_absent {
        let away = |(day, services): &(NaiveDate, Vec<Id>)| {
            let of_referent = absences::user_id.eq_any(in_charge().select(case_members::user_id));
            let that_day = absences::starts_on.le(*day).and(absences::ends_on.ge(*day));
            let theirs = absences::table.filter(absences::service_id.eq(cases::service_id).and(of_referent));
            cases::service_id.among(services).and(exists(theirs.filter(that_day)))
        };
        let [first, second, third] = &on.days;
        let left = cases::status.eq(CaseStatus::Open).and(away(first).or(away(second)).or(away(third)));
        query = if absent { query.filter(left) } else { query.filter(not(left)) };
    }
    if let Some(disabled) = filter.referent_disabled {
        let gone = users::table
            .filter(users::id.eq_any(in_charge().select(case_members::user_id)))
            .filter(users::disabled_at.is_not_null());
        let left = cases::status.eq(CaseStatus::Open).and(exists(gone));
        query = if disabled { query.filter(left) } else { query.filter(not(left)) };
    }
    query
}

/// A page of cases, by default most recently opened first.
pub(in crate::cases) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &CaseFilter,
    on: &ListedOn,
    page: &PageRequest,
) -> QueryResult<(Vec<CaseRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(CaseSort::OpenedOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter, on), cases as CaseRow, sort: CaseSort {
        OpenedOn | OpenedOnDesc => opened_on as NaiveDate,
        NextFollowUp | NextFollowUpDesc => next_key as NaiveDate,
        Priority | PriorityDesc => priority_key as i32,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
