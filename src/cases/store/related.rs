//! What cases have in other tables, read together whatever the number of cases.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;

use super::CaseRow;
use crate::auth::ServiceScope;
use crate::cases::model::viewer::Viewer;
use crate::cases::model::{CLOSURE, CaseStatus};
use crate::cases::team::model::Capacity;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    case_members, case_steps, case_suspensions, cases, children, complex_situation_grounds, complex_situations,
    data_keys, interventions, organisations, referral_needs, referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, together};
use crate::households::ops::ChildRow;
use crate::nomenclatures::codes::{CaseStep, CaseSuspensionReason, ComplexityFlag, ReferralNeed, ReferralOrigin};
use crate::wrapped_keys;

/// The référent of a case: user account, name, first day, since when the account is disabled.
pub(in crate::cases) type Referent = (Id, String, NaiveDate, Option<UtcTs>);

/// The suspension of a case: first day, reason, planned resumption.
pub(in crate::cases) type Suspension = (NaiveDate, CaseSuspensionReason, Option<NaiveDate>);

/// What several cases have in other tables.
#[derive(Default)]
pub(in crate::cases) struct Related {
    /// The referrals that led to them, oldest first.
    pub(in crate::cases) referrals: HashMap<Id, Vec<Id>>,
    /// The needs of these referrals, each once.
    pub(in crate::cases) needs: HashMap<Id, Vec<ReferralNeed>>,
    /// Their latest step. The closure of a case that has been reopened does not count.
    pub(in crate::cases) latest_steps: HashMap<Id, (CaseStep, NaiveDate)>,
    /// Their référents.
    pub(in crate::cases) referents: HashMap<Id, Referent>,
    /// The days of their latest interventions.
    pub(in crate::cases) last_interventions: HashMap<Id, NaiveDate>,
    /// The complex situations that last: first day, grounds.
    pub(in crate::cases) complexities: HashMap<Id, (NaiveDate, Vec<ComplexityFlag>)>,
    /// The suspensions that last: first day, reason, planned resumption.
    pub(in crate::cases) suspensions: HashMap<Id, Suspension>,
    /// The open cases of the children of closed ones.
    pub(in crate::cases) in_open_case: HashMap<Id, Id>,
    /// The names of organisations that the caller sees.
    pub(in crate::cases) organisations: HashMap<Id, String>,
    /// The children whose identity the caller sees.
    pub(in crate::cases) children: Vec<ChildRow>,
    /// The data keys of their households.
    pub(in crate::cases) keys: Vec<WrappedKey>,
}

