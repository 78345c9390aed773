//! The SQL of the timetable.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong, columns, ordered_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::catalogue::store::KitRow;
use crate::lending::copies::store::CopyRow;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::store::ReservationRow;

/// A page of the kits of a service, by folded title.
pub(super) fn kits(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    page: &PageRequest,
) -> QueryResult<(Vec<KitRow>, PageInfo)> {
    let theirs = || kits::table.filter(kits::service_id.among(scope.ids())).into_boxed();
    Ok(ordered_page!(conn, page, theirs(), kits as KitRow, asc title_key as String))
}

/// The copies of some kits, and what takes them between two days. The caller has read the kits in its scope.
pub(super) fn taken(
    conn: &mut AnyConn,
    kits: &[Id],
    (from, to): (NaiveDate, NaiveDate),
) -> QueryResult<(Vec<CopyRow>, Vec<ReservationRow>)> {
    let overdue = reservations::status.eq(ReservationStatus::OnLoan);
    let holding = reservations::status.among(ReservationStatus::HOLDING).and(reservations::blocked_until.ge(from));
    together!(
        conn,
        kit_copies::table
            .filter(kit_copies::kit_id.among(kits))
            .order((kit_copies::label, kit_copies::id))
            .select(columns::<CopyRow>())
            => CopyRow,
        reservations::table
            .filter(reservations::kit_id.among(kits).and(reservations::copy_id.is_not_null()))
            .filter(reservations::starts_on.le(to))
            .filter(overdue.or(holding))
            .order((reservations::starts_on, reservations::id))
            .select(columns::<ReservationRow>())
            => ReservationRow,
    )
}
