//! Which days a loan occupies a copy. The only place that defines the rule. Pure.
//!
//! The rule:
//! 1. A loan takes its copy on every day from the hand-out (`starts_on`) to the end of the buffer (`blocked_until`),
//!    closed days included. No two loans of one copy share a day.
//! 2. A loan is booked to start and end on open days. If its length ends on a closed day, it ends on the next open day,
//!    unless it would then last longer than the longest loan. The length that was asked for is stored: a loan that is
//!    moved, or proposed by the queue, has it again.
//! 3. The buffer is a number of open days after the last day of the loan, for cleaning and checking. The number is
//!    stored with the reservation, so a change of the settings applies to later bookings only.
//! 4. The buffer starts at the actual return. An early return releases days; a late return takes only days that no
//!    other loan takes.
//! 5. An overdue loan takes its copy until the day before the copy could be lent again if it came back today.
//!
//! Source: PRPE for the loan of 21 days; the buffer, the closed days and the other values are settings of each service.
//!
//! | who | does what |
//! |---|---|
//! | `settings::model` | holds the settings, and says which days are open and which day it is |
//! | `reservations::plan` | reads the days that are taken of each copy of a kit, and picks a free copy |
//! | `reservations::act` | takes and releases days when a reservation is moved, handed out, extended or returned |
//! | `queue` | takes the days of the loans that it proposes |
//! | `reservations::store::days` | stores the days in `kit_days`, whose primary key (copy, day) enforces point 1 |
//! | `reservations::ops` | says which reservations an overdue loan endangers (point 5) |
//! | `availability` | returns the state of each day |
//! | `catalogue::store` | finds the kits that are free in a period, in SQL |

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::dates::{french, not_inverted};
use crate::error::{Fault, Text};
use crate::lending::settings::model::{LoanRules, days_after, days_from};

/// The days on which a loan occupies a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The day of the hand-out.
    pub starts_on: NaiveDate,
    /// The day of the return.
    pub due_on: NaiveDate,
    /// The last day of the buffer; `due_on` if there is no buffer.
    pub blocked_until: NaiveDate,
}

impl Span {
    /// Every day of it, buffer included.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        days_from(self.starts_on).take_while(move |day| *day <= self.blocked_until)
    }

    /// The last of its days that another loan takes.
    pub fn conflict(self, taken: &BTreeSet<NaiveDate>) -> Option<NaiveDate> {
        taken.range(self.starts_on..=self.blocked_until).next_back().copied()
    }
}

impl LoanRules {
    /// The day on which a loan of `loan_days` days ends: the next open day if the service is closed.
    pub fn due(&self, starts_on: NaiveDate, loan_days: i32) -> NaiveDate {
        self.next_open(days_after(starts_on, loan_days))
    }

    /// The last day of the buffer of a loan that ends on `due_on`: `buffer_days` open days later.
    pub fn end_of_buffer(&self, due_on: NaiveDate, buffer_days: i32) -> NaiveDate {
        (0..buffer_days).fold(due_on, |day, _| self.next_open(days_after(day, 1)))
    }

    /// The days that a new loan takes.
    pub fn span(&self, starts_on: NaiveDate, due_on: NaiveDate) -> Span {
        Span { starts_on, due_on, blocked_until: self.end_of_buffer(due_on, self.buffer_days) }
    }

    /// The last day on which a loan booked today may start.
    pub fn last_start(&self, today: NaiveDate) -> NaiveDate {
        days_after(today, self.book_ahead_days)
    }

    /// The first day on which a copy can be lent again if it comes back on `returned_on`.
    pub fn ready_after(&self, returned_on: NaiveDate) -> NaiveDate {
        self.next_open(days_after(self.end_of_buffer(returned_on, self.buffer_days), 1))
    }

    /// The last day that an overdue loan takes: the day before the copy could be lent again if it came back today.
    pub fn overdue_until(&self, today: NaiveDate) -> NaiveDate {
        self.ready_after(today).pred_opt().unwrap_or(today)
    }

