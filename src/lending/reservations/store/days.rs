//! The SQL of `kit_days`: which reservation takes which copy on which day.
//!
//! The primary key (copy, day) enforces that no two reservations take a copy on one day: see [`crate::lending::occupancy`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{max, min, not};
use diesel::prelude::*;

use super::ReservationRow;
use crate::data_keys::{DataKeyRow, WrappedKey};
use crate::db::schema::{data_keys, kit_copies, kit_days, kit_defects, reservations};
use crate::db::{AnyConn, Id, IsAmong, Writes, columns, insert_together, together};
use crate::lending::copies::store::CopyRow;
use crate::lending::defects::model::DefectStatus;
use crate::lending::occupancy::Span;
use crate::lending::reservations::model::ReservationStatus;
use crate::wrapped_keys;

/// What a decision reads of the plan of a kit.
pub(in crate::lending::reservations) struct PlanRows {
    /// The copies, by label.
    pub(in crate::lending::reservations) copies: Vec<CopyRow>,
    /// The days that are taken of each copy.
    pub(in crate::lending::reservations) taken: HashMap<Id, BTreeSet<NaiveDate>>,
    /// The current loans, by copy.
    pub(in crate::lending::reservations) loans: HashMap<Id, ReservationRow>,
    /// The copies with missing or damaged parts.
    pub(in crate::lending::reservations) incomplete: BTreeSet<Id>,
}

/// The plan of a kit from a day on, read together. The days of the reservation `except` are left out.
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
    let (copies, days, loans, incomplete) = together!(
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
        kit_defects::table
            .filter(kit_defects::copy_id.eq_any(own()))
            .filter(kit_defects::status.among(DefectStatus::KNOWN))
            .select(kit_defects::copy_id)
            .distinct()
            => Id,
    )?;
    let mut taken: HashMap<Id, BTreeSet<NaiveDate>> = HashMap::new();
    for (copy, day) in days {
        taken.entry(copy).or_default().insert(day);
    }
    let loans = loans.into_iter().filter_map(|row| row.copy_id.map(|copy| (copy, row))).collect();
    Ok(PlanRows { copies, taken, loans, incomplete: incomplete.into_iter().collect() })
}

/// Records a reservation with the days that it takes of a copy, and the data key that seals its personal data if it is new.
pub(in crate::lending::reservations) fn insert(
    conn: &mut AnyConn,
    row: &ReservationRow,
    keys: &[DataKeyRow],
) -> QueryResult<()> {
    let days = rows(row.id, row.held(), None);
    insert_together!(conn, data_keys => keys, reservations => std::slice::from_ref(row), kit_days => &days)
}

/// Replaces the version that was read, and the days that it takes of a copy. `false` if another writer was first.
pub(in crate::lending::reservations) fn replace(
    conn: &mut AnyConn,
    row: &ReservationRow,
    new: &ReservationRow,
) -> QueryResult<bool> {
    let read = reservations::id.eq(row.id).and(reservations::version.eq(row.version));
    let update = diesel::update(reservations::table.filter(read)).set(new);
    let (before, after) = (row.held(), new.held());
    if before == after {
        return Ok(update.execute(conn)? == 1);
    }
    // No copy has an empty identifier: without a copy, every day is released.
    let (copy, span) = after.as_ref().map_or(("", row.span()), |(copy, span)| (copy.as_str(), *span));
    let kept = kit_days::copy_id.eq(copy).and(kit_days::day.between(span.starts_on, span.blocked_until));
    let release = diesel::delete(kit_days::table.filter(kit_days::reservation_id.eq(row.id).and(not(kept))));
    let days = rows(row.id, after, before);
    // The key (copy, day) of a row that is added is not the key of one that is deleted: one statement can do both.
    let changed = match conn {
        AnyConn::Pg(pg) => {
            let mut writes = Writes::default();
            writes.add(release);
            if !days.is_empty() {
                writes.add(diesel::insert_into(kit_days::table).values(&days));
            }
            writes.add(update);
            writes.execute(pg)?
        }
        AnyConn::Sqlite(sqlite) => {
            release.execute(sqlite)?;
            for day in &days {
                diesel::insert_into(kit_days::table).values(day).execute(sqlite)?;
            }
            update.execute(sqlite)?
        }
    };
    Ok(changed == 1)
}

