//! The days of an absence. Pure.

use chrono::{Datelike, NaiveDate};

use crate::dates;
use crate::error::{Fault, Text};

/// The longest absence, in days. Choice, not from a source: a year of leave is recorded, a mistyped year is found.
pub const MAX_DAYS: i32 = 366;

/// The first and the last day of an absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
}

impl Days {
    /// The faults of the two days, for who declares them on a day.
    pub fn faults(self, today: NaiveDate) -> Vec<Fault> {
        let length = self.ends_on.num_days_from_ce() - self.starts_on.num_days_from_ce() + 1;
        let too_long = || {
            let message = Text::new(
                format!("Une absence dure au plus {MAX_DAYS} jours : déclarer la suite à part."),
                format!("An absence lasts at most {MAX_DAYS} days: declare the rest apart."),
            );
            Fault::new("/ends_on", "absence_too_long", message)
        };
        let faults = [
            dates::not_inverted("/ends_on", self.starts_on, self.ends_on),
            (length > MAX_DAYS).then(too_long),
            dates::not_too_far_ahead("/starts_on", self.starts_on, today),
        ];
        faults.into_iter().flatten().collect()
    }

    /// Whether two have a day in common.
    pub fn overlap(self, other: Self) -> bool {
        self.starts_on <= other.ends_on && other.starts_on <= self.ends_on
    }

    /// Whether a day is one of them.
    pub fn include(self, day: NaiveDate) -> bool {
        (self.starts_on..=self.ends_on).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use crate::absences::model::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn codes(starts_on: &str, ends_on: &str) -> Vec<String> {
        let days = Days { starts_on: day(starts_on), ends_on: day(ends_on) };
        days.faults(day("2026-03-02")).iter().map(|fault| fault.code.to_string()).collect()
    }

    #[test]
    fn an_absence_lasts_from_one_day_to_a_year() {
        assert!(codes("2026-03-02", "2026-03-02").is_empty());
        assert!(codes("2026-03-02", "2027-03-02").is_empty());
        assert_eq!(codes("2026-03-02", "2027-03-03"), ["absence_too_long"]);
        assert_eq!(codes("2026-03-02", "2026-03-01").len(), 1);
        assert_eq!(codes("2126-03-02", "2126-03-02").len(), 1);
    }

    proptest! {
        #[test]
        fn two_overlap_if_and_only_if_a_day_is_in_both(a in 0i64..40, b in 0i64..40, c in 0i64..40, d in 0i64..40) {
            let on = |at: i64| day("2026-03-02") + chrono::Duration::days(at);
            let (one, other) = (Days { starts_on: on(a.min(b)), ends_on: on(a.max(b)) }, Days { starts_on: on(c.min(d)), ends_on: on(c.max(d)) });
            let shared = (0..40).any(|at| one.include(on(at)) && other.include(on(at)));
            prop_assert_eq!(one.overlap(other), shared);
            prop_assert_eq!(other.overlap(one), shared);
        }
    }
}
