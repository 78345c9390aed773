//! The SQL of the lending figures.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong};
use crate::figures::Period;
use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};
use crate::nomenclatures::codes::ReservationReason;
use crate::territories::CommuneCode;

/// A loan that was current on at least one day of a period.
#[derive(Clone, Debug, Queryable)]
pub(super) struct LoanRow {
    pub(super) kit_id: Id,
    pub(super) borrower_kind: BorrowerKind,
    pub(super) commune_code: CommuneCode,
    pub(super) handed_out_on: Option<NaiveDate>,
    pub(super) due_on: NaiveDate,
    pub(super) returned_on: Option<NaiveDate>,
}

/// The loans that were current on at least one day of the period.
pub(super) fn loans(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<Vec<LoanRow>> {
    let back = reservations::returned_on.is_null().or(reservations::returned_on.ge(period.from));
    reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::status.among(&[ReservationStatus::OnLoan, ReservationStatus::Returned]))
        .filter(reservations::handed_out_on.le(period.to))
        .filter(back)
        .select((
            reservations::kit_id,
            reservations::borrower_kind,
            reservations::commune_code,
            reservations::handed_out_on,
            reservations::due_on,
            reservations::returned_on,
        ))
        .load(conn)
}

/// Number of requests declined in the period, by kit and reason.
pub(super) fn declined(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<Vec<(Id, Option<ReservationReason>, i64)>> {
    reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::status.eq(ReservationStatus::Declined))
        .filter(reservations::decided_on.between(period.from, period.to))
        .group_by((reservations::kit_id, reservations::reason))
        .select((reservations::kit_id, reservations::reason, count_star()))
        .load(conn)
}

/// Number of waits that ended in the period without a copy, by kit.
pub(super) fn waits_without_copy(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<Vec<(Id, i64)>> {
    reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::queued.eq(true).and(reservations::copy_id.is_null()))
        .filter(reservations::status.among(&[ReservationStatus::Cancelled, ReservationStatus::Expired]))
        .filter(reservations::decided_on.between(period.from, period.to))
        .group_by(reservations::kit_id)
        .select((reservations::kit_id, count_star()))
        .load(conn)
}

/// The kits of the catalogue, by title.
pub(super) fn kits(conn: &mut AnyConn, scope: &ServiceScope) -> QueryResult<Vec<(Id, String)>> {
    kits::table
        .filter(kits::service_id.among(scope.ids()))
        .order((kits::title_key, kits::id))
        .select((kits::id, kits::title_fr))
        .load(conn)
}

/// Number of copies in service, by kit.
pub(super) fn copies(conn: &mut AnyConn, scope: &ServiceScope) -> QueryResult<Vec<(Id, i64)>> {
    kit_copies::table
        .filter(kit_copies::service_id.among(scope.ids()).and(kit_copies::out_of_service_since.is_null()))
        .group_by(kit_copies::kit_id)
        .select((kit_copies::kit_id, count_star()))
        .load(conn)
}
