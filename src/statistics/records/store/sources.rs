//! The SQL that reads the sources of records: one query per table, whatever the number of units.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::actions::model::ActionStatus;
use crate::cases::model::Subject;
use crate::cases::placements::model::PlacementStage;
use crate::db::schema::{
    action_participants, actions, cases, households, interventions, kits, organisations, placements, referral_needs,
    referrals, reservations,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs};
use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};
use crate::nomenclatures::codes::{
    CaseOutcome, ChildcareType, CollectiveActionType, InterventionType, NeedDomain, OrganisationKind, ParticipantType,
    ReferralNeed, ReferralOrigin,
};
use crate::territories::CommuneCode;

/// Which rows are read: those of a service that concern these days and were recorded until an instant.
#[derive(Clone, Copy, Debug)]
pub(in crate::statistics) struct Span {
    pub(in crate::statistics) service: Id,
    pub(in crate::statistics) from: NaiveDate,
    pub(in crate::statistics) to: NaiveDate,
    pub(in crate::statistics) recorded_until: UtcTs,
}

/// The cases of children that were open in the span.
macro_rules! open_cases {
    ($query:expr, $span:expr) => {
        $query
            .filter(cases::service_id.eq($span.service).and(cases::subject.eq(Subject::Child)))
            .filter(cases::opened_on.le($span.to))
            .filter(cases::closed_on.is_null().or(cases::closed_on.ge($span.from)))
            .filter(cases::created_at.le($span.recorded_until))
    };
}

/// A case of a child.
#[derive(Debug, Queryable)]
pub(in crate::statistics::records) struct CaseRow {
    pub(in crate::statistics::records) id: Id,
    pub(in crate::statistics::records) child_id: Id,
    pub(in crate::statistics::records) household_id: Id,
    pub(in crate::statistics::records) commune_code: CommuneCode,
    pub(in crate::statistics::records) opened_on: NaiveDate,
    pub(in crate::statistics::records) closed_on: Option<NaiveDate>,
    pub(in crate::statistics::records) outcome: Option<CaseOutcome>,
}

pub(in crate::statistics::records) fn cases(conn: &mut AnyConn, span: Span) -> QueryResult<Vec<CaseRow>> {
    open_cases!(cases::table.inner_join(households::table), span)
        .order((cases::opened_on, cases::id))
        .select((
            cases::id,
            cases::child_id.assume_not_null(),
            households::id,
            households::commune_code,
            cases::opened_on,
            cases::closed_on,
            cases::outcome,
        ))
        .load(conn)
}

/// A referral of a case.
#[derive(Debug, Queryable)]
pub(in crate::statistics::records) struct ReferralRow {
    pub(in crate::statistics::records) case_id: Id,
    pub(in crate::statistics::records) id: Id,
    pub(in crate::statistics::records) received_on: NaiveDate,
    pub(in crate::statistics::records) origin: ReferralOrigin,
    pub(in crate::statistics::records) origin_organisation_id: Option<Id>,
    pub(in crate::statistics::records) need_domain: Option<NeedDomain>,
    pub(in crate::statistics::records) current_childcare: Option<ChildcareType>,
}

/// The referrals of the cases, oldest first.
pub(in crate::statistics::records) fn referrals(conn: &mut AnyConn, span: Span) -> QueryResult<Vec<ReferralRow>> {
    open_cases!(referrals::table.inner_join(cases::table), span)
        .order((referrals::received_on, referrals::id))
        .select((
            cases::id,
            referrals::id,
            referrals::received_on,
            referrals::origin,
            referrals::origin_organisation_id,
            referrals::need_domain,
            referrals::current_childcare,
        ))
        .load(conn)
}

/// The needs of the referrals of the cases.
pub(in crate::statistics::records) fn needs(conn: &mut AnyConn, span: Span) -> QueryResult<Vec<(Id, ReferralNeed)>> {
    open_cases!(referral_needs::table.inner_join(referrals::table.inner_join(cases::table)), span)
        .select((referral_needs::referral_id, referral_needs::need))
        .load(conn)
}

