//! The SQL of the planned resumptions of the agenda: suspended cases whose resumption is planned in the period, or was before it.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::helper_types::InnerJoin;
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, Whose, columns_of, of_team};
use crate::cases::model::CaseStatus;
use crate::db::schema::{case_members, case_suspensions, cases};
use crate::db::{Id, IsAmong};
use crate::territories::CommuneCode;

/// A suspended case: itself, service, planned day; child, household, structure and commune.
pub(in crate::agenda) type ResumptionColumns =
    (Id, Id, Option<NaiveDate>, Option<Id>, Option<Id>, Option<Id>, CommuneCode);

columns_of! {
    /// What an entry shows of a suspended case.
    RESUMPTION = cases::id, cases::service_id, case_suspensions::resumes_on, cases::child_id, cases::household_id,
        cases::organisation_id, cases::commune_code
}

/// The suspended cases of the period.
pub(super) fn planned<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, InnerJoin<case_suspensions::table, cases::table>> {
    let query = case_suspensions::table
        .inner_join(cases::table)
        .filter(case_suspensions::service_id.among(scopes.resumptions.ids()))
        .filter(case_suspensions::resumed_on.is_null().and(cases::status.eq(CaseStatus::Open)))
        .filter(case_suspensions::resumes_on.between(days.first(), days.to))
        .into_boxed();
    of_team!(query, scopes.whose)
}
