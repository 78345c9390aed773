//! Events of a calendar (RFC 5545): of the reservations here, and of the agendas of users. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use icalendar::{Calendar, Component, Event, EventLike, Property};

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Unique identifier. It never changes.
    pub uid: String,
    /// Title.
    pub summary: String,
    /// When it takes place.
    pub when: When,
    /// Number of changes.
    pub sequence: u32,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
}

/// When an entry takes place.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Whole days, which do not mark the reader as busy.
    Days {
        /// First day.
        first: NaiveDate,
        /// Last day.
        last: NaiveDate,
    },
    /// A time.
    Time {
        /// Start.
        start: DateTime<Utc>,
        /// End.
        end: DateTime<Utc>,
    },
}

/// The text of a calendar.
pub fn text(name: &str, entries: &[Entry]) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//Passerelle//Passerelle//FR"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.name(name);
    for entry in entries {
        let mut event = Event::new();
        event.uid(&entry.uid).summary(&entry.summary).timestamp(entry.changed_at).sequence(entry.sequence);
        match entry.when {
            When::Days { first, last } => {
                // The end of an event is the first day without it.
                let end = last.succ_opt().unwrap_or(last);
                event.starts(first).ends(end).add_property("TRANSP", "TRANSPARENT");
            }
            When::Time { start, end } => {
                event.starts(start).ends(end);
            }
        }
        calendar.push(event.done());
    }
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use crate::lending::calendar::model::*;

    #[test]
    fn a_loan_is_an_event_of_whole_days() {
        let entry = Entry {
            uid: "a@passerelle".into(),
            summary: "Sensorielle, 1 ; prêt".into(),
            when: When::Days { first: "2026-06-01".parse().unwrap(), last: "2026-06-22".parse().unwrap() },
            sequence: 2,
            changed_at: "2026-05-18T08:15:00Z".parse().unwrap(),
        };
        let meeting = Entry {
            uid: "b@passerelle".into(),
            when: When::Time {
                start: "2026-06-01T07:30:00Z".parse().unwrap(),
                end: "2026-06-01T08:30:00Z".parse().unwrap(),
            },
            ..entry.clone()
        };
        let text = text("Mallettes", &[entry, meeting]);
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:a@passerelle",
            "DTSTART;VALUE=DATE:20260601",
            "DTEND;VALUE=DATE:20260623",
            "DTSTAMP:20260518T081500Z",
            "SUMMARY:Sensorielle\\, 1 \\; prêt",
            "DTSTART:20260601T073000Z",
            "DTEND:20260601T083000Z",
            "END:VCALENDAR",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
    }
}
