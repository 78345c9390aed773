//! The calendar of lending: open days, the end of a loan, the buffer after it. Pure.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

/// Days that are looked at for an open one. Closings are bounded (see the contract), so that one is found.
const HORIZON: u64 = 4000;

/// How a service lends, as the rules need it. A loan of `loan_days` that begins on a Monday ends on a Monday for 21: the
/// day of the return is its last day. Source of the 21 days: the service project of the Pôle Ressources Petite Enfance du
/// Puy-de-Dôme; the other values are choices that a service changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanRules {
    /// Days of a loan, unless the kit says otherwise.
    pub loan_days: i32,
    /// Days of a loan at most, extensions included.
    pub longest_loan_days: i32,
    /// Open days for cleaning and checking after the last day of a loan.
    pub buffer_days: i32,
    /// How many days ahead a loan may begin.
    pub book_ahead_days: i32,
    /// Hours for which a copy that came free is kept for the first in the queue.
    pub proposal_hours: i32,
    /// Days of the week without lending: 1 is Monday, 7 is Sunday.
    pub closed_weekdays: BTreeSet<u8>,
    /// Periods without lending, first and last day.
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

/// The days that a loan takes of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The day of the hand-out.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// The last day of the buffer; `due_on` without one.
    pub blocked_until: NaiveDate,
}

impl LoanRules {
    /// Whether copies are handed out and taken back on a day.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        !self.closed_weekdays.contains(&weekday)
            && !self.closings.iter().any(|(first, last)| (*first..=*last).contains(&day))
    }

    /// The first open day, from this one on.
    pub fn next_open(&self, day: NaiveDate) -> NaiveDate {
        days_from(day).find(|day| self.is_open(*day)).unwrap_or(day)
    }

    /// The day on which a loan of so many days ends: the next open one if the service is closed.
    pub fn due(&self, starts_on: NaiveDate, loan_days: i32) -> NaiveDate {
        self.next_open(later(starts_on, loan_days))
    }

    /// The last day of the buffer of a loan that ends on a day: so many open days later.
    pub fn buffered(&self, due_on: NaiveDate, buffer_days: i32) -> NaiveDate {
        let buffer = usize::try_from(buffer_days).unwrap_or_default();
        let open = days_from(due_on).skip(1).filter(|day| self.is_open(*day));
        open.take(buffer).last().unwrap_or(due_on)
    }

    /// The days of a loan from its first and last.
    pub fn span(&self, starts_on: NaiveDate, due_on: NaiveDate) -> Span {
        Span { starts_on, due_on, blocked_until: self.buffered(due_on, self.buffer_days) }
    }

    /// The first day on which a copy could be lent again if it came back on a day.
    pub fn ready_after(&self, returned_on: NaiveDate) -> NaiveDate {
        self.next_open(later(self.buffered(returned_on, self.buffer_days), 1))
    }

    /// The first loan of so many days that begins from `from` to `last`, on a copy of which these days are taken.
    pub fn first_free(
        &self,
        taken: &BTreeSet<NaiveDate>,
        from: NaiveDate,
        last: NaiveDate,
        loan_days: i32,
    ) -> Option<Span> {
        let mut day = self.next_open(from);
        while day <= last {
            let span = self.span(day, self.due(day, loan_days));
            match taken.range(span.starts_on..=span.blocked_until).next_back() {
                None => return Some(span),
                Some(obstacle) => day = self.next_open(later(*obstacle, 1)),
            }
        }
        None
    }
}

impl Span {
    /// Every day of it, the buffer included.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        days_from(self.starts_on).take_while(move |day| *day <= self.blocked_until)
    }
}

/// So many days later; the same day past the end of the calendar.
pub fn later(day: NaiveDate, days: i32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::try_from(days).unwrap_or_default())).unwrap_or(day)
}

/// A day and those after it.
fn days_from(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..HORIZON).filter_map(move |ahead| day.checked_add_days(Days::new(ahead)))
}