/// A row of `kit_days`.
#[derive(Insertable)]
#[diesel(table_name = kit_days, treat_none_as_default_value = false)]
struct DayRow {
    copy_id: Id,
    day: NaiveDate,
    reservation_id: Id,
}

/// The days that a reservation takes, without those that it has taken before.
fn rows(reservation: Id, held: Option<(Id, Span)>, before: Option<(Id, Span)>) -> Vec<DayRow> {
    let Some((copy, span)) = held else { return Vec::new() };
    let before = before.filter(|(of, _)| *of == copy).map(|(_, span)| span.starts_on..=span.blocked_until);
    let added = span.days().filter(|day| !before.as_ref().is_some_and(|taken| taken.contains(day)));
    added.map(|day| DayRow { copy_id: copy, day, reservation_id: reservation }).collect()
}

/// What an action on a reservation reads of its copy.
#[derive(Default)]
pub(in crate::lending::reservations) struct Around {
    /// The copy.
    pub(in crate::lending::reservations) copy: Option<CopyRow>,
    /// The current loan of the copy.
    pub(in crate::lending::reservations) loan: Option<ReservationRow>,
    /// The days of the copy that other reservations take, with the reservation.
    pub(in crate::lending::reservations) taken: BTreeMap<NaiveDate, Id>,
    /// The data key of the borrower.
    pub(in crate::lending::reservations) keys: Vec<WrappedKey>,
}

/// The copy of a reservation, its days from a day on, its current loan, and the data key of the borrower, read together.
pub(in crate::lending::reservations) fn around(
    conn: &mut AnyConn,
    row: &ReservationRow,
    from: NaiveDate,
) -> QueryResult<Around> {
    let copy = row.copy_id.map_or_else(String::new, |id| id.as_str().to_owned());
    let (copies, loans, days, keys) = together!(
        conn,
        kit_copies::table
            .filter(kit_copies::id.eq(&copy).and(kit_copies::service_id.eq(row.service_id)))
            .select(columns::<CopyRow>())
            => CopyRow,
        reservations::table
            .filter(reservations::status.eq(ReservationStatus::OnLoan).and(reservations::copy_id.eq(&copy)))
            .select(columns::<ReservationRow>())
            => ReservationRow,
        kit_days::table
            .filter(kit_days::copy_id.eq(&copy).and(kit_days::day.ge(from)))
            .filter(kit_days::reservation_id.ne(row.id))
            .select((kit_days::day, kit_days::reservation_id))
            => (NaiveDate, Id),
        wrapped_keys!().filter(data_keys::holder_id.eq(row.key_owner())) => WrappedKey,
    )?;
    let (copy, loan) = (copies.into_iter().next(), loans.into_iter().next());
    Ok(Around { copy, loan, taken: days.into_iter().collect(), keys })
}

/// The reservation that takes a copy on a day.
pub(in crate::lending) type Taken = HashMap<(Id, NaiveDate), Id>;

/// The reservation that takes each copy of a kit on each day between two days, and these reservations.
pub(in crate::lending) fn between(
    conn: &mut AnyConn,
    kit: Id,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<(Taken, HashMap<Id, ReservationRow>)> {
    let of_kit = || {
        let own = kit_copies::table.filter(kit_copies::kit_id.eq(kit)).select(kit_copies::id);
        kit_days::table.filter(kit_days::copy_id.eq_any(own).and(kit_days::day.between(from, to)))
    };
    let (taken, rows) = together!(
        conn,
        of_kit().select((kit_days::copy_id, kit_days::day, kit_days::reservation_id)) => (Id, NaiveDate, Id),
        reservations::table
            .filter(reservations::id.eq_any(of_kit().select(kit_days::reservation_id)))
            .select(columns::<ReservationRow>())
            => ReservationRow,
    )?;
    let taken = taken.into_iter().map(|(copy, day, reservation)| ((copy, day), reservation)).collect();
    Ok((taken, rows.into_iter().map(|row| (row.id, row)).collect()))
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
