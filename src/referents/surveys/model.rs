//! When a questionnaire is open, and when its results are available. Pure.

use chrono::NaiveDate;

use crate::db::text_enum;

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
    /// The state of a questionnaire on a day. It is open on its first and on its last day.
    pub fn on(day: NaiveDate, opens_on: NaiveDate, closes_on: NaiveDate) -> Self {
        if day < opens_on {
            Self::Planned
        } else if day <= closes_on {
            Self::Open
        } else {
            Self::Closed
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
            let state = |on| SurveyState::on(day(on), day(opens), day(opens + length));
            prop_assert!(state(on) <= state(on + 1));
            prop_assert_eq!(state(on) == SurveyState::Open, (opens..=opens + length).contains(&on));
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
