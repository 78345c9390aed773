//! The SQL of the lending figures.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong, together};
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

/// What the figures of a period count.
pub(super) struct Counted {
    /// The loans that were current on at least one day of the period.
    pub(super) loans: Vec<LoanRow>,
    /// Number of requests declined in the period, by kit and reason.
    pub(super) declined: Vec<(Id, Option<ReservationReason>, i64)>,
    /// Number of waits that ended in the period without a copy, by kit.
    pub(super) waits_without_copy: Vec<(Id, i64)>,
    /// The kits of the catalogue, by title.
    pub(super) kits: Vec<(Id, String)>,
    /// Number of copies in service, by kit.
    pub(super) copies: Vec<(Id, i64)>,
}

/// What the figures of a period count, read together. A wait whose last day is before `today` has ended on that day, even if
/// its row says that it still waits.
pub(super) fn counted(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
    today: NaiveDate,
) -> QueryResult<Counted> {
    use ReservationStatus::{Cancelled, Declined, Expired, OnLoan, Returned, Waiting};
    let in_scope = || reservations::table.filter(reservations::service_id.among(scope.ids()));
    let back = reservations::returned_on.is_null().or(reservations::returned_on.ge(period.from));
    let settled =
        reservations::status.among(&[Cancelled, Expired]).and(reservations::decided_on.between(period.from, period.to));
    let ended = reservations::status
        .eq(Waiting)
        .and(reservations::waits_until.between(period.from, period.to))
        .and(reservations::waits_until.lt(today));
    let (loans, declined, waits_without_copy, kits, copies) = together!(
        conn,
        in_scope()
            .filter(reservations::status.among(&[OnLoan, Returned]))
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
            => LoanRow,
        in_scope()
            .filter(reservations::status.eq(Declined))
            .filter(reservations::decided_on.between(period.from, period.to))
            .group_by((reservations::kit_id, reservations::reason))
            .select((reservations::kit_id, reservations::reason, count_star()))
            => (Id, Option<ReservationReason>, i64),
        in_scope()
            .filter(reservations::queued.eq(true).and(reservations::copy_id.is_null()))
            .filter(settled.or(ended))
            .group_by(reservations::kit_id)
            .select((reservations::kit_id, count_star()))
            => (Id, i64),
        kits::table
            .filter(kits::service_id.among(scope.ids()))
            .order((kits::title_key, kits::id))
            .select((kits::id, kits::title_fr))
            => (Id, String),
        kit_copies::table
            .filter(kit_copies::service_id.among(scope.ids()).and(kit_copies::out_of_service_since.is_null()))
            .group_by(kit_copies::kit_id)
            .select((kit_copies::kit_id, count_star()))
            => (Id, i64),
    )?;
    Ok(Counted { loans, declined, waits_without_copy, kits, copies })
}
