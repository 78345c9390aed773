//! The states of a review of a placement, and the answers. Pure.

use chrono::NaiveDate;

use crate::db::text_enum;
use crate::nomenclatures::codes::PlacementReviewAnswer;

text_enum! {
    /// State of a review of a placement.
    pub enum PlacementReviewState {
        /// Nobody has answered, and its day is today or later.
        Due = "due",
        /// Nobody has answered, and its day has passed.
        Overdue = "overdue",
        /// Somebody has answered.
        Answered = "answered",
    }
}

/// The answer after which the placement has a last day.
pub const LEFT: &str = "left";

/// Whether an answer says that the child still comes.
pub fn is_there(answer: &PlacementReviewAnswer) -> bool {
    answer.is("still_there") || answer.is("changed")
}

/// The state of a review on a day.
pub fn state(is_answered: bool, due_on: NaiveDate, today: NaiveDate) -> PlacementReviewState {
    match (is_answered, due_on < today) {
        (true, _) => PlacementReviewState::Answered,
        (false, true) => PlacementReviewState::Overdue,
        (false, false) => PlacementReviewState::Due,
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::placements::reviews::model::*;

    #[test]
    fn a_review_is_overdue_the_day_after_it_was_due() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (answered, today, expected) in [
            (false, "2026-03-01", PlacementReviewState::Due),
            (false, "2026-03-02", PlacementReviewState::Due),
            (false, "2026-03-03", PlacementReviewState::Overdue),
            (true, "2026-03-03", PlacementReviewState::Answered),
        ] {
            assert_eq!(state(answered, day("2026-03-02"), day(today)), expected);
        }
    }
}
