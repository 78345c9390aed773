//! The SQL of what the rules of an act ask of its cases and of the people it names, read together whatever the number of cases.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::cases::store::CaseRow;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    cases, children, data_keys, interventions, memberships, referral_agreements, referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::households::ops::ChildRow;
use crate::services::public::model::agreement::AgreementPurpose;
use crate::wrapped_keys;

/// What the rules of an act ask of its cases, and of the people it names.
#[derive(Debug, Default)]
pub(in crate::cases::interventions) struct Context {
    /// The days on which the first referrals of the cases arrived.
    pub(in crate::cases::interventions) received: HashMap<Id, NaiveDate>,
    /// What the families agreed to, each with its day.
    pub(in crate::cases::interventions) agreements: HashMap<Id, Vec<(AgreementPurpose, NaiveDate)>>,
    /// The day of the latest intervention of each case that names a next action.
    pub(in crate::cases::interventions) planned: HashMap<Id, NaiveDate>,
    /// The users with a role in the service, among those named.
    pub(in crate::cases::interventions) professionals: Vec<Id>,
    /// The children whom the cases are about.
    pub(in crate::cases::interventions) children: Vec<ChildRow>,
    /// The keys that seal the notes.
    pub(in crate::cases::interventions) keys: Vec<WrappedKey>,
}

/// See [`Context`]. The cases were read in the service.
pub(in crate::cases::interventions) fn context(
    conn: &mut AnyConn,
    service: Id,
    of: &[&CaseRow],
    named: &[Id],
) -> QueryResult<Context> {
    let scope = ServiceScope::one(service);
    let ids: Vec<Id> = of.iter().map(|case| case.id()).collect();
    let owners: Vec<Id> = of.iter().map(|case| case.key_owner()).collect();
    let of_cases = || referrals::case_id.eq_any(ids.iter().copied().map(Some));
    let of_children: Vec<Id> = of.iter().filter_map(|case| case.child()).collect();
    let (received, agreed, planned, professionals, children, keys) = together!(
        conn,
        referrals::table
            .filter(referrals::service_id.among(scope.ids()).and(of_cases()))
            .group_by(referrals::case_id)
            .select((referrals::case_id, min(referrals::received_on)))
            => (Option<Id>, Option<NaiveDate>),
        referral_agreements::table
            .inner_join(referrals::table)
            .filter(referrals::service_id.among(scope.ids()).and(of_cases()))
            .select((referrals::case_id, referral_agreements::purpose, referral_agreements::given_on))
            => (Option<Id>, AgreementPurpose, NaiveDate),
        interventions::table
            .filter(interventions::service_id.among(scope.ids()))
            .filter(interventions::case_id.eq_any(ids.iter().copied().map(Some)))
            .filter(interventions::next_action_on.is_not_null())
            .group_by(interventions::case_id)
            .select((interventions::case_id, max(interventions::held_on)))
            => (Option<Id>, Option<NaiveDate>),
        memberships::table
            .inner_join(users::table)
            .filter(memberships::service_id.among(scope.ids()).and(memberships::user_id.among(named)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select((users::id, memberships::service_id))
            => (Id, Id),
        children::table
            .filter(children::id.among(&of_children).and(children::service_id.among(scope.ids())))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.among(&owners)) => WrappedKey,
    )?;
    let mut agreements = HashMap::<Id, Vec<(AgreementPurpose, NaiveDate)>>::new();
    for (case, purpose, day) in agreed {
        agreements.entry(case.unwrap_or(service)).or_default().push((purpose, day));
    }
    Ok(Context {
        received: received.into_iter().filter_map(|(case, day)| Some((case?, day?))).collect(),
        agreements,
        planned: planned.into_iter().filter_map(|(case, day)| Some((case?, day?))).collect(),
        professionals: professionals.into_iter().map(|(user, _)| user).collect(),
        children,
        keys,
    })
}

/// The cases with these identifiers in a service.
pub(in crate::cases::interventions) fn named_cases(
    conn: &mut AnyConn,
    service: Id,
    ids: &[Id],
) -> QueryResult<Vec<CaseRow>> {
    cases::table.filter(cases::id.among(ids).and(cases::service_id.eq(service))).select(CaseRow::as_select()).load(conn)
}

/// The users with a role in the service, among those named.
pub(in crate::cases::interventions) fn professionals(
    conn: &mut AnyConn,
    service: Id,
    named: &[Id],
) -> QueryResult<Vec<Id>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    memberships::table
        .inner_join(users::table)
        .filter(memberships::service_id.eq(service).and(memberships::user_id.among(named)))
        .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
        .select(users::id)
        .load(conn)
}
