//! The SQL of the procedures of the agenda: those about which something is to be done, and those of which what was granted
//! expires. Only of open cases.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::helper_types::InnerJoin;
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, Whose, columns_of, of_team};
use crate::auth::ServiceScope;
use crate::cases::model::CaseStatus;
use crate::db::schema::{case_members, cases, procedures};
use crate::db::{Id, IsAmong};
use crate::nomenclatures::codes::ProcedureKind;
use crate::territories::CommuneCode;

type Query<'a> = Boxed<'a, InnerJoin<procedures::table, cases::table>>;

/// A procedure: itself, service, day, kind, organisation; its case, child, household and commune.
pub(in crate::agenda) type ProcedureColumns =
    (Id, Id, Option<NaiveDate>, ProcedureKind, Option<Id>, Id, Option<Id>, Option<Id>, CommuneCode);

columns_of! {
    /// What an entry shows of a procedure about which something is to be done.
    NEXT = procedures::id, procedures::service_id, procedures::next_on, procedures::kind, procedures::organisation_id,
        cases::id, cases::child_id, cases::household_id, cases::commune_code
}

columns_of! {
    /// What an entry shows of a procedure that expires.
    EXPIRY = procedures::id, procedures::service_id, procedures::expires_on, procedures::kind,
        procedures::organisation_id, cases::id, cases::child_id, cases::household_id, cases::commune_code
}

fn of_open_cases<'a>(scope: &ServiceScope, whose: Whose) -> Query<'a> {
    let query = procedures::table
        .inner_join(cases::table)
        .filter(procedures::service_id.among(scope.ids()).and(cases::status.eq(CaseStatus::Open)))
        .into_boxed();
    of_team!(query, whose)
}

/// The procedures about which something is to be done in the period, or was before it.
pub(super) fn next<'a>(scopes: &Scopes, days: &Days) -> Query<'a> {
    of_open_cases(&scopes.procedures, scopes.whose).filter(procedures::next_key.between(days.first(), days.to))
}

/// The procedures of which what was granted expires in the period. One about which something is to be done that day is
/// listed once.
pub(super) fn expiring<'a>(scopes: &Scopes, days: &Days) -> Query<'a> {
    let query =
        of_open_cases(&scopes.expiries, scopes.whose).filter(procedures::expires_key.between(days.from, days.to));
    if scopes.procedures.ids().is_empty() {
        return query;
    }
    query.filter(procedures::expires_key.ne(procedures::next_key))
}
