//! The days of a recommendation, and what its kind says. Pure.

use chrono::NaiveDate;

use crate::dates;
use crate::error::{Fault, Text};
use crate::nomenclatures::codes::{ChildcareAdaptation, RecommendationKind};

/// The kind that may have the code of an adaptation.
const CHILDCARE_ADAPTATION: &str = "childcare_adaptation";

/// The fault of an adaptation of childcare that something else is said to be.
pub(super) fn adaptation_fault(kind: &RecommendationKind, adaptation: Option<&ChildcareAdaptation>) -> Option<Fault> {
    adaptation.filter(|_| !kind.is(CHILDCARE_ADAPTATION)).map(|_| {
        let message = Text::new(
            format!("Seule une préconisation `{CHILDCARE_ADAPTATION}` indique une adaptation : changer `kind`, ou retirer `adaptation`."),
            format!("Only a recommendation `{CHILDCARE_ADAPTATION}` says an adaptation: change `kind`, or remove `adaptation`."),
        );
        Fault::new("/adaptation", "not_an_adaptation", message)
    })
}

/// What became of a recommendation, as a request says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) made_on: NaiveDate,
    pub(super) applied: Option<bool>,
    pub(super) checked_on: Option<NaiveDate>,
}

impl Check {
    /// The faults of its days, and of half an answer. The day of the recommendation is checked with the case.
    pub(super) fn faults(self, today: NaiveDate) -> Vec<Fault> {
        let half = |pointer: &'static str, fr: &'static str, en: &'static str| {
            Fault::new(pointer, "half_answered", Text::new(fr, en))
        };
        let faults = [
            self.checked_on.and_then(|day| dates::not_in_the_future("/checked_on", day, today)),
            self.checked_on
                .and_then(|day| dates::not_before("/checked_on", day, self.made_on, "before_recommendation")),
            (self.applied.is_some() && self.checked_on.is_none()).then(|| {
                half(
                    "/checked_on",
                    "Indiquer le jour où cela a été constaté.",
                    "Give the day on which this was checked.",
                )
            }),
            (self.applied.is_none() && self.checked_on.is_some())
                .then(|| half("/applied", "Indiquer si elle est appliquée.", "Say whether it is applied.")),
        ];
        faults.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::recommendations::model::*;
    use proptest::prelude::*;

    #[test]
    fn only_an_adaptation_of_childcare_has_the_code_of_one() {
        let adaptation: ChildcareAdaptation = "adapted_schedule".parse().unwrap();
        let fault = |kind: &str, adaptation| adaptation_fault(&kind.parse().unwrap(), adaptation).is_some();
        assert!(!fault("childcare_adaptation", Some(&adaptation)));
        assert!(!fault("equipment", None));
        assert!(fault("equipment", Some(&adaptation)));
    }

    proptest! {
        #[test]
        fn an_answer_is_whole_and_its_days_are_in_order(made in -9i64..0, checked in proptest::option::of(-9i64..3), applied in proptest::option::of(any::<bool>())) {
            let today: NaiveDate = "2026-03-02".parse().unwrap();
            let on = |days: i64| today + chrono::Duration::days(days);
            let check = Check { made_on: on(made), applied, checked_on: checked.map(on) };
            let valid = checked.is_some() == applied.is_some() && checked.is_none_or(|day| made <= day && day <= 0);
            prop_assert_eq!(check.faults(today).is_empty(), valid);
        }
    }
}
