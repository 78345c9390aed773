//! When a questionnaire is open, and when its results are shown. Pure.

use chrono::NaiveDate;

use crate::db::text_enum;

/// Answers from which means and distributions are shown.
pub const ENOUGH: i64 = 5;

text_enum! {
    /// Where a questionnaire stands on a day.
    pub enum SurveyState {
        /// It opens later.
        Planned = "planned",
        /// It can be answered.
        Open = "open",
        /// It cannot be answered any more, and opens no more.
        Closed = "closed",
    }
}

text_enum! {
    /// Why results are not shown.
    pub enum WithheldReason {
        /// It can still be answered: a result that moves with an answer would tell what that answer was.
        NotClosed = "not_closed",
        /// Fewer than five have answered.
        FewerThanFive = "fewer_than_five",
    }
}

impl SurveyState {
    /// Where a questionnaire stands on a day; its first and last days are open.
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

/// Why the results of so many answers are withheld; none when they are shown.
pub fn withheld(state: SurveyState, answers: i64) -> Option<WithheldReason> {
    if state != SurveyState::Closed {
        return Some(WithheldReason::NotClosed);
    }
    (answers < ENOUGH).then_some(WithheldReason::FewerThanFive)
}

/// The mean of values, each given so many times, in hundredths to the nearest; none without any.
pub fn mean_hundredths(values: impl IntoIterator<Item = (i64, i64)>) -> Option<i64> {
    let (sum, number) =
        values.into_iter().fold((0_i64, 0_i64), |(sum, number), (value, times)| (sum + value * times, number + times));
    (number > 0).then(|| (sum * 200 + number) / (number * 2))
}

/// So many of a whole in percent, in hundredths to the nearest; none of nothing.
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
    fn means_and_rates_are_to_the_nearest_hundredth() {
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
        fn nothing_is_shown_that_one_answer_more_could_change(answers in 0i64..20, planned: bool) {
            let state = if planned { SurveyState::Planned } else { SurveyState::Open };
            prop_assert_eq!(withheld(state, answers), Some(WithheldReason::NotClosed));
            prop_assert_eq!(withheld(SurveyState::Closed, answers).is_none(), answers >= 5);
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