    /// The last day that a loan takes once its copy is back. `next_taken` is the first day after `span` that another loan
    /// takes.
    pub fn blocked_after_return(
        &self,
        span: Span,
        buffer_days: i32,
        returned_on: NaiveDate,
        next_taken: Option<NaiveDate>,
    ) -> NaiveDate {
        let wanted = self.end_of_buffer(returned_on, buffer_days).max(span.starts_on);
        if wanted <= span.blocked_until {
            return wanted;
        }
        let limit = next_taken.map_or(wanted, day_before);
        wanted.min(limit).max(span.blocked_until)
    }

    /// The first loan of `loan_days` days that starts between `from` and `last`, shares no day with `taken` and does not last
    /// longer than the longest loan.
    pub fn first_free(
        &self,
        taken: &BTreeSet<NaiveDate>,
        from: NaiveDate,
        last: NaiveDate,
        loan_days: i32,
    ) -> Option<Span> {
        let loan_days = loan_days.min(self.longest_loan_days);
        let mut day = self.next_open(from);
        while day <= last {
            let span = self.span(day, self.due(day, loan_days));
            if self.is_too_long(span.starts_on, span.due_on) {
                // It would end after a closing period: a later one does not.
                day = self.next_open(days_after(day, 1));
                continue;
            }
            match span.conflict(taken) {
                None => return Some(span),
                Some(conflict) => day = self.next_open(days_after(conflict, 1)),
            }
        }
        None
    }

    /// The faults of the days of a future loan.
    pub fn day_faults(&self, today: NaiveDate, starts_on: NaiveDate, due_on: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (starts, due) = ("/starts_on", "/due_on");
        if starts_on < today {
            let message = Text::new(
                format!("Cette date est dans le passé (aujourd'hui : {}).", french(today)),
                format!("This date is in the past: today is {today}."),
            );
            faults.push(Fault::new(starts, "in_the_past", message));
        }
        let last = self.last_start(today);
        if starts_on > last {
            let message = Text::new(
                format!("Un prêt doit commencer au plus tard le {}.", french(last)),
                format!("A loan must start on {last} at the latest."),
            );
            faults.push(Fault::new(starts, "too_far_ahead", message));
        }
        faults.extend(self.closed_fault(starts_on, starts));
        faults.extend(self.length_fault(starts_on, due_on, due).or_else(|| self.closed_fault(due_on, due)));
        faults
    }

    /// Whether a loan has more days than allowed.
    fn is_too_long(&self, starts_on: NaiveDate, due_on: NaiveDate) -> bool {
        (due_on - starts_on).num_days() > i64::from(self.longest_loan_days)
    }

    /// The fault of a loan that has no day, or more days than allowed.
    pub fn length_fault(&self, starts_on: NaiveDate, due_on: NaiveDate, pointer: &str) -> Option<Fault> {
        if let Some(fault) = not_inverted(pointer, starts_on, due_on) {
            return Some(fault);
        }
        if due_on == starts_on {
            let message = Text::new("Un prêt dure au moins un jour.", "A loan lasts at least one day.");
            return Some(Fault::new(pointer, "too_short", message));
        }
        let (days, longest) = ((due_on - starts_on).num_days(), self.longest_loan_days);
        self.is_too_long(starts_on, due_on).then(|| {
            let message = Text::new(
                format!(
                    "Un prêt dure au plus {longest} {} ; celui-ci en dure {days}.",
                    if longest > 1 { "jours" } else { "jour" }
                ),
                format!(
                    "A loan lasts at most {longest} {}; this one lasts {days}.",
                    if longest > 1 { "days" } else { "day" }
                ),
            );
            Fault::new(pointer, "too_long", message)
        })
    }

    /// The fault of a hand-out or a return on a closed day.
    pub fn closed_fault(&self, day: NaiveDate, pointer: &str) -> Option<Fault> {
        (!self.is_open(day)).then(|| {
            let next = self.next_open(day);
            let message = Text::new(
                format!("Le service est fermé ce jour-là ; le prochain jour d'ouverture est le {}.", french(next)),
                format!("The service is closed on this day; the next open day is {next}."),
            );
            Fault::new(pointer, "closing_day", message)
        })
    }
}