#[cfg(test)]
mod tests {
    use crate::lending::settings::model::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn three_weeks_from_a_monday_end_on_a_monday() {
        let rules = LoanRules::default();
        let span = rules.span(date("2026-06-01"), rules.due(date("2026-06-01"), 21));
        assert_eq!((span.due_on, span.blocked_until), (date("2026-06-22"), date("2026-06-23")));
        assert_eq!(span.days().count(), 23);
    }

    #[test]
    fn a_loan_does_not_end_on_a_closed_day_and_the_buffer_counts_open_ones() {
        let summer = (date("2026-08-03"), date("2026-08-21"));
        let rules = LoanRules { closings: vec![summer], buffer_days: 2, ..LoanRules::default() };
        assert_eq!(rules.due(date("2026-07-20"), 21), date("2026-08-24"), "closed for the summer");
        assert_eq!(rules.due(date("2026-06-04"), 2), date("2026-06-08"), "a Saturday");
        assert_eq!(rules.buffered(date("2026-07-31"), 2), date("2026-08-25"));
        assert_eq!(rules.buffered(date("2026-07-31"), 0), date("2026-07-31"));
        assert_eq!(rules.ready_after(date("2026-06-05")), date("2026-06-10"));
    }

    #[test]
    fn the_first_free_loan_is_between_two_others() {
        let rules = LoanRules { buffer_days: 0, ..LoanRules::default() };
        let days = |from: &str, to: &str| {
            Span { starts_on: date(from), due_on: date(to), blocked_until: date(to) }.days().collect::<Vec<_>>()
        };
        let taken = [days("2026-06-01", "2026-06-12"), days("2026-06-24", "2026-07-20")].concat().into_iter().collect();
        let first = |loan_days| {
            let span = rules.first_free(&taken, date("2026-06-01"), date("2026-12-31"), loan_days);
            span.map(|span| span.starts_on.to_string())
        };
        assert_eq!(first(7).as_deref(), Some("2026-06-15"));
        assert_eq!(first(21).as_deref(), Some("2026-07-21"));
        assert_eq!(rules.first_free(&taken, date("2026-06-01"), date("2026-06-30"), 21), None);
    }

    fn rules() -> impl Strategy<Value = LoanRules> {
        let closings = prop::collection::vec((0i32..300, 0i32..30), 0..4);
        (prop::collection::btree_set(1u8..=7, 0..5), closings, 0i32..4).prop_map(|(closed, closings, buffer_days)| {
            let at = |days| later(date("2026-01-01"), days);
            LoanRules {
                closed_weekdays: closed,
                closings: closings.into_iter().map(|(from, days)| (at(from), at(from + days))).collect(),
                buffer_days,
                ..LoanRules::default()
            }
        })
    }

    proptest! {
        #[test]
        fn a_free_loan_is_open_free_and_the_first(
            rules in rules(), taken in prop::collection::btree_set(0i32..200, 0..60), from in 0i32..100, days in 1i32..40,
        ) {
            let at = |days| later(date("2026-01-01"), days);
            let taken: BTreeSet<NaiveDate> = taken.into_iter().map(at).collect();
            let last = at(from + 400);
            let free = |start: NaiveDate| {
                rules.is_open(start) && rules.span(start, rules.due(start, days)).days().all(|day| !taken.contains(&day))
            };
            let found = rules.first_free(&taken, at(from), last, days).map(|span| span.starts_on);
            let wanted = days_from(at(from)).take_while(|day| *day <= last).find(|day| free(*day));
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_loan_ends_on_an_open_day_and_is_not_shorter_than_asked(rules in rules(), start in 0i32..300, days in 1i32..60) {
            let starts_on = later(date("2026-01-01"), start);
            let span = rules.span(starts_on, rules.due(starts_on, days));
            prop_assert!(rules.is_open(span.due_on) && (span.due_on - starts_on).num_days() >= i64::from(days));
            let buffer = span.days().filter(|day| *day > span.due_on && rules.is_open(*day)).count();
            prop_assert_eq!(buffer, usize::try_from(rules.buffer_days).unwrap());
        }
    }
}
