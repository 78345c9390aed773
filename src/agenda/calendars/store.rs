//! The SQL of the calendars of users.

use diesel::prelude::*;

use super::dto::AgendaCalendar;
use crate::db::schema::agenda_calendars;
use crate::db::{AnyConn, Id, UtcTs, from_row};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `agenda_calendars`, without the hash of its token.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = agenda_calendars)]
pub(super) struct CalendarRow {
    id: Id,
    name: String,
    created_at: UtcTs,
}

from_row!(CalendarRow => AgendaCalendar { id, name, created_at });

pub(super) fn insert(conn: &mut AnyConn, id: Id, user: Id, name: &str, hash: &[u8], now: UtcTs) -> QueryResult<()> {
    diesel::insert_into(agenda_calendars::table)
        .values((
            agenda_calendars::id.eq(id),
            agenda_calendars::user_id.eq(user),
            agenda_calendars::name.eq(name),
            agenda_calendars::token_hash.eq(hash),
            agenda_calendars::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

type Boxed<'a> = agenda_calendars::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn of_user<'a>(user: Id) -> Boxed<'a> {
    agenda_calendars::table.filter(agenda_calendars::user_id.eq(user)).into_boxed()
}

/// A page of the calendars of a user, oldest first.
pub(super) fn list(conn: &mut AnyConn, user: Id, page: &PageRequest) -> QueryResult<(Vec<CalendarRow>, PageInfo)> {
    let mut query = of_user(user);
    if let Some(id) = page.after::<Id>() {
        query = query.filter(agenda_calendars::id.gt(id));
    }
    let query = query.order(agenda_calendars::id).limit(page.fetch());
    let (rows, info) = page.cut(query.select(CalendarRow::as_select()).load(conn)?, |row: &CalendarRow| row.id);
    let info = page.counted(info, || of_user(user).count().get_result(conn))?;
    Ok((rows, info))
}

/// Deletes a calendar of a user; false if there is none.
pub(super) fn delete(conn: &mut AnyConn, user: Id, id: Id) -> QueryResult<bool> {
    let theirs = agenda_calendars::id.eq(id).and(agenda_calendars::user_id.eq(user));
    Ok(diesel::delete(agenda_calendars::table.filter(theirs)).execute(conn)? == 1)
}

/// The user whose calendar a token gives access to.
pub(super) fn user_of(conn: &mut AnyConn, hash: &[u8]) -> QueryResult<Id> {
    agenda_calendars::table
        .filter(agenda_calendars::token_hash.eq(hash))
        .select(agenda_calendars::user_id)
        .get_result(conn)
}
