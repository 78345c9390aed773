//! Use cases of the calendars of users.

use chrono::{DateTime, Days as Ahead, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::dto::{AgendaCalendar, AgendaCalendarInput, AgendaCalendarPage, CreatedAgendaCalendar};
use super::store;
use crate::agenda::dto::{AgendaFilter, AgendaKind, AgendaScope};
use crate::agenda::entries::label;
use crate::agenda::ops::Viewer;
use crate::agenda::store::{Days, rows};
use crate::appointments::model::minute_of_day;
use crate::db::Id;
use crate::error::{ApiError, Lang};
use crate::http::page::PageRequest;
use crate::lending::calendar::model::{Entry, When, text};
use crate::nomenclatures::lists;
use crate::privacy::{random_token, sha256};
use crate::services;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

/// Days of the past and of the future that a calendar includes.
const PAST_DAYS: u64 = 30;
const FUTURE_DAYS: u64 = 180;

/// Maximum number of entries of each kind.
const MAX_ENTRIES: i64 = 2000;

/// Creates a calendar of a user for an application. The token is stored as a plain SHA-256: it has 256 random bits, so no
/// dictionary attack reaches it.
pub fn open(
    work: &mut Work<'_>,
    user: Id,
    new: &AgendaCalendarInput,
    base: &str,
) -> Result<CreatedAgendaCalendar, ApiError> {
    let (id, token) = (Id::next(work.now), random_token("agd"));
    store::insert(work.conn, id, user, &new.name, &sha256(token.as_bytes()), work.now)?;
    work.account_changed(Resource::AgendaCalendar, id, ChangeKind::Created);
    Ok(CreatedAgendaCalendar { id, name: new.name.clone(), url: format!("{base}/agendas/{token}") })
}

/// A page of the calendars of a user.
pub fn list(work: &mut Work<'_>, user: Id, page: &PageRequest) -> Result<AgendaCalendarPage, ApiError> {
    let (rows, info) = store::list(work.conn, user, page)?;
    Ok(AgendaCalendarPage { data: rows.into_iter().map(AgendaCalendar::from).collect(), page: info })
}

/// Deletes a calendar of a user. Its URL stops working.
pub fn withdraw(work: &mut Work<'_>, user: Id, id: Id) -> Result<(), ApiError> {
    if !store::delete(work.conn, user, id)? {
        return Err(ApiError::not_found());
    }
    work.account_changed(Resource::AgendaCalendar, id, ChangeKind::Deleted);
    Ok(())
}

/// The user whose calendar a token gives access to. Fails with 404 if the token is invalid.
pub fn user_of(work: &mut Work<'_>, token: &str) -> Result<Id, ApiError> {
    Ok(store::user_of(work.conn, &sha256(token.as_bytes()))?)
}

/// The calendar of a user: their appointments, and the follow-ups of their cases. Nothing in it names a person.
pub(super) fn file(work: &mut Work<'_>, viewer: &Viewer) -> Result<String, ApiError> {
    let settings = services::ops::settings_of(work, &viewer.cases, viewer.cases.ids())?;
    let today = work.now.to_utc().date_naive();
    let from = today.checked_sub_days(Ahead::new(PAST_DAYS)).unwrap_or(today);
    let to = today.checked_add_days(Ahead::new(FUTURE_DAYS)).unwrap_or(today);
    let filter = AgendaFilter {
        scope: Some(AgendaScope::Mine),
        kind: Some(vec![AgendaKind::Appointment, AgendaKind::FollowUp]),
        ..AgendaFilter::default()
    };
    let found = rows(work.conn, &viewer.scopes(&filter), &Days { from, to, overdue: false }, None, MAX_ENTRIES)?;
    let changed_at = work.now.to_utc();
    let mut entries = Vec::new();
    for (id, service, on, starts_at, minutes, _, _, place, _) in found.appointments {
        let Some(settings) = settings.get(&service) else { continue };
        let start = instant(settings.time_zone, on, &starts_at);
        entries.push(Entry {
            uid: format!("{id}@passerelle"),
            summary: format!("Rendez-vous – {}", label(lists::INTERVENTION_PLACE, place.as_str(), Lang::Fr)),
            when: When::Time { start, end: start + Duration::minutes(i64::from(minutes)) },
            sequence: 0,
            changed_at,
        });
    }
    for (id, _, on, ..) in found.follow_ups {
        let Some(on) = on else { continue };
        entries.push(Entry {
            uid: format!("{id}@passerelle"),
            summary: "Suivi à faire".to_owned(),
            when: When::Days { first: on, last: on },
            sequence: 0,
            changed_at,
        });
    }
    Ok(text("Agenda", &entries))
}

/// The instant of a local time. Where the clock skips it, the first instant after it.
fn instant(zone: Tz, day: NaiveDate, time: &str) -> DateTime<Utc> {
    let local = day.and_time(chrono::NaiveTime::MIN) + Duration::minutes(minute_of_day(time));
    // No zone skips more than a day.
    let mut later =
        (0..=24 * 60).filter_map(|skipped| zone.from_local_datetime(&(local + Duration::minutes(skipped))).earliest());
    later.next().map_or_else(|| local.and_utc(), |found| found.to_utc())
}

#[cfg(test)]
mod tests {
    use crate::agenda::calendars::ops::*;

    #[test]
    fn a_local_time_is_an_instant_also_when_the_clock_changes() {
        let at = |day: &str, time: &str| instant(chrono_tz::Europe::Paris, day.parse().unwrap(), time).to_rfc3339();
        assert_eq!(at("2026-03-12", "09:30"), "2026-03-12T08:30:00+00:00");
        assert_eq!(at("2026-07-12", "09:30"), "2026-07-12T07:30:00+00:00");
        assert_eq!(at("2026-03-29", "02:30"), "2026-03-29T01:00:00+00:00", "the clock skips this time");
        assert_eq!(at("2026-10-25", "02:30"), "2026-10-25T00:30:00+00:00", "the first of two");
    }
}