/// The childcare places of the children in the span, with the kind of childcare; the last place last.
pub(in crate::statistics::records) fn placements(
    conn: &mut AnyConn,
    span: Span,
) -> QueryResult<Vec<(Id, ChildcareType)>> {
    open_cases!(placements::table.inner_join(cases::table), span)
        .filter(placements::stage.eq(PlacementStage::Started))
        .filter(placements::starts_on.le(span.to))
        .filter(placements::ends_on.is_null().or(placements::ends_on.ge(span.from)))
        .order((placements::starts_on, placements::id))
        .select((cases::child_id.assume_not_null(), placements::childcare_type))
        .load(conn)
}

/// The kinds of interventions that each child received in the span.
pub(in crate::statistics::records) fn interventions(
    conn: &mut AnyConn,
    span: Span,
) -> QueryResult<Vec<(Id, InterventionType)>> {
    open_cases!(interventions::table.inner_join(cases::table), span)
        .filter(interventions::held_on.between(span.from, span.to))
        .select((cases::child_id.assume_not_null(), interventions::type_))
        .distinct()
        .load(conn)
}

/// A loan.
#[derive(Debug, Queryable)]
pub(in crate::statistics::records) struct LoanRow {
    pub(in crate::statistics::records) id: Id,
    pub(in crate::statistics::records) kit_id: Id,
    pub(in crate::statistics::records) borrower_kind: BorrowerKind,
    pub(in crate::statistics::records) household_id: Option<Id>,
    pub(in crate::statistics::records) organisation_kind: Option<OrganisationKind>,
    pub(in crate::statistics::records) commune_code: CommuneCode,
    pub(in crate::statistics::records) handed_out_on: NaiveDate,
}

/// The loans handed out in the span.
pub(in crate::statistics::records) fn loans(conn: &mut AnyConn, span: Span) -> QueryResult<Vec<LoanRow>> {
    reservations::table
        .left_join(organisations::table)
        .filter(reservations::service_id.eq(span.service))
        .filter(reservations::status.among(&[ReservationStatus::OnLoan, ReservationStatus::Returned]))
        .filter(reservations::handed_out_on.between(span.from, span.to))
        .filter(reservations::created_at.le(span.recorded_until))
        .select((
            reservations::id,
            reservations::kit_id,
            reservations::borrower_kind,
            reservations::household_id,
            organisations::kind.nullable(),
            reservations::commune_code,
            reservations::handed_out_on.assume_not_null(),
        ))
        .load(conn)
}

/// The kits of a service, oldest first.
pub(in crate::statistics::records) fn kits(conn: &mut AnyConn, service: Id) -> QueryResult<Vec<Id>> {
    kits::table.filter(kits::service_id.eq(service)).order(kits::id).select(kits::id).load(conn)
}

/// A collective action.
#[derive(Debug, Queryable)]
pub(in crate::statistics::records) struct ActionRow {
    pub(in crate::statistics::records) id: Id,
    pub(in crate::statistics::records) kind: CollectiveActionType,
    pub(in crate::statistics::records) commune_code: CommuneCode,
    pub(in crate::statistics::records) held_on: NaiveDate,
}

/// The actions held in the span.
macro_rules! held {
    ($query:expr, $span:expr) => {
        $query
            .filter(actions::service_id.eq($span.service).and(actions::status.eq(ActionStatus::Held)))
            .filter(actions::held_on.between($span.from, $span.to))
            .filter(actions::created_at.le($span.recorded_until))
    };
}

pub(in crate::statistics::records) fn actions(conn: &mut AnyConn, span: Span) -> QueryResult<Vec<ActionRow>> {
    held!(actions::table, span).select((actions::id, actions::kind, actions::commune_code, actions::held_on)).load(conn)
}

/// The participants of the actions, by action and kind.
pub(in crate::statistics::records) fn participants(
    conn: &mut AnyConn,
    span: Span,
) -> QueryResult<BTreeMap<Id, Vec<(ParticipantType, i32)>>> {
    let rows: Vec<(Id, ParticipantType, i32)> = held!(action_participants::table.inner_join(actions::table), span)
        .select((actions::id, action_participants::participant_type, action_participants::number))
        .load(conn)?;
    let mut all: BTreeMap<Id, Vec<(ParticipantType, i32)>> = BTreeMap::new();
    for (action, kind, number) in rows {
        all.entry(action).or_default().push((kind, number));
    }
    Ok(all)
}
