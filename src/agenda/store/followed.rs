//! The SQL of the entries about open cases: the next follow-up, and the children who may reach the upper age.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, Whose, columns_of, of_team};
use crate::cases::model::CaseStatus;
use crate::db::schema::{case_members, cases};
use crate::db::{Id, IsAmong};
use crate::territories::CommuneCode;

/// Cases whose children are considered for the upper age: several times the active file of a service.
const MAX_CHILDREN: i64 = 500;

/// A case: itself, service, next follow-up, child, household, structure, commune.
pub(in crate::agenda) type CaseColumns = (Id, Id, Option<NaiveDate>, Option<Id>, Option<Id>, Option<Id>, CommuneCode);

columns_of! {
    /// What an entry shows of a case.
    CASE = cases::id, cases::service_id, cases::next_follow_up_on, cases::child_id, cases::household_id,
        cases::organisation_id, cases::commune_code
}

/// The open cases with a follow-up in the period, or before it.
pub(super) fn follow_ups_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, cases::table> {
    let query = cases::table
        .filter(cases::service_id.among(scopes.follow_ups.ids()).and(cases::status.eq(CaseStatus::Open)))
        .filter(cases::next_follow_up_on.between(days.first(), days.to))
        .into_boxed();
    of_team!(query, scopes.whose)
}

/// The open cases of children, opened first.
pub(super) fn children_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, cases::table> {
    cases::table
        .filter(cases::service_id.among(scopes.children.ids()))
        .filter(cases::status.eq(CaseStatus::Open).and(cases::child_id.is_not_null()))
        .order((cases::opened_on, cases::id))
        .limit(if days.overdue { MAX_CHILDREN } else { 0 })
        .into_boxed()
}
