//! Use cases of calendars.

use chrono::Days;

use super::dto::{CreatedKitCalendar, KitCalendar, KitCalendarInput, KitCalendarPage};
use super::model::{Entry, When, text};
use super::store;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::settings;
use crate::nomenclatures::{self, lists};
use crate::privacy::{random_token, sha256};
use crate::services;
use crate::services::ops::ServiceRow;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

pub use super::store::CalendarRow;

/// Days of the past that a calendar includes.
const PAST_DAYS: u64 = 90;

/// Creates a calendar of a service for an application. The URL is returned once and its token stored as a plain SHA-256: it
/// has 256 random bits, so no dictionary attack reaches it.
pub fn open(
    work: &mut Work<'_>,
    service: &ServiceRow,
    new: &KitCalendarInput,
    base: &str,
) -> Result<CreatedKitCalendar, ApiError> {
    let (id, token) = (Id::at(work.now), random_token("cal"));
    let service_id = service.id();
    store::insert(work.conn, id, service_id, &new.name, &sha256(token.as_bytes()), work.now)?;
    work.created(Resource::KitCalendar, service_id, id);
    Ok(CreatedKitCalendar { id, service_id, name: new.name.clone(), url: format!("{base}/calendars/{token}") })
}

/// A page of the calendars of a service in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> Result<KitCalendarPage, ApiError> {
    services::ops::find(work, scope, service)?;
    let (rows, info) = store::list(work.conn, scope, service, page)?;
    Ok(KitCalendarPage { data: rows.into_iter().map(KitCalendar::from).collect(), page: info })
}

/// The row of a calendar in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CalendarRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// Deletes a calendar. Its URL stops working.
pub fn withdraw(work: &mut Work<'_>, row: &CalendarRow, reason: DeletionReason) -> Result<(), ApiError> {
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::KitCalendar, row.service_id, row.id, reason);
    Ok(())
}

/// The calendar that a token gives access to. Fails with 404 if the token is invalid.
pub fn read(work: &mut Work<'_>, token: &str) -> Result<String, ApiError> {
    let service = store::service_of(work.conn, &sha256(token.as_bytes()))?;
    let day = settings::ops::today(work, service)?;
    let today = day.today;
    let since = today.checked_sub_days(Days::new(PAST_DAYS)).unwrap_or(today);
    let loans = store::entries(work.conn, service, since)?.into_iter().map(|row| {
        let overdue = row.status == ReservationStatus::OnLoan && row.due_on < today;
        let state = label(if overdue { "overdue" } else { row.status.as_str() });
        Entry {
            uid: format!("{}@passerelle", row.id),
            summary: format!("{} – {} – {state}", row.title_fr, row.label),
            when: When::Days { first: row.starts_on, last: if overdue { today } else { row.due_on } },
            sequence: u32::try_from(row.version).unwrap_or_default(),
            changed_at: row.updated_at.to_utc(),
        }
    });
    let now = work.now.to_utc();
    let mut entries: Vec<Entry> = loans.collect();
    let horizon = day.rules.last_start(today);
    for (first, last) in day.rules.closings.into_iter().filter(|(first, last)| *last >= since && *first <= horizon) {
        entries.push(Entry {
            uid: format!("{service}-{first}@passerelle"),
            summary: "Fermeture".to_owned(),
            when: When::Days { first, last },
            sequence: 0,
            changed_at: now,
        });
    }
    Ok(text("Mallettes", &entries))
}

/// The French label of a state.
fn label(code: &str) -> String {
    let known = nomenclatures::list(lists::RESERVATION_STATUS).and_then(|list| list.get(code));
    known.map_or_else(|| code.to_owned(), |code| code.label_fr.clone())
}
