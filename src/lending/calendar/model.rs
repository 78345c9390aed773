//! Reservations as the events of a calendar (RFC 5545). Pure.

use chrono::{DateTime, NaiveDate, Utc};
use icalendar::{Calendar, Component, Event, EventLike, Property};

/// An entry: a copy on some days.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Unique identifier. It never changes.
    pub(super) uid: String,
    /// Title.
    pub(super) summary: String,
    /// First day.
    pub(super) first: NaiveDate,
    /// Last day.
    pub(super) last: NaiveDate,
    /// Number of changes.
    pub(super) sequence: u32,
    /// When it last changed.
    pub(super) changed_at: DateTime<Utc>,
}

/// The text of a calendar. Events are whole days, and do not mark the reader as busy.
pub(super) fn text(name: &str, entries: &[Entry]) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//Passerelle//Kits//FR"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.name(name);
    for entry in entries {
        // The end of an event is the first day without it.
        let end = entry.last.succ_opt().unwrap_or(entry.last);
        let event = Event::new()
            .uid(&entry.uid)
            .summary(&entry.summary)
            .starts(entry.first)
            .ends(end)
            .timestamp(entry.changed_at)
            .sequence(entry.sequence)
            .add_property("TRANSP", "TRANSPARENT")
            .done();
        calendar.push(event);
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
            first: "2026-06-01".parse().unwrap(),
            last: "2026-06-22".parse().unwrap(),
            sequence: 2,
            changed_at: "2026-05-18T08:15:00Z".parse().unwrap(),
        };
        let text = text("Mallettes", &[entry]);
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:a@passerelle",
            "DTSTART;VALUE=DATE:20260601",
            "DTEND;VALUE=DATE:20260623",
            "DTSTAMP:20260518T081500Z",
            "SUMMARY:Sensorielle\\, 1 \\; prêt",
            "END:VCALENDAR",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
    }
}