/// What several cases have in other tables. The caller has read the cases in its scope.
pub(in crate::cases) fn related(conn: &mut AnyConn, viewer: &Viewer, rows: &[CaseRow]) -> QueryResult<Related> {
    let services = viewer.scope.ids();
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let named: Vec<Id> = rows.iter().filter_map(|row| row.organisation_id).collect();
    let shown = || rows.iter().filter(|row| viewer.identities.contains(row.service_id));
    let of: Vec<Id> = shown().filter_map(|row| row.child_id).collect();
    let homes: Vec<Id> = shown().filter_map(|row| row.household_id).collect();
    let closed = rows.iter().filter(|row| row.status == CaseStatus::Closed);
    let back: Vec<Option<Id>> = closed.filter_map(|row| row.child_id).map(Some).collect();
    let (of_cases, steps, referents, last, suspensions, flagged, open, organisations, children, keys) = together!(
        conn,
        referrals::table
            .left_join(referral_needs::table)
            .filter(referrals::service_id.among(services))
            .filter(referrals::case_id.eq_any(ids.iter().copied().map(Some)))
            .order((referrals::received_on, referrals::id, referral_needs::position))
            .select((referrals::case_id, referrals::id, referral_needs::need.nullable()))
            => (Option<Id>, Id, Option<ReferralNeed>),
        case_steps::table
            .inner_join(cases::table)
            .filter(case_steps::service_id.among(services))
            .filter(case_steps::case_id.among(&ids))
            .filter(case_steps::step.ne(CLOSURE).or(cases::status.eq(CaseStatus::Closed)))
            .order((case_steps::case_id, case_steps::reached_on, case_steps::id))
            .select((case_steps::case_id, case_steps::step, case_steps::reached_on))
            => (Id, CaseStep, NaiveDate),
        case_members::table
            .inner_join(users::table)
            .filter(case_members::service_id.among(services).and(case_members::case_id.among(&ids)))
            .filter(case_members::capacity.eq(Capacity::Referent).and(case_members::ends_on.is_null()))
            .select((
                case_members::case_id,
                (users::id, users::display_name, case_members::starts_on, users::disabled_at),
            ))
            => (Id, Referent),
        interventions::table
            .filter(interventions::service_id.among(services))
            .filter(interventions::case_id.eq_any(ids.iter().copied().map(Some)))
            .group_by(interventions::case_id)
            .select((interventions::case_id, max(interventions::held_on)))
            => (Option<Id>, Option<NaiveDate>),
        case_suspensions::table
            .filter(case_suspensions::service_id.among(services).and(case_suspensions::case_id.among(&ids)))
            .filter(case_suspensions::resumed_on.is_null())
            .select((
                case_suspensions::case_id,
                case_suspensions::starts_on,
                case_suspensions::reason,
                case_suspensions::resumes_on,
            ))
            => (Id, NaiveDate, CaseSuspensionReason, Option<NaiveDate>),
        complex_situations::table
            .inner_join(complex_situation_grounds::table)
            .filter(complex_situations::service_id.among(services).and(complex_situations::case_id.among(&ids)))
            .filter(complex_situations::ended_on.is_null())
            .order((complex_situations::case_id, complex_situation_grounds::ground))
            .select((complex_situations::case_id, complex_situations::flagged_on, complex_situation_grounds::ground))
            => (Id, NaiveDate, ComplexityFlag),
        cases::table
            .filter(cases::service_id.among(services).and(cases::child_id.eq_any(back)))
            .filter(cases::status.eq(CaseStatus::Open))
            .select((cases::child_id, cases::id))
            => (Option<Id>, Id),
        organisations::table
            .filter(organisations::id.among(&named).and(organisations::service_id.among(viewer.directory.ids())))
            .select((organisations::id, organisations::name))
            => (Id, String),
        children::table
            .filter(children::id.among(&of).and(children::service_id.among(services)))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.among(&homes)) => WrappedKey,
    )?;
    let mut related = Related {
        latest_steps: steps.into_iter().map(|(case, step, on)| (case, (step, on))).collect(),
        referents: referents.into_iter().collect(),
        last_interventions: last.into_iter().filter_map(|(case, day)| Some((case?, day?))).collect(),
        suspensions: suspensions.into_iter().map(|(case, on, reason, until)| (case, (on, reason, until))).collect(),
        in_open_case: open.into_iter().filter_map(|(child, case)| Some((child?, case))).collect(),
        organisations: organisations.into_iter().collect(),
        children,
        keys,
        ..Related::default()
    };
    for (case, since, ground) in flagged {
        related.complexities.entry(case).or_insert_with(|| (since, Vec::new())).1.push(ground);
    }
    for (case, referral, need) in of_cases {
        let Some(case) = case else { continue };
        let of_case = related.referrals.entry(case).or_default();
        if of_case.last() != Some(&referral) {
            of_case.push(referral);
        }
        let needs = related.needs.entry(case).or_default();
        needs.extend(need.filter(|need| !needs.contains(need)));
    }
    Ok(related)
}

/// A referral of a case: the case, the referral, when it arrived, who made it.
pub(in crate::cases) type ReferralLink = (Option<Id>, Id, NaiveDate, ReferralOrigin);

/// The referrals of some cases, oldest first.
pub(in crate::cases) fn referrals_of(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    ids: &[Id],
) -> QueryResult<Vec<ReferralLink>> {
    referrals::table
        .filter(referrals::service_id.among(scope.ids()))
        .filter(referrals::case_id.eq_any(ids.iter().copied().map(Some)))
        .order((referrals::received_on, referrals::id))
        .select((referrals::case_id, referrals::id, referrals::received_on, referrals::origin))
        .load(conn)
}
