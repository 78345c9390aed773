//! What a referral carries besides its row, if the caller asks for it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::cases::dto::Case;
use crate::db::text_enum;
use crate::households::dto::{Contact, Household};
use crate::organisations::dto::Organisation;

text_enum! {
    /// What a referral can carry besides its row.
    pub enum ReferralExpand {
        /// The case that the acceptance opened or joined. With `cases:read`.
        Case = "case",
        /// The household, with its children, contacts and address. With `households:read`.
        Household = "household",
        /// The contacts of the household. With `households:read`.
        Contacts = "contacts",
        /// The structure that the referral is about. With `organisations:read`.
        Organisation = "organisation",
    }
}

/// What to add to one referral.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ReferralExpansionChoice {
    /// What to add to the referral, in `expanded`: its case, household, contacts or organisation.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["case", "contacts"]))]
    pub expand: Option<Vec<ReferralExpand>>,
}

/// What was asked for with `expand`. A member is absent if it was not asked for, if there is none, and if the caller may not
/// see it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReferralExpansion {
    /// The case that the acceptance opened or joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Case, required = false)]
    pub case: Option<Case>,
    /// The household of the child.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Household, required = false)]
    pub household: Option<Household>,
    /// The contacts of the household.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Contact>, required = false)]
    pub contacts: Option<Vec<Contact>>,
    /// The structure that the referral is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Organisation, required = false)]
    pub organisation: Option<Organisation>,
}
