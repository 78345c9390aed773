//! The SQL of the plan: which copy is kept for which reservation on which day.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use crate::db::each;
use crate::db::schema::kit_days;
use crate::db::{AnyConn, Id, IsAmong};

/// Keeps days of a copy. One that is kept for another breaks the primary key.
pub(in crate::lending) fn keep(
    conn: &mut AnyConn,
    copy: Id,
    reservation: Id,
    days: impl Iterator<Item = NaiveDate>,
) -> QueryResult<()> {
    let rows: Vec<_> = days
        .map(|day| (kit_days::copy_id.eq(copy), kit_days::day.eq(day), kit_days::reservation_id.eq(reservation)))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    each!(conn, c => diesel::insert_into(kit_days::table).values(&rows).execute(c).map(drop))
}

/// Gives back every day of a reservation.
pub(in crate::lending) fn give_back(conn: &mut AnyConn, reservation: Id) -> QueryResult<()> {
    diesel::delete(kit_days::table.filter(kit_days::reservation_id.eq(reservation))).execute(conn).map(drop)
}

/// Gives back the days of a reservation after one.
pub(in crate::lending::reservations) fn give_back_after(
    conn: &mut AnyConn,
    reservation: Id,
    last: NaiveDate,
) -> QueryResult<()> {
    let after = kit_days::reservation_id.eq(reservation).and(kit_days::day.gt(last));
    diesel::delete(kit_days::table.filter(after)).execute(conn).map(drop)
}

/// The days on which copies are kept, from one on, by whatever but one reservation.
pub(in crate::lending::reservations) fn taken(
    conn: &mut AnyConn,
    copies: &[Id],
    from: NaiveDate,
    except: Option<Id>,
) -> QueryResult<HashMap<Id, BTreeSet<NaiveDate>>> {
    let mut query = kit_days::table.filter(kit_days::copy_id.among(copies).and(kit_days::day.ge(from))).into_boxed();
    if let Some(reservation) = except {
        query = query.filter(kit_days::reservation_id.ne(reservation));
    }
    let rows: Vec<(Id, NaiveDate)> = query.select((kit_days::copy_id, kit_days::day)).load(conn)?;
    let mut taken: HashMap<Id, BTreeSet<NaiveDate>> = HashMap::new();
    for (copy, day) in rows {
        taken.entry(copy).or_default().insert(day);
    }
    Ok(taken)
}

/// For whom copies are kept on days, one by one: the calendar.
pub(in crate::lending) fn between(
    conn: &mut AnyConn,
    copies: &[Id],
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<HashMap<(Id, NaiveDate), Id>> {
    let rows: Vec<(Id, NaiveDate, Id)> = kit_days::table
        .filter(kit_days::copy_id.among(copies).and(kit_days::day.between(from, to)))
        .select((kit_days::copy_id, kit_days::day, kit_days::reservation_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(copy, day, reservation)| ((copy, day), reservation)).collect())
}

/// The copy, the reservation, and its first and last day.
pub(in crate::lending::reservations) type KeptRow = (Id, Id, Option<NaiveDate>, Option<NaiveDate>);

/// What keeps copies on some days, each with its first and last day among them.
pub(in crate::lending::reservations) fn obstacles(
    conn: &mut AnyConn,
    copies: &[Id],
    from: NaiveDate,
    to: NaiveDate,
    except: Option<Id>,
) -> QueryResult<Vec<KeptRow>> {
    kit_days::table
        .filter(kit_days::copy_id.among(copies).and(kit_days::day.between(from, to)))
        .filter(kit_days::reservation_id.ne(except.map_or_else(String::new, |id| id.as_str().to_owned())))
        .group_by((kit_days::copy_id, kit_days::reservation_id))
        .order((kit_days::copy_id, min(kit_days::day)))
        .select((kit_days::copy_id, kit_days::reservation_id, min(kit_days::day), max(kit_days::day)))
        .load(conn)
}
