//! The SQL of cases.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{CaseFilter, CaseSort};
use super::model::{CLOSURE, CaseStatus, Subject};

use super::history::store::CaseEventRow;
use super::steps::store::StepRow;
use crate::auth::ServiceScope;
use crate::data_keys::DataKeyRow;
use crate::db::schema::{
    case_events, case_steps, cases, data_keys, interventions, placements, referral_agreements, referral_needs,
    referrals,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, row_writes, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{CaseOutcome, CaseStep, ReferralNeed};
use crate::services::public::model::agreement::AgreementPurpose;
use crate::territories::CommuneCode;

/// A row of `cases`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CaseRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) subject: Subject,
    pub(super) household_id: Option<Id>,
    pub(super) child_id: Option<Id>,
    pub(super) organisation_id: Option<Id>,
    pub(super) commune_code: CommuneCode,
    pub(super) status: CaseStatus,
    pub(super) opened_on: NaiveDate,
    pub(super) closed_on: Option<NaiveDate>,
    pub(super) outcome: Option<CaseOutcome>,
    pub(super) next_follow_up_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(CaseRow);

impl CaseRow {
    /// The household of the child; none for a structure.
    pub fn household(&self) -> Option<Id> {
        self.household_id
    }

    /// The owner of the data key that seals the notes: the household, or the case itself when it is about a structure.
    pub(super) fn key_owner(&self) -> Id {
        self.household_id.unwrap_or(self.id)
    }
}

/// A case to be opened. The caller has checked that everything it names belongs to the service.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The service.
    pub service_id: Id,
    /// Subject: a child or a structure.
    pub subject: Subject,
    /// The household, for a child.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The structure of the case, or the one named by the child's referral.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// Day of the opening, in the time zone of the service.
    pub opened_on: NaiveDate,
}

type Boxed<'a> = cases::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    cases::table.filter(cases::service_id.among(scope.ids())).into_boxed()
}

row_writes!(cases: CaseRow => pub(super) update);

/// Writes a decision on a case: its last step if it is closed, the event of its history, and the next version of its row.
/// Returns false if another writer was first.
pub(super) fn decide(
    conn: &mut AnyConn,
    row: &CaseRow,
    new: &CaseRow,
    event: &CaseEventRow,
    step: Option<&StepRow>,
) -> QueryResult<bool> {
    let update = || {
        let read = cases::id.eq(row.id).and(cases::version.eq(row.version));
        diesel::update(cases::table.filter(read)).set(new)
    };
    let record = || diesel::insert_into(case_events::table).values(event);
    let written = match step {
        Some(step) => {
            write_together!(conn, diesel::insert_into(case_steps::table).values(step), record(), update())
        }
        None => write_together!(conn, record(), update()),
    };
    Ok(written? == 1)
}

/// Opens a case: its data key if it has one of its own, its row, the first event of its history.
pub(super) fn insert(conn: &mut AnyConn, keys: &[DataKeyRow], row: &CaseRow, opened: &CaseEventRow) -> QueryResult<()> {
    insert_together!(
        conn,
        data_keys => keys,
        cases => std::slice::from_ref(row),
        case_events => std::slice::from_ref(opened),
    )
}

