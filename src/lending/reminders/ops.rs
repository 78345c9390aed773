//! Use cases of reminders.

use chrono::NaiveDate;

use super::dto::{EndangeredReservation, LoanReminder, LoanReminderPage};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::lending::reservations::ops::{endangers, show};
use crate::lending::reservations::store::{self, pages};
use crate::lending::settings;
use crate::lending::settings::model::days_after;
use crate::services;
use crate::work::Work;

/// Which loans to list.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// Due within this many days.
    DueWithin(i32),
    /// Overdue.
    Overdue,
}

/// A page of the loans of a service in scope to send a reminder about, earliest due date first.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    which: Which,
    page: &PageRequest,
) -> Result<LoanReminderPage, ApiError> {
    services::ops::find(work, scope, service)?;
    let scope = ServiceScope::one(service);
    let day = settings::ops::today(work, service)?;
    let today = day.today;
    let (from, to): (Option<NaiveDate>, NaiveDate) = match which {
        Which::DueWithin(days) => (Some(today), days_after(today, days)),
        Which::Overdue => (None, today.pred_opt().unwrap_or(today)),
    };
    let (rows, info) = pages::loans(work.conn, &scope, from, to, page)?;
    let copies: Vec<Id> = rows.iter().filter_map(|row| row.copy_id).collect();
    let reserved = store::reserved(work.conn, &copies)?;
    let endangered: Vec<Vec<EndangeredReservation>> = rows
        .iter()
        .map(|loan| {
            let theirs = reserved.iter().filter(|reserved| endangers(loan, reserved, Some(&day)));
            theirs.map(|row| EndangeredReservation { reservation_id: row.id, starts_on: row.starts_on }).collect()
        })
        .collect();
    let reminders = show(work, &scope, rows)?.into_iter().zip(endangered).map(|(reservation, endangers)| {
        LoanReminder { days_left: (reservation.due_on - today).num_days(), reservation, endangers }
    });
    Ok(LoanReminderPage { data: reminders.collect(), page: info })
}
