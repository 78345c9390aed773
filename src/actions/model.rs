//! The life cycle of a collective action, the kinds that are reserved, the participants who are professionals, and the
//! mean of ratings.

use chrono::NaiveDate;

use crate::db::text_enum;
use crate::nomenclatures::codes::{CollectiveActionType, ComplementaryService, ParticipantType};
use crate::nomenclatures::{self, lists};

text_enum! {
    /// State of a collective action.
    pub enum ActionStatus {
        /// Planned. An action whose day is past stays planned until it is recorded as held or cancelled.
        Planned = "planned",
        /// It took place.
        Held = "held",
        /// It was cancelled.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Action on a collective action.
    pub enum ActionStep {
        /// Record that it took place, with its participants.
        Hold = "hold",
        /// Cancel it.
        Cancel = "cancel",
        /// Plan it again, if it was recorded as held or cancelled by mistake.
        Reopen = "reopen",
        /// Record its evaluation.
        Evaluate = "evaluate",
    }
}

use ActionStatus as S;
use ActionStep as A;

/// The transitions: state, action, next state. Any other pair of state and action is not allowed.
pub const TRANSITIONS: &[(ActionStatus, ActionStep, ActionStatus)] = &[
    (S::Planned, A::Hold, S::Held),
    (S::Planned, A::Cancel, S::Cancelled),
    (S::Held, A::Evaluate, S::Held),
    (S::Held, A::Reopen, S::Planned),
    (S::Cancelled, A::Reopen, S::Planned),
];

impl ActionStatus {
    /// The state after an action; `None` if the action is not allowed in this state.
    pub fn after(self, step: ActionStep) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == step).map(|(_, _, to)| *to)
    }

    /// The actions allowed in this state.
    pub fn available_actions(self) -> Vec<ActionStep> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, step, _)| *step).collect()
    }

    /// The actions allowed in this state on a day: that an action took place is known on its day at the earliest.
    pub fn actions_on(self, held_on: NaiveDate, today: NaiveDate) -> Vec<ActionStep> {
        let mut actions = self.available_actions();
        actions.retain(|action| held_on <= today || *action != A::Hold);
        actions
    }
}

/// The complementary service that a kind of action belongs to; `None` for a kind that needs no convention.
pub fn reserved_for(kind: &CollectiveActionType) -> Option<ComplementaryService> {
    let code = nomenclatures::list(lists::COLLECTIVE_ACTION_TYPE)?.get(kind.as_str())?;
    let reserved = code.attributes.get("reserved_to_convention").is_some_and(|value| value == true);
    code.text("complementary_service").filter(|_| reserved)?.parse().ok()
}

/// Members of a family, children included: no figure about them is sent to a local authority.
pub const OF_THE_FAMILY: &[&str] = &["child", "parent", "legal_guardian", "sibling", "other_relative", "foster_carer"];

/// Professionals and representatives of institutions, whom the statement of a convention counts. A code that a later
/// list adds must be added here to be counted.
pub const PROFESSIONALS: &[&str] = &[
    "childcare_professional",
    "childcare_manager",
    "childminder",
    "home_childcare_worker",
    "leisure_professional",
    "pole_referent",
    "rsai",
    "rpe_worker",
    "pmi_professional",
    "camsp_professional",
    "cmp_professional",
    "medico_social_professional",
    "doctor",
    "psychologist",
    "psychomotor_therapist",
    "speech_therapist",
    "occupational_therapist",
    "teacher",
    "mdph_representative",
    "ase_social_worker",
    "judge",
    "local_authority_representative",
    "funder_representative",
    "association_representative",
    "trainee",
    "pole_coordinator",
    "pole_psychologist",
    "other",
];

/// Whether participants of a type are professionals or represent an institution.
pub fn is_professional(kind: &ParticipantType) -> bool {
    PROFESSIONALS.contains(&kind.as_str())
}

/// A mean needs at least this number of answers: with fewer, it could reveal what one person answered.
pub const FEWEST_ANSWERS: i64 = 5;

/// The mean of ratings in hundredths, rounded to the nearest. Each rating is a value of the scale and the number of
/// people who gave it. `None` below [`FEWEST_ANSWERS`].
pub fn mean_hundredths(ratings: &[(i64, i64)]) -> Option<i64> {
    let answers: i64 = ratings.iter().map(|(_, number)| number).sum();
    let sum: i64 = ratings.iter().map(|(value, number)| value * number).sum();
    (answers >= FEWEST_ANSWERS).then(|| (sum * 200 + answers) / (answers * 2))
}

#[cfg(test)]
mod tests {
    use crate::actions::model::*;
    use proptest::prelude::*;

    #[test]
    fn every_state_is_reachable_and_every_action_is_allowed_somewhere() {
        for status in S::ALL {
            assert!(TRANSITIONS.iter().any(|(_, _, to)| to == status), "{status}");
            assert!(!status.available_actions().is_empty(), "{status}: a mistake could not be corrected");
        }
        for step in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == step), "{step}");
        }
    }

    #[test]
    fn every_participant_type_is_family_or_professional() {
        let codes = nomenclatures::list(lists::PARTICIPANT_TYPE).unwrap().codes();
        for code in codes {
            let classes =
                [OF_THE_FAMILY, PROFESSIONALS].map(|class| class.iter().filter(|one| **one == code.code).count());
            assert_eq!(classes.iter().sum::<usize>(), 1, "{} is in {classes:?} of the two classes", code.code);
            assert_eq!(is_professional(&code.code.parse().unwrap()), classes[1] == 1);
        }
        assert_eq!(
            codes.len(),
            OF_THE_FAMILY.len() + PROFESSIONALS.len(),
            "a class has a code that is not in the list"
        );
        assert!(!is_professional(&"a_code_of_a_later_list".parse().unwrap()));
    }

    #[test]
    fn a_kind_is_reserved_if_the_list_names_its_service() {
        for code in nomenclatures::list(lists::COLLECTIVE_ACTION_TYPE).unwrap().codes() {
            let reserved = reserved_for(&code.code.parse().unwrap());
            assert_eq!(reserved.is_some(), code.attributes["reserved_to_convention"] == true, "{}", code.code);
            if let Some(service) = reserved {
                assert!(nomenclatures::contains(lists::COMPLEMENTARY_SERVICE, service.as_str()), "{}", code.code);
            }
        }
        assert_eq!(reserved_for(&"nothing".parse().unwrap()), None);
    }

    #[test]
    fn a_mean_needs_five_answers() {
        assert_eq!(mean_hundredths(&[]), None);
        assert_eq!(mean_hundredths(&[(5, 4)]), None);
        assert_eq!(mean_hundredths(&[(5, 4), (1, 1)]), Some(420));
        assert_eq!(mean_hundredths(&[(5, 4), (4, 2)]), Some(467));
    }

    proptest! {
        #[test]
        fn a_mean_is_between_the_lowest_and_the_highest_rating(ratings in proptest::collection::vec((1i64..=5, 1i64..1000), 1..6)) {
            if let Some(mean) = mean_hundredths(&ratings) {
                let values = || ratings.iter().map(|(value, _)| value * 100);
                prop_assert!(values().min().unwrap() <= mean && mean <= values().max().unwrap());
            } else {
                prop_assert!(ratings.iter().map(|(_, number)| number).sum::<i64>() < FEWEST_ANSWERS);
            }
        }
    }
}