/// The day before; the same day at the start of the calendar.
pub fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use crate::lending::occupancy::*;
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
    fn a_loan_does_not_end_on_a_closed_day_and_the_buffer_counts_open_days() {
        let summer = (date("2026-08-03"), date("2026-08-21"));
        let rules = LoanRules { closings: vec![summer], buffer_days: 2, ..LoanRules::default() };
        assert_eq!(rules.due(date("2026-07-20"), 21), date("2026-08-24"), "closed for the summer");
        assert_eq!(rules.due(date("2026-06-04"), 2), date("2026-06-08"), "a Saturday");
        assert_eq!(rules.end_of_buffer(date("2026-07-31"), 2), date("2026-08-25"));
        assert_eq!(rules.end_of_buffer(date("2026-07-31"), 0), date("2026-07-31"));
        assert_eq!(rules.ready_after(date("2026-06-05")), date("2026-06-10"));
        assert_eq!(rules.overdue_until(date("2026-06-05")), date("2026-06-09"));
    }

    #[test]
    fn the_buffer_starts_at_the_return_and_stops_before_the_next_loan() {
        let rules = LoanRules::default();
        let span = rules.span(date("2026-06-01"), date("2026-06-22"));
        let blocked = |returned_on: &str, next_taken: Option<&str>| {
            rules.blocked_after_return(span, 1, date(returned_on), next_taken.map(date)).to_string()
        };
        assert_eq!(blocked("2026-06-08", None), "2026-06-09", "early: days are released");
        assert_eq!(blocked("2026-06-22", None), "2026-06-23");
        assert_eq!(blocked("2026-06-25", None), "2026-06-26", "late: days are taken");
        assert_eq!(blocked("2026-06-25", Some("2026-06-26")), "2026-06-25");
        assert_eq!(blocked("2026-06-25", Some("2026-06-24")), "2026-06-23");
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

    /// Closing periods by date, without those that overlap an earlier one.
    fn one_after_another(mut closings: Vec<(i32, i32)>) -> impl Iterator<Item = (i32, i32)> {
        closings.sort_unstable();
        let mut closed_until = -1;
        closings.into_iter().filter(move |(from, days)| {
            let fits = *from > closed_until;
            closed_until = if fits { from + days } else { closed_until };
            fits
        })
    }

    fn rules() -> impl Strategy<Value = LoanRules> {
        let closings = prop::collection::vec((0i32..300, 0i32..30), 0..4);
        (prop::collection::btree_set(1u8..=7, 0..5), closings, 0i32..4).prop_map(|(closed, closings, buffer_days)| {
            let at = |days| days_after(date("2026-01-01"), days);
            LoanRules {
                closed_weekdays: closed,
                closings: one_after_another(closings).map(|(from, days)| (at(from), at(from + days))).collect(),
                buffer_days,
                ..LoanRules::default()
            }
        })
    }

    proptest! {
        #[test]
        fn a_free_loan_starts_on_an_open_day_shares_no_day_and_is_the_first(
            rules in rules(), taken in prop::collection::btree_set(0i32..200, 0..60), from in 0i32..100, days in 1i32..40,
        ) {
            let at = |days| days_after(date("2026-01-01"), days);
            let taken: BTreeSet<NaiveDate> = taken.into_iter().map(at).collect();
            let last = at(from + 400);
            let free = |start: NaiveDate| {
                let span = rules.span(start, rules.due(start, days));
                let length = (span.due_on - start).num_days();
                rules.is_open(start) && length <= i64::from(rules.longest_loan_days) && span.days().all(|day| !taken.contains(&day))
            };
            let found = rules.first_free(&taken, at(from), last, days).map(|span| span.starts_on);
            let wanted = days_from(at(from)).take_while(|day| *day <= last).find(|day| free(*day));
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_loan_ends_on_an_open_day_and_is_not_shorter_than_requested(
            rules in rules(), start in 0i32..300, days in 1i32..60,
        ) {
            let starts_on = days_after(date("2026-01-01"), start);
            let span = rules.span(starts_on, rules.due(starts_on, days));
            prop_assert!(rules.is_open(span.due_on) && (span.due_on - starts_on).num_days() >= i64::from(days));
            let buffer = span.days().filter(|day| *day > span.due_on && rules.is_open(*day)).count();
            prop_assert_eq!(buffer, usize::try_from(rules.buffer_days).unwrap());
        }
    }
}
