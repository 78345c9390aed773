//! How a service lends: the values of its settings, and its open days. Pure.
//!
//! What follows for a loan (its last day, its buffer, the days that it takes of a copy) is in
//! [`crate::lending::occupancy`].

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use crate::clock::date_in;
use crate::db::UtcTs;

/// The settings of a service. The day of the return is the last day of a loan: one of 21 days that starts on a Monday ends
/// on a Monday.
///
/// Source of the 21 days: PRPE. The other defaults are choices that a service can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanRules {
    /// Length of a loan in days, unless the kit has its own.
    pub loan_days: i32,
    /// Maximum length of a loan in days, extensions included.
    pub longest_loan_days: i32,
    /// Open days for cleaning and checking after the last day of a loan.
    pub buffer_days: i32,
    /// How many days ahead a loan may start.
    pub book_ahead_days: i32,
    /// Hours for which a copy is held for the borrower that the queue proposes it to.
    pub proposal_hours: i32,
    /// Weekdays without lending: 1 is Monday, 7 is Sunday.
    pub closed_weekdays: BTreeSet<u8>,
    /// Closing periods by date, without overlap: first and last day.
    pub closings: Vec<(NaiveDate, NaiveDate)>,
}

impl Default for LoanRules {
    fn default() -> Self {
        Self {
            loan_days: 21,
            longest_loan_days: 42,
            buffer_days: 1,
            book_ahead_days: 365,
            proposal_hours: 72,
            closed_weekdays: [6, 7].into(),
            closings: Vec::new(),
        }
    }
}

impl LoanRules {
    /// Whether copies are handed out and taken back on a day.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        !self.closed_weekdays.contains(&weekday) && self.closing_on(day).is_none()
    }

    /// The usual length of a loan in days, and whether it is the kit's own. No kit is lent for longer than the longest
    /// loan of the service.
    pub fn usual_days(&self, of_kit: Option<i32>) -> (i32, bool) {
        of_kit.map_or((self.loan_days, false), |days| (days.min(self.longest_loan_days), true))
    }

    /// The last day of the closing period that a day is in.
    fn closing_on(&self, day: NaiveDate) -> Option<NaiveDate> {
        let begun = self.closings.partition_point(|(first, _)| *first <= day);
        let (_, last) = self.closings.get(begun.checked_sub(1)?)?;
        (*last >= day).then_some(*last)
    }

    /// The first open day: this one or a later one.
    pub fn next_open(&self, day: NaiveDate) -> NaiveDate {
        let mut next = day;
        // A service is open on one weekday at least, and its closing periods end.
        while !self.is_open(next) {
            let closed_until = self.closing_on(next).unwrap_or(next);
            let Some(after) = closed_until.succ_opt() else { return day };
            next = after;
        }
        next
    }
}

/// How a service lends today. The only source of the date in lending: every rule uses the service's own day.
#[derive(Clone, Debug)]
pub struct Today {
    /// The settings.
    pub rules: LoanRules,
    /// Today's date in the time zone of the service.
    pub today: NaiveDate,
    zone: Tz,
}

impl Today {
    /// The day of an instant in the time zone of a service.
    pub fn new(rules: LoanRules, zone: Tz, now: UtcTs) -> Self {
        Self { rules, today: date_in(zone, now), zone }
    }

    /// The date of an instant.
    pub fn date_of(&self, instant: UtcTs) -> NaiveDate {
        date_in(self.zone, instant)
    }

    /// The last day that an overdue loan takes.
    pub fn overdue_until(&self) -> NaiveDate {
        self.rules.overdue_until(self.today)
    }
}

/// The date `days` days after `day`; `day` itself past the end of the calendar.
pub fn days_after(day: NaiveDate, days: i32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::try_from(days).unwrap_or_default())).unwrap_or(day)
}

/// A day and those after it.
pub(in crate::lending) fn days_from(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    day.iter_days()
}

#[cfg(test)]
mod tests {
    use crate::lending::settings::model::*;

    #[test]
    fn the_next_open_day_is_after_the_weekend_and_the_closing_period() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let rules = LoanRules { closings: vec![(date("2026-08-03"), date("2026-08-21"))], ..LoanRules::default() };
        assert_eq!(rules.next_open(date("2026-07-31")), date("2026-07-31"));
        assert_eq!(rules.next_open(date("2026-08-01")), date("2026-08-24"));
    }
}
