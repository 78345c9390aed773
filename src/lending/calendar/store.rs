//! The SQL of calendars.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::KitCalendar;
use crate::auth::ServiceScope;
use crate::db::schema::{kit_calendars, kit_copies, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, ordered_page, row_writes};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::reservations::model::ReservationStatus;

/// Maximum number of entries per calendar. A pôle has a few hundred per year.
const MAX_ENTRIES: i64 = 5000;

/// A row of `kit_calendars`, without the hash of its token.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = kit_calendars)]
pub struct CalendarRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) name: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
}

crate::versioned!(CalendarRow);

from_row!(CalendarRow => KitCalendar { id, service_id, name, version, created_at });

/// An entry of a calendar. It contains no personal data.
#[derive(Clone, Debug, Queryable)]
pub(super) struct EntryRow {
    pub(super) id: Id,
    pub(super) title_fr: String,
    pub(super) label: String,
    pub(super) status: ReservationStatus,
    pub(super) starts_on: NaiveDate,
    pub(super) due_on: NaiveDate,
    pub(super) version: i32,
    pub(super) updated_at: UtcTs,
}

pub(super) fn insert(conn: &mut AnyConn, id: Id, service: Id, name: &str, hash: &[u8], now: UtcTs) -> QueryResult<()> {
    diesel::insert_into(kit_calendars::table)
        .values((
            kit_calendars::id.eq(id),
            kit_calendars::service_id.eq(service),
            kit_calendars::name.eq(name),
            kit_calendars::token_hash.eq(hash),
            kit_calendars::version.eq(1),
            kit_calendars::created_at.eq(now),
            kit_calendars::updated_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<CalendarRow> {
    kit_calendars::table
        .filter(kit_calendars::id.eq(id).and(kit_calendars::service_id.among(scope.ids())))
        .select(CalendarRow::as_select())
        .get_result(conn)
}

row_writes!(kit_calendars: CalendarRow => pub(super) delete);

/// A page of the calendars of a service, oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<CalendarRow>, PageInfo)> {
    let of_service = || {
        let theirs = kit_calendars::service_id.eq(service).and(kit_calendars::service_id.among(scope.ids()));
        kit_calendars::table.filter(theirs).into_boxed()
    };
    Ok(ordered_page!(conn, page, of_service(), kit_calendars as CalendarRow, asc created_at as UtcTs))
}

/// The service whose calendar a token gives access to.
pub(super) fn service_of(conn: &mut AnyConn, hash: &[u8]) -> QueryResult<Id> {
    kit_calendars::table.filter(kit_calendars::token_hash.eq(hash)).select(kit_calendars::service_id).get_result(conn)
}

/// The reservations of a service that have a copy and are due on `since` or later, and its current loans, by start date.
pub(super) fn entries(conn: &mut AnyConn, service: Id, since: NaiveDate) -> QueryResult<Vec<EntryRow>> {
    use ReservationStatus::{Confirmed, OnLoan, Proposed, Requested};
    reservations::table
        .inner_join(kits::table)
        .inner_join(kit_copies::table)
        .filter(reservations::service_id.eq(service))
        .filter(reservations::status.among(&[Requested, Proposed, Confirmed, OnLoan]))
        .filter(reservations::due_on.ge(since).or(reservations::status.eq(OnLoan)))
        .order((reservations::starts_on, reservations::id))
        .limit(MAX_ENTRIES)
        .select((
            reservations::id,
            kits::title_fr,
            kit_copies::label,
            reservations::status,
            reservations::starts_on,
            reservations::due_on,
            reservations::version,
            reservations::updated_at,
        ))
        .load(conn)
}
