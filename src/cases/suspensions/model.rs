//! The periods of suspension of a case: their order. Pure.

use chrono::NaiveDate;

use crate::cases::model::days_in_order;
use crate::dates;
use crate::error::{Fault, Text};

/// A period of suspension. The last day is the one before the resumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub starts_on: NaiveDate,
    /// Day of the resumption; none while it lasts.
    pub resumed_on: Option<NaiveDate>,
}

impl Period {
    /// Whether both periods have a day in common. A period that was resumed on its first day has none.
    pub fn overlaps(&self, other: &Self) -> bool {
        let end = |period: &Self| period.resumed_on.unwrap_or(NaiveDate::MAX);
        self.starts_on < end(other) && other.starts_on < end(self)
    }

    /// The faults of a period: its days, and the other periods of the case with which it overlaps. `first_alone` is whether a
    /// correction sends the first day alone.
    pub fn faults(&self, others: &[Self], opened_on: NaiveDate, today: NaiveDate, first_alone: bool) -> Vec<Fault> {
        let resumed_on = self.resumed_on;
        let mut faults: Vec<Fault> = [
            dates::not_in_the_future("/starts_on", self.starts_on, today),
            dates::not_before("/starts_on", self.starts_on, opened_on, "before_opening"),
            resumed_on.and_then(|day| dates::not_in_the_future("/resumed_on", day, today)),
            resumed_on.and_then(|day| days_in_order(("/starts_on", self.starts_on), ("/resumed_on", day), first_alone)),
        ]
        .into_iter()
        .flatten()
        .collect();
        faults.extend(others.iter().find(|other| self.overlaps(other)).copied().map(overlap));
        faults
    }
}

fn overlap(other: Period) -> Fault {
    let first = other.starts_on;
    let message = match other.resumed_on {
        Some(resumed) => Text::new(
            format!(
                "Le suivi était déjà suspendu du {} au {} : choisir une date hors de cette période.",
                dates::french(first),
                dates::french(resumed)
            ),
            format!("The case was already suspended from {first} to {resumed}: choose a day outside this period."),
        ),
        None => Text::new(
            format!("Le suivi est déjà suspendu depuis le {}.", dates::french(first)),
            format!("The case has been suspended since {first} already."),
        ),
    };
    Fault::new("/starts_on", "suspended_already", message)
}

/// The day of the next follow-up that a resumption gives back. A day that passed meanwhile becomes the day of the resumption.
pub fn given_back(set_aside: Option<NaiveDate>, resumed_on: NaiveDate) -> Option<NaiveDate> {
    set_aside.map(|day| day.max(resumed_on))
}

#[cfg(test)]
mod tests {
    use crate::cases::suspensions::model::*;
    use proptest::prelude::*;

    fn day(at: i64) -> NaiveDate {
        "2026-01-01".parse::<NaiveDate>().unwrap() + chrono::Duration::days(at)
    }

    #[test]
    fn a_follow_up_that_passed_meanwhile_is_due_at_the_resumption() {
        assert_eq!(given_back(Some(day(5)), day(9)), Some(day(9)));
        assert_eq!(given_back(Some(day(20)), day(9)), Some(day(20)));
        assert_eq!(given_back(None, day(9)), None);
    }

    proptest! {
        #[test]
        fn periods_overlap_if_and_only_if_they_share_a_day(
            first in (0i64..20, proptest::option::of(0i64..10)), second in (0i64..20, proptest::option::of(0i64..10)),
        ) {
            let period = |(start, length): (i64, Option<i64>)| Period {
                starts_on: day(start), resumed_on: length.map(|length| day(start + length)),
            };
            let has = |period: &Period, at: i64| {
                period.starts_on <= day(at) && period.resumed_on.is_none_or(|resumed| day(at) < resumed)
            };
            let (first, second) = (period(first), period(second));
            let shared = (0..60).any(|at| has(&first, at) && has(&second, at));
            let empty = |period: &Period| period.resumed_on == Some(period.starts_on);
            prop_assume!(!empty(&first) && !empty(&second));
            prop_assert_eq!(first.overlaps(&second), shared);
            prop_assert_eq!(first.overlaps(&second), second.overlaps(&first));
        }
    }
}
