//! A type a code list: a value of one list cannot be put where another is expected.
//!
//! Lists grow, so a code is an open string in the contract, with `x-nomenclature` naming its list;
//! the contract's validator refuses what is not in the list. Reading the database accepts any code:
//! one that a later version withdraws stays readable.

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::ObjectBuilder;

use passerelle_base::text_newtype;

macro_rules! code_types {
    ($($(#[$meta:meta])* $name:ident = $list:literal, $example:literal;)+) => {$(
        text_newtype! {
            $(#[$meta])*
            pub struct $name: ObjectBuilder::new()
                .description(Some(concat!("A code of `/v1/nomenclatures/", $list, "`.")))
                .max_length(Some(64))
                .examples([serde_json::json!($example)])
                .extensions(Some(ExtensionsBuilder::new().add("x-nomenclature", $list).build()))
        }

        impl $name {
            /// The list it belongs to, as in `/v1/nomenclatures/{list}`.
            pub const LIST: &'static str = $list;

            /// Whether it is this code.
            pub fn is(&self, code: &str) -> bool {
                self.0 == code
            }
        }

        #[cfg(test)]
        impl $name {
            const EXAMPLE: &'static str = $example;
        }
    )+

        #[test]
        fn every_list_exists_and_holds_its_example() {
            $( assert!(super::contains($name::LIST, $name::EXAMPLE), "{}", $name::LIST); )+
        }
    };
}

code_types! {
    /// Who refers.
    ReferralOrigin = "referral_origin", "family";
    /// A group of origins.
    ReferralOriginGroup = "referral_origin_group", "health";
    /// How the request arrives.
    ReferralChannel = "referral_channel", "phone";
    /// What is asked for.
    ReferralNeed = "referral_need", "find_childcare";
    /// Why a decision was taken.
    ReferralReason = "referral_decision_reason", "within_scope";
    /// Where the recognition of the disability stands.
    RecognitionStatus = "recognition_status", "diagnosis_in_progress";
    /// The child's main need.
    NeedDomain = "need_domain", "communication_language";
    /// A family of disability, coded, optional.
    DisabilityFamily = "disability_family", "autism_spectrum";
    /// A kind of childcare.
    ChildcareType = "childcare_type", "childminder";
    /// A group of kinds of childcare.
    ChildcareGroup = "childcare_group", "eaje";
    /// A milestone of a case.
    CaseStep = "case_step", "childcare_search";
    /// How a case ended.
    CaseOutcome = "case_outcome", "effective_placement";
    /// A piece of work.
    InterventionType = "intervention_type", "family_interview";
    /// Individual, collective or indirect.
    InterventionMode = "intervention_mode", "individual";
    /// Where the work took place.
    InterventionPlace = "intervention_place", "family_home";
    /// A kind of participant, counted and never named.
    ParticipantType = "participant_type", "parent";
    /// A kind of organisation.
    OrganisationKind = "organisation_kind", "eaje";
    /// A theme of a kit.
    KitTheme = "kit_theme", "senses";
    /// Who may borrow a kit.
    KitAudience = "kit_audience", "family";
    /// What kind of thing a kit contains.
    KitItemCategory = "kit_item_category", "adapted_toy";
    /// In which state a copy of a kit is.
    KitCondition = "kit_condition", "good";
    /// Why a reservation ended without a loan.
    ReservationReason = "reservation_reason", "borrower_gave_up";
    /// A complementary service, for the territories that a convention covers.
    ComplementaryService = "complementary_service", "pedagogical_days";
    /// Who funds a service.
    Funder = "funder", "caf";
    /// Why a convention was declined, suspended or terminated.
    ConventionReason = "convention_reason", "council_vote";
    /// A topic of a collective action.
    ActionTopic = "action_topic", "disability";
    /// Why a collective action was cancelled.
    ActionCancellationReason = "action_cancellation_reason", "too_few_registrations";
    /// Why a referent left.
    ReferentDepartureReason = "referent_departure_reason", "left_structure";
    /// A kind of collective action.
    CollectiveActionType = "collective_action_type", "pedagogical_day";
    /// How satisfied somebody is, from 1 to 5.
    SatisfactionScale = "satisfaction_scale", "satisfied";
    /// The moment of a questionnaire.
    SurveyMoment = "survey_moment", "end_of_referent_training";
}
