//! The names of the code lists, so that a misspelt one does not compile.

/// Grouping of referral origins, for aggregated statistics.
pub const REFERRAL_ORIGIN_GROUP: &str = "referral_origin_group";
/// Who refers the case to the resource centre.
pub const REFERRAL_ORIGIN: &str = "referral_origin";
/// Channel through which the request arrives.
pub const REFERRAL_CHANNEL: &str = "referral_channel";
/// Need expressed in the request.
pub const REFERRAL_NEED: &str = "referral_need";
/// Reason for the decision on a referral.
pub const REFERRAL_DECISION_REASON: &str = "referral_decision_reason";
/// Child's situation regarding disability or illness.
pub const RECOGNITION_STATUS: &str = "recognition_status";
/// Domain of the child's need; proposed SERAFIN-PH mapping.
pub const NEED_DOMAIN: &str = "need_domain";
/// Disability family, linked to FINESS publics (`TRE_R403`).
pub const DISABILITY_FAMILY: &str = "disability_family";
/// Grouping of childcare types.
pub const CHILDCARE_GROUP: &str = "childcare_group";
/// Child's childcare type; nursery sizes from article R. 2324-46 of the public health code.
pub const CHILDCARE_TYPE: &str = "childcare_type";
/// Case steps, in order.
pub const CASE_STEP: &str = "case_step";
/// Mode of an intervention.
pub const INTERVENTION_MODE: &str = "intervention_mode";
/// Type of intervention linked to a case; proposed SERAFIN-PH mappings.
pub const INTERVENTION_TYPE: &str = "intervention_type";
/// Place of an intervention.
pub const INTERVENTION_PLACE: &str = "intervention_place";
/// People taking part in an intervention or action.
pub const PARTICIPANT_TYPE: &str = "participant_type";
/// Collective actions; `reserved_to_convention`: only for authorities with an agreement.
pub const COLLECTIVE_ACTION_TYPE: &str = "collective_action_type";
/// Outcome of a closed case.
pub const CASE_OUTCOME: &str = "case_outcome";
/// Kind of partner organisation; FINESS facility category where there is one.
pub const ORGANISATION_KIND: &str = "organisation_kind";
/// Territory level.
pub const TERRITORY_KIND: &str = "territory_kind";
/// Age band in completed years.
pub const AGE_BAND: &str = "age_band";
/// Condition of a kit.
pub const KIT_CONDITION: &str = "kit_condition";
/// Status of a kit reservation.
pub const RESERVATION_STATUS: &str = "reservation_status";
/// Status of a partnership agreement.
pub const CONVENTION_STATUS: &str = "convention_status";
/// Moment of the satisfaction survey.
pub const SURVEY_MOMENT: &str = "survey_moment";
/// Satisfaction scale from 1 to 5.
pub const SATISFACTION_SCALE: &str = "satisfaction_scale";
/// Factors that make a case complex.
pub const COMPLEXITY_FLAG: &str = "complexity_flag";
/// Kind of a procedure about a child.
pub const PROCEDURE_KIND: &str = "procedure_kind";
/// Outcome of a procedure.
pub const PROCEDURE_OUTCOME: &str = "procedure_outcome";
/// Why a case is suspended.
pub const CASE_SUSPENSION_REASON: &str = "case_suspension_reason";
/// Kind of a recommendation.
pub const RECOMMENDATION_KIND: &str = "recommendation_kind";
/// Profession of a resource person.
pub const RESOURCE_PROFESSION: &str = "resource_profession";
/// Theme of a kit.
pub const KIT_THEME: &str = "kit_theme";
/// Audience of a kit: who may borrow it.
pub const KIT_AUDIENCE: &str = "kit_audience";
/// Category of what a kit contains.
pub const KIT_ITEM_CATEGORY: &str = "kit_item_category";
/// Why a reservation ended without a loan.
pub const RESERVATION_REASON: &str = "reservation_reason";
/// Complementary service that a partnership agreement opens.
pub const COMPLEMENTARY_SERVICE: &str = "complementary_service";
/// Funder of the service.
pub const FUNDER: &str = "funder";
/// Why a partnership agreement was declined, suspended or terminated.
pub const CONVENTION_REASON: &str = "convention_reason";
/// Topic of a collective action.
pub const ACTION_TOPIC: &str = "action_topic";
/// Why a collective action was cancelled.
pub const ACTION_CANCELLATION_REASON: &str = "action_cancellation_reason";
/// Why a referent left.
pub const REFERENT_DEPARTURE_REASON: &str = "referent_departure_reason";
/// Who cancels an appointment.
pub const APPOINTMENT_CANCELLER: &str = "appointment_canceller";
/// Adaptation of childcare to the needs of the child.
pub const CHILDCARE_ADAPTATION: &str = "childcare_adaptation";
/// Why a placement ended.
pub const PLACEMENT_END_REASON: &str = "placement_end_reason";
/// Why a planned placement did not come about.
pub const PLACEMENT_CANCELLATION_REASON: &str = "placement_cancellation_reason";
/// Answer to the question whether the child is still there.
pub const PLACEMENT_REVIEW_ANSWER: &str = "placement_review_answer";

/// Every name, in the order of the file.
pub const ALL: &[&str] = &[
    REFERRAL_ORIGIN_GROUP,
    REFERRAL_ORIGIN,
    REFERRAL_CHANNEL,
    REFERRAL_NEED,
    REFERRAL_DECISION_REASON,
    RECOGNITION_STATUS,
    NEED_DOMAIN,
    DISABILITY_FAMILY,
    CHILDCARE_GROUP,
    CHILDCARE_TYPE,
    CASE_STEP,
    INTERVENTION_MODE,
    INTERVENTION_TYPE,
    INTERVENTION_PLACE,
    PARTICIPANT_TYPE,
    COLLECTIVE_ACTION_TYPE,
    CASE_OUTCOME,
    ORGANISATION_KIND,
    TERRITORY_KIND,
    AGE_BAND,
    KIT_CONDITION,
    RESERVATION_STATUS,
    CONVENTION_STATUS,
    SURVEY_MOMENT,
    SATISFACTION_SCALE,
    COMPLEXITY_FLAG,
    PROCEDURE_KIND,
    PROCEDURE_OUTCOME,
    CASE_SUSPENSION_REASON,
    RECOMMENDATION_KIND,
    RESOURCE_PROFESSION,
    KIT_THEME,
    KIT_AUDIENCE,
    KIT_ITEM_CATEGORY,
    RESERVATION_REASON,
    COMPLEMENTARY_SERVICE,
    FUNDER,
    CONVENTION_REASON,
    ACTION_TOPIC,
    ACTION_CANCELLATION_REASON,
    REFERENT_DEPARTURE_REASON,
    APPOINTMENT_CANCELLER,
    CHILDCARE_ADAPTATION,
    PLACEMENT_END_REASON,
    PLACEMENT_CANCELLATION_REASON,
    PLACEMENT_REVIEW_ANSWER,
];
