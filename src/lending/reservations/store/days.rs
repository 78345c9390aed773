//! The SQL of `kit_days`: which reservation takes which copy on which day.
//!
//! The primary key (copy, day) enforces that no two reservations take a copy on one day: see [`crate::lending::occupancy`].

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::ReservationRow;
use crate::db::each;
use crate::db::schema::{kit_copies, kit_days, reservations};
use crate::db::{AnyConn, Id, IsAmong, columns, insert_together, together};
use crate::lending::copies::store::CopyRow;
use crate::lending::reservations::model::ReservationStatus;

/// Takes days of a copy for a reservation. A day that is already taken violates the primary key.
pub(in crate::lending) fn take(
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

/// Releases every day of a reservation.
pub(in crate::lending) fn release(conn: &mut AnyConn, reservation: Id) -> QueryResult<()> {
    diesel::delete(kit_days::table.filter(kit_days::reservation_id.eq(reservation))).execute(conn).map(drop)
}

/// Releases the days of a reservation after `last`.
pub(in crate::lending::reservations) fn release_after(
    conn: &mut AnyConn,
    reservation: Id,
    last: NaiveDate,
) -> QueryResult<()> {
    let after = kit_days::reservation_id.eq(reservation).and(kit_days::day.gt(last));
    diesel::delete(kit_days::table.filter(after)).execute(conn).map(drop)
}

/// The days that are taken of each copy, from `from` on. The days of the reservation `except` are left out.
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

/// The copies of a kit by label, their days that are taken from a day on except those of one reservation, and their
/// current loans.
pub(in crate::lending::reservations) type PlanRows =
    (Vec<CopyRow>, HashMap<Id, BTreeSet<NaiveDate>>, HashMap<Id, ReservationRow>);

/// The plan of a kit, read together.
pub(in crate::lending::reservations) fn plan(
    conn: &mut AnyConn,
    kit: Id,
    from: NaiveDate,
    except: Option<Id>,
) -> QueryResult<PlanRows> {
    let own = || kit_copies::table.filter(kit_copies::kit_id.eq(kit)).select(kit_copies::id);
    let mut of_days = kit_days::table.filter(kit_days::copy_id.eq_any(own()).and(kit_days::day.ge(from))).into_boxed();
    if let Some(reservation) = except {
        of_days = of_days.filter(kit_days::reservation_id.ne(reservation));
    }
    let (copies, days, loans) = together!(
        conn,
        kit_copies::table
            .filter(kit_copies::kit_id.eq(kit))
            .order((kit_copies::label, kit_copies::id))
            .select(columns::<CopyRow>())
            => CopyRow,
        of_days.select((kit_days::copy_id, kit_days::day)) => (Id, NaiveDate),
        reservations::table
            .filter(reservations::status.eq(ReservationStatus::OnLoan))
            .filter(reservations::copy_id.eq_any(own().nullable()))
            .select(columns::<ReservationRow>())
            => ReservationRow,
    )?;
    let mut taken: HashMap<Id, BTreeSet<NaiveDate>> = HashMap::new();
    for (copy, day) in days {
        taken.entry(copy).or_default().insert(day);
    }
    Ok((copies, taken, loans.into_iter().filter_map(|row| row.copy_id.map(|copy| (copy, row))).collect()))
}

/// Records a reservation with the days that it takes of a copy.
pub(in crate::lending::reservations) fn insert(
    conn: &mut AnyConn,
    row: &ReservationRow,
    days: &[NaiveDate],
) -> QueryResult<()> {
    let copy = row.copy_id.as_ref();
    let day = |(copy, day): (&Id, &NaiveDate)| {
        (kit_days::copy_id.eq(*copy), kit_days::day.eq(*day), kit_days::reservation_id.eq(row.id))
    };
    let rows: Vec<_> = copy.into_iter().flat_map(|copy| days.iter().map(move |day| (copy, day))).map(day).collect();
    insert_together!(conn, reservations => std::slice::from_ref(row), kit_days => &rows)
}

/// The reservation that takes each copy on each day, between two days.
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

/// A copy, the reservation that takes it, and the first and last day.
pub(in crate::lending::reservations) type TakenRow = (Id, Id, Option<NaiveDate>, Option<NaiveDate>);

/// The reservations that take copies between two days, each with its first and last day among them.
pub(in crate::lending::reservations) fn obstacles(
    conn: &mut AnyConn,
    copies: &[Id],
    from: NaiveDate,
    to: NaiveDate,
    except: Option<Id>,
) -> QueryResult<Vec<TakenRow>> {
    kit_days::table
        .filter(kit_days::copy_id.among(copies).and(kit_days::day.between(from, to)))
        .filter(kit_days::reservation_id.ne(except.map_or_else(String::new, |id| id.as_str().to_owned())))
        .group_by((kit_days::copy_id, kit_days::reservation_id))
        .order((kit_days::copy_id, min(kit_days::day)))
        .select((kit_days::copy_id, kit_days::reservation_id, min(kit_days::day), max(kit_days::day)))
        .load(conn)
}