/// The open case of a child, if it has one.
pub fn open_case_of(conn: &mut AnyConn, scope: &ServiceScope, child: Id) -> QueryResult<Option<Id>> {
    visible(scope)
        .filter(cases::child_id.eq(child).and(cases::status.eq(CaseStatus::Open)))
        .select(cases::id)
        .get_result(conn)
        .optional()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<CaseRow> {
    visible(scope).filter(cases::id.eq(id)).select(CaseRow::as_select()).get_result(conn)
}

/// The cases in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a CaseFilter) -> Boxed<'a> {
    let mut query = visible(scope);
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
    if let Some(commune) = &filter.commune {
        query = query.filter(cases::commune_code.eq(commune));
    }
    if let Some(from) = filter.opened_from {
        query = query.filter(cases::opened_on.ge(from));
    }
    if let Some(to) = filter.opened_to {
        query = query.filter(cases::opened_on.le(to));
    }
    if let Some(day) = filter.follow_up_before {
        query = query.filter(cases::status.eq(CaseStatus::Open).and(cases::next_follow_up_on.le(day)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(cases::updated_at.ge(since));
    }
    query
}

/// A page of cases, by default most recently opened first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &CaseFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<CaseRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(CaseSort::OpenedOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), cases as CaseRow, sort: CaseSort {
        OpenedOn | OpenedOnDesc => opened_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// What several cases have in other tables.
pub(super) struct Related {
    /// The referrals that led to them, oldest first.
    pub(super) referrals: HashMap<Id, Vec<Id>>,
    /// Their latest step. The closure of a case that has been reopened does not count.
    pub(super) latest_steps: HashMap<Id, (CaseStep, NaiveDate)>,
}

/// What several cases have in other tables.
pub(super) fn related(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id]) -> QueryResult<Related> {
    let (of_cases, steps) = together!(
        conn,
        referrals::table
            .filter(referrals::service_id.among(scope.ids()))
            .filter(referrals::case_id.eq_any(ids.iter().copied().map(Some)))
            .order((referrals::received_on, referrals::id))
            .select((referrals::case_id, referrals::id))
            => (Option<Id>, Id),
        case_steps::table
            .inner_join(cases::table)
            .filter(case_steps::service_id.among(scope.ids()))
            .filter(case_steps::case_id.among(ids))
            .filter(case_steps::step.ne(CLOSURE).or(cases::status.eq(CaseStatus::Closed)))
            .order((case_steps::case_id, case_steps::reached_on, case_steps::id))
            .select((case_steps::case_id, case_steps::step, case_steps::reached_on))
            => (Id, CaseStep, NaiveDate),
    )?;
    let mut referrals = HashMap::<Id, Vec<Id>>::new();
    for (case, referral) in of_cases {
        if let Some(case) = case {
            referrals.entry(case).or_default().push(referral);
        }
    }
    Ok(Related { referrals, latest_steps: steps.into_iter().map(|(case, step, on)| (case, (step, on))).collect() })
}

/// The day on which the first referral of a case arrived.
pub(super) fn first_received_on(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<NaiveDate>> {
    referrals::table
        .filter(referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(id)))
        .select(diesel::dsl::min(referrals::received_on))
        .get_result(conn)
}

/// The agreements of the family recorded with the referrals of a case, each with its day.
pub(super) fn agreements(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<Vec<(AgreementPurpose, NaiveDate)>> {
    let of_case = referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(id));
    referral_agreements::table
        .filter(referral_agreements::referral_id.eq_any(referrals::table.filter(of_case).select(referrals::id)))
        .order((referral_agreements::purpose, referral_agreements::given_on))
        .select((referral_agreements::purpose, referral_agreements::given_on))
        .load(conn)
}

/// The needs of the referrals of a case.
pub(super) fn needs(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Vec<ReferralNeed>> {
    let of_case = referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(id));
    referral_needs::table
        .filter(referral_needs::referral_id.eq_any(referrals::table.filter(of_case).select(referrals::id)))
        .order((referral_needs::referral_id, referral_needs::position))
        .select(referral_needs::need)
        .load(conn)
}

/// The latest date among the records of a case: the closure cannot be earlier.
pub(super) fn last_recorded_on(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<NaiveDate>> {
    let (steps, interventions, placements) = together!(
        conn,
        case_steps::table
            .filter(case_steps::service_id.among(scope.ids()).and(case_steps::case_id.eq(id)))
            .order(case_steps::reached_on.desc())
            .limit(1)
            .select(case_steps::reached_on)
            => NaiveDate,
        interventions::table
            .filter(interventions::service_id.among(scope.ids()).and(interventions::case_id.eq(id)))
            .order(interventions::held_on.desc())
            .limit(1)
            .select(interventions::held_on)
            => NaiveDate,
        placements::table
            .filter(placements::service_id.among(scope.ids()).and(placements::case_id.eq(id)))
            .order(placements::starts_on.desc())
            .limit(1)
            .select(placements::starts_on)
            => NaiveDate,
    )?;
    Ok([steps, interventions, placements].into_iter().flatten().max())
}

/// Increments the version of an open case to which something is added. Returns false if it was closed meanwhile.
///
/// An addition does not depend on the version that was read, so two users can add to a case at the same time. The
/// update still locks the row until the commit: a concurrent closure waits, and then fails because the version has
/// changed.
pub(super) fn touch(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
    next_follow_up_on: Option<NaiveDate>,
    now: UtcTs,
) -> QueryResult<bool> {
    let open = cases::id.eq(id).and(cases::status.eq(CaseStatus::Open));
    let target = cases::table.filter(cases::service_id.among(scope.ids())).filter(open);
    let changed = diesel::update(target)
        .set((
            next_follow_up_on.map(|day| cases::next_follow_up_on.eq(day)),
            cases::version.eq(cases::version + 1),
            cases::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
