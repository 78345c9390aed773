//! The SQL of the facts about loans of kits.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::wanted::Wanted;
use crate::auth::ServiceScope;
use crate::db::schema::{kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong};
use crate::indicators::model::types::{Facts, IndicatorDimension as By};
use crate::lending::reservations::model::{BorrowerKind, ReservationStatus};
use crate::measures::model::compute::Fact;
use crate::territories::CommuneCode;

#[derive(Queryable)]
struct LoanRow {
    id: Id,
    kit_id: Id,
    borrower_kind: BorrowerKind,
    commune_code: CommuneCode,
    handed_out_on: Option<NaiveDate>,
    due_on: NaiveDate,
    returned_on: Option<NaiveDate>,
}

/// The loans that were current on a day of the span.
pub(super) fn loans(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    use ReservationStatus::{OnLoan, Returned};
    let rows: Vec<LoanRow> = reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::status.among(&[OnLoan, Returned]))
        .filter(reservations::handed_out_on.le(wanted.span.to))
        .filter(reservations::returned_on.is_null().or(reservations::returned_on.ge(wanted.span.from)))
        .select((
            reservations::id,
            reservations::kit_id,
            reservations::borrower_kind,
            reservations::commune_code,
            reservations::handed_out_on,
            reservations::due_on,
            reservations::returned_on,
        ))
        .load(conn)?;
    let fact = |row: LoanRow| {
        let out = row.handed_out_on?;
        let category = match wanted.by {
            Some(By::Kit) => Some(row.kit_id.to_string()),
            Some(By::BorrowerKind) => Some(row.borrower_kind.to_string()),
            _ => wanted.place(&row.commune_code),
        };
        let fact = match wanted.facts {
            Facts::LateReturns => Fact::on(row.returned_on.filter(|day| *day > row.due_on)?, 1),
            Facts::NightsOut => Fact::lasting(row.id, out, row.returned_on),
            _ => Fact::on(out, 1),
        };
        Some(fact.within(category))
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}

/// A number of requests for a kit on a day.
fn of_kit(wanted: Wanted) -> impl Fn((Option<NaiveDate>, Id)) -> Option<Fact> {
    move |(day, kit)| Some(Fact::on(day?, 1).within(wanted.by.map(|_| kit.to_string())))
}

/// The requests declined in the span because no copy was free.
pub(super) fn refusals(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<(Option<NaiveDate>, Id)> = reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::status.eq(ReservationStatus::Declined).and(reservations::reason.eq("no_copy")))
        .filter(reservations::decided_on.between(wanted.span.from, wanted.span.to))
        .select((reservations::decided_on, reservations::kit_id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(of_kit(wanted)).collect())
}

/// The waits that ended in the span without a copy. One whose last day is before today has ended on that day, even if its
/// row says that it still waits.
pub(super) fn waits(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    use ReservationStatus::{Cancelled, Expired, Waiting};
    let span = wanted.span;
    let settled =
        reservations::status.among(&[Cancelled, Expired]).and(reservations::decided_on.between(span.from, span.to));
    let ended = reservations::status
        .eq(Waiting)
        .and(reservations::waits_until.between(span.from, span.to))
        .and(reservations::waits_until.lt(wanted.today));
    let rows: Vec<(ReservationStatus, Option<NaiveDate>, Option<NaiveDate>, Id)> = reservations::table
        .filter(reservations::service_id.among(scope.ids()))
        .filter(reservations::queued.eq(true).and(reservations::copy_id.is_null()))
        .filter(settled.or(ended))
        .select((reservations::status, reservations::decided_on, reservations::waits_until, reservations::kit_id))
        .load(conn)?;
    let day = |(status, decided_on, waits_until, kit): (ReservationStatus, _, _, Id)| {
        (if status == Waiting { waits_until } else { decided_on }, kit)
    };
    Ok(rows.into_iter().map(day).filter_map(of_kit(wanted)).collect())
}

/// The number of copies in service today, by kit.
pub(in crate::measures) fn copies(conn: &mut AnyConn, scope: &ServiceScope) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(Id, i64)> = kit_copies::table
        .filter(kit_copies::service_id.among(scope.ids()).and(kit_copies::out_of_service_since.is_null()))
        .group_by(kit_copies::kit_id)
        .select((kit_copies::kit_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(kit, copies)| (kit.to_string(), copies)).collect())
}

/// The titles of the kits.
pub(in crate::measures) fn kit_titles(
    conn: &mut AnyConn,
    scope: &ServiceScope,
) -> QueryResult<HashMap<String, String>> {
    let rows: Vec<(Id, String)> =
        kits::table.filter(kits::service_id.among(scope.ids())).select((kits::id, kits::title_fr)).load(conn)?;
    Ok(rows.into_iter().map(|(kit, title)| (kit.to_string(), title)).collect())
}
