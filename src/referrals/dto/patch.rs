//! Referrals in the contract: request body of a correction.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::http::Field;
use crate::nomenclatures::codes::{
    ChildcareType, DisabilityFamily, NeedDomain, RecognitionStatus, ReferralChannel, ReferralNeed, ReferralOrigin,
};
use crate::privacy::Secret;
use crate::referrals::model::Urgency;
use crate::territories::CommuneCode;

/// Changes to a referral. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The subject and
/// the decisions cannot be updated.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"urgency": "priority", "needs": ["find_childcare", "support_current_placement"], "description": null}))]
pub struct ReferralPatch {
    /// Who made the referral.
    #[serde(default)]
    #[schema(value_type = ReferralOrigin, required = false)]
    pub origin: Option<ReferralOrigin>,
    /// Organisation that made the referral, in the service's directory.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub origin_organisation_id: Field<Id>,
    /// How the request arrived.
    #[serde(default)]
    #[schema(value_type = ReferralChannel, required = false)]
    pub channel: Option<ReferralChannel>,
    /// When it arrived, not after the first decision. Ages are computed on this date.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub received_on: Option<NaiveDate>,
    /// How urgent it is.
    #[serde(default)]
    #[schema(value_type = Urgency, required = false)]
    pub urgency: Option<Urgency>,
    /// INSEE code of the commune concerned.
    #[serde(default)]
    #[schema(value_type = CommuneCode, required = false)]
    pub commune_code: Option<CommuneCode>,
    /// Needs, the main one first.
    #[serde(default)]
    #[schema(value_type = BTreeSet<ReferralNeed>, required = false, min_items = 1, max_items = 20)]
    pub needs: Option<Vec<ReferralNeed>>,
    /// Domain of the child's main need, as a code.
    #[serde(default)]
    #[schema(value_type = Option<NeedDomain>)]
    pub need_domain: Field<NeedDomain>,
    /// Family of disability, as a code. Never required.
    #[serde(default)]
    #[schema(value_type = Option<DisabilityFamily>)]
    pub disability_family: Field<DisabilityFamily>,
    /// Status of the official recognition of the disability.
    #[serde(default)]
    #[schema(value_type = Option<RecognitionStatus>)]
    pub recognition_status: Field<RecognitionStatus>,
    /// Current childcare.
    #[serde(default)]
    #[schema(value_type = Option<ChildcareType>)]
    pub current_childcare: Field<ChildcareType>,
    /// Organisation of the current childcare, in the service's directory.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub current_childcare_organisation_id: Field<Id>,
    /// Whether the need is about school time.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub concerns_school_time: Option<bool>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description: Field<Secret<String>>,
}
