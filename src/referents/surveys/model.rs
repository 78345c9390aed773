//! When a questionnaire is open, and when its results are available. Pure.

use chrono::NaiveDate;

use crate::db::{UtcTs, text_enum};

/// The number of answers below which means and distributions are withheld.
pub const MIN_ANSWERS: i64 = 5;

text_enum! {
    /// State of a questionnaire on a day.
    pub enum SurveyState {
        /// Not open yet.
        Planned = "planned",
        /// Can be answered.
        Open = "open",
        /// Can no longer be answered nor opened.
        Closed = "closed",
    }
}

text_enum! {
    /// Reason why results are withheld.
    pub enum WithheldReason {
        /// The questionnaire is not closed: a result that changes with each answer would reveal that answer.
        NotClosed = "not_closed",
        /// There are fewer than five answers.
        FewerThanFive = "fewer_than_five",
    }
}

impl SurveyState {
    /// The state of a questionnaire now, which is a day in its service. It opens with its first day, and closes for good
    /// at an instant that was stored: whatever the time zone of the service becomes, that instant stays past.
    pub fn at(now: UtcTs, today: NaiveDate, opens_on: NaiveDate, closes_at: UtcTs) -> Self {
        if now >= closes_at {
            Self::Closed
        } else if today < opens_on {
            Self::Planned
        } else {
            Self::Open
        }
    }
}

/// Why the results are withheld; none if they are available.
pub fn withheld_reason(state: SurveyState, answers: i64) -> Option<WithheldReason> {
    if state != SurveyState::Closed {
        return Some(WithheldReason::NotClosed);
    }
    (answers < MIN_ANSWERS).then_some(WithheldReason::FewerThanFive)
}

/// The mean of values, each given a number of times, in hundredths, rounded to the nearest. None without values.
pub fn mean_hundredths(values: impl IntoIterator<Item = (i64, i64)>) -> Option<i64> {
    let (sum, number) =
        values.into_iter().fold((0_i64, 0_i64), |(sum, number), (value, times)| (sum + value * times, number + times));
    (number > 0).then(|| (sum * 200 + number) / (number * 2))
}

/// A part of a whole in hundredths of a percent, rounded to the nearest. None if the whole is 0.
pub fn percent_hundredths(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 20_000 + whole) / (whole * 2))
}

#[cfg(test)]
mod tests {
    use crate::clock::{date_in, start_of};
    use crate::referents::surveys::model::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(number)
    }

    #[test]
    fn means_and_rates_are_rounded_to_the_nearest_hundredth() {
        assert_eq!(mean_hundredths([(1, 1), (2, 0), (5, 2)]), Some(367));
        assert_eq!(mean_hundredths([(1, 0), (5, 0)]), None, "nothing is not zero");
        assert_eq!(
            (percent_hundredths(1, 3), percent_hundredths(0, 3), percent_hundredths(0, 0)),
            (Some(3333), Some(0), None)
        );
    }

    proptest! {
        #[test]
        fn it_opens_once_and_closes_once(opens in 0i64..50, length in 0i64..50, on in -20i64..150) {
            let closes_at = start_of(chrono_tz::Europe::Paris, day(opens + length + 1));
            let state = |on| SurveyState::at(start_of(chrono_tz::Europe::Paris, day(on)), day(on), day(opens), closes_at);
            prop_assert!(state(on) <= state(on + 1));
            prop_assert_eq!(state(on) == SurveyState::Open, (opens..=opens + length).contains(&on));
        }

        #[test]
        fn no_time_zone_opens_what_was_closed(
            zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]), opens in 0i64..50, hours in 0i64..2000
        ) {
            let closes_at = start_of(chrono_tz::Pacific::Kiritimati, day(opens + 1));
            let now = closes_at.plus(chrono::Duration::hours(hours));
            prop_assert_eq!(SurveyState::at(now, date_in(zone, now), day(opens), closes_at), SurveyState::Closed);
        }

        #[test]
        fn results_are_withheld_while_another_answer_could_change_them(answers in 0i64..20, planned: bool) {
            let state = if planned { SurveyState::Planned } else { SurveyState::Open };
            prop_assert_eq!(withheld_reason(state, answers), Some(WithheldReason::NotClosed));
            prop_assert_eq!(withheld_reason(SurveyState::Closed, answers).is_none(), answers >= 5);
        }

        #[test]
        fn a_mean_lies_between_the_values(times in prop::collection::vec(0i64..50, 5)) {
            let mean = mean_hundredths((1..).zip(times.iter().copied()));
            let given: Vec<i64> = (1..).zip(&times).filter(|(_, times)| **times > 0).map(|(value, _)| value).collect();
            match (mean, given.first(), given.last()) {
                (Some(mean), Some(least), Some(most)) => prop_assert!((least * 100..=most * 100).contains(&mean)),
                (mean, least, most) => prop_assert!(mean.is_none() && least.is_none() && most.is_none()),
            }
        }
    }
}
