//! One type per code list: a code of one list cannot be used where another list is expected.
//!
//! Lists grow, so a code is a string without an enum in the contract, and `x-nomenclature` names its list. The
//! contract's validator refuses a code that is not in the list. A code from the database is always accepted:
//! a code that a later version withdraws stays readable.

use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::ObjectBuilder;

use passerelle_base::text_newtype;

macro_rules! code_types {
    ($($(#[doc = $doc:literal])* $name:ident = $list:literal, $example:literal;)+) => {$(
        text_newtype! {
            $(#[doc = $doc])*
            pub struct $name: ObjectBuilder::new()
                .description(Some(concat!("A code of `/v1/nomenclatures/", $list, "`.")))
                .max_length(Some(64))
                .examples([serde_json::json!($example)])
                .extensions(Some(ExtensionsBuilder::new().add("x-nomenclature", $list).build()))
        }

        impl $name {
            /// The name of the list, as in `/v1/nomenclatures/{list}`.
            pub const LIST: &'static str = $list;

            /// Whether this is the given code.
            pub fn is(&self, code: &str) -> bool {
                self.0 == code
            }

            /// Its label in a language; none for a code that the list does not have.
            pub fn label(&self, lang: passerelle_base::error::Lang) -> Option<&'static str> {
                super::list($list)?.get(&self.0).map(|code| code.label(lang.tag()))
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
    /// Who made the referral.
    ReferralOrigin = "referral_origin", "family";
    /// A group of referral origins.
    ReferralOriginGroup = "referral_origin_group", "health";
    /// How the request arrives.
    ReferralChannel = "referral_channel", "phone";
    /// What the referral requests.
    ReferralNeed = "referral_need", "find_childcare";
    /// Why a referral was decided on as it was.
    ReferralReason = "referral_decision_reason", "within_scope";
    /// The progress of the recognition of the disability.
    RecognitionStatus = "recognition_status", "diagnosis_in_progress";
    /// The child's main need.
    NeedDomain = "need_domain", "communication_language";
    /// A family of disabilities. Optional.
    DisabilityFamily = "disability_family", "autism_spectrum";
    /// A kind of childcare.
    ChildcareType = "childcare_type", "childminder";
    /// A group of kinds of childcare.
    ChildcareGroup = "childcare_group", "eaje";
    /// A milestone of a case.
    CaseStep = "case_step", "childcare_search";
    /// The outcome of a closed case.
    CaseOutcome = "case_outcome", "effective_placement";
    /// A ground on which a situation is complex.
    ComplexityFlag = "complexity_flag", "several_partners";
    /// A kind of procedure about a child.
    ProcedureKind = "procedure_kind", "mdph_file";
    /// The outcome of a procedure.
    ProcedureOutcome = "procedure_outcome", "granted";
    /// Why a case is suspended.
    CaseSuspensionReason = "case_suspension_reason", "waiting_for_decision";
    /// A kind of recommendation.
    RecommendationKind = "recommendation_kind", "childcare_adaptation";
    /// The profession of a resource person.
    ResourceProfession = "resource_profession", "speech_therapist";
    /// A type of intervention.
    InterventionType = "intervention_type", "family_interview";
    /// The mode of an intervention: individual, collective or indirect.
    InterventionMode = "intervention_mode", "individual";
    /// The place of an intervention.
    InterventionPlace = "intervention_place", "family_home";
    /// A kind of participant. Participants are counted, never named.
    ParticipantType = "participant_type", "parent";
    /// A kind of organisation.
    OrganisationKind = "organisation_kind", "eaje";
    /// A theme of a kit.
    KitTheme = "kit_theme", "senses";
    /// Who may borrow a kit.
    KitAudience = "kit_audience", "family";
    /// A category of the items of a kit.
    KitItemCategory = "kit_item_category", "adapted_toy";
    /// The condition of a copy of a kit.
    KitCondition = "kit_condition", "good";
    /// Why a reservation ended without a loan.
    ReservationReason = "reservation_reason", "borrower_gave_up";
    /// A complementary service, reserved for the territories that a convention covers.
    ComplementaryService = "complementary_service", "pedagogical_days";
    /// A funder of a service.
    Funder = "funder", "caf";
    /// Why a convention was declined, suspended or terminated.
    ConventionReason = "convention_reason", "council_vote";
    /// A topic of a collective action.
    ActionTopic = "action_topic", "disability";
    /// Why a collective action was cancelled.
    ActionCancellationReason = "action_cancellation_reason", "too_few_registrations";
    /// Why a referent left.
    ReferentDepartureReason = "referent_departure_reason", "left_structure";
    /// Who cancels an appointment.
    AppointmentCanceller = "appointment_canceller", "family";
    /// An adaptation of childcare to the needs of a child.
    ChildcareAdaptation = "childcare_adaptation", "adapted_schedule";
    /// Why a placement ended.
    PlacementEndReason = "placement_end_reason", "school_start";
    /// Why a planned placement did not come about.
    PlacementCancellationReason = "placement_cancellation_reason", "setting_withdrew";
    /// Whether a child is still in a childcare place.
    PlacementReviewAnswer = "placement_review_answer", "still_there";
    /// A kind of collective action.
    CollectiveActionType = "collective_action_type", "pedagogical_day";
    /// A level of satisfaction, from 1 to 5.
    SatisfactionScale = "satisfaction_scale", "satisfied";
    /// The moment of a satisfaction survey.
    SurveyMoment = "survey_moment", "end_of_referent_training";
}
