//! The SQL of the absences of the agenda: those with a day of the period.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, columns_of};
use crate::db::schema::absences;
use crate::db::{Id, IsAmong};

/// An absence: itself, service, first day, last day, person.
pub(in crate::agenda) type AbsenceColumns = (Id, Id, NaiveDate, NaiveDate, Id);

columns_of! {
    /// What an entry shows of an absence.
    ABSENCE = absences::id, absences::service_id, absences::starts_on, absences::ends_on, absences::user_id
}

/// The absences with a day of the period. One that began before it has its first day there.
pub(super) fn absences_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, absences::table> {
    let query = absences::table
        .filter(absences::service_id.among(scopes.absences.ids()))
        .filter(absences::starts_on.le(days.to).and(absences::ends_on.ge(days.from)))
        .into_boxed();
    match scopes.whose.person() {
        Some(person) => query.filter(absences::user_id.eq(person)),
        None => query,
    }
}
