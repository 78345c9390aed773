//! What a case carries besides its row, if the caller asks for it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, text_enum};
use crate::households::dto::{Contact, Household};
use crate::nomenclatures::codes::ReferralOrigin;
use crate::organisations::dto::Organisation;

text_enum! {
    /// What a case can carry besides its row.
    pub enum CaseExpand {
        /// The household, with its children, contacts and address. With `households:read`.
        Household = "household",
        /// The contacts of the household. With `households:read`.
        Contacts = "contacts",
        /// The structure of the case, or the one named by the child's referral. With `organisations:read`.
        Organisation = "organisation",
        /// The referrals that led to the case. With `referrals:read`.
        Referrals = "referrals",
    }
}

/// What to add to one case.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct CaseExpansionChoice {
    /// What to add to the case, in `expanded`: its household, contacts, organisation or referrals.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["household", "referrals"]))]
    pub expand: Option<Vec<CaseExpand>>,
}

/// What was asked for with `expand`. A member is absent if it was not asked for, if there is none, and if the caller may not
/// see it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct CaseExpansion {
    /// The household of the child.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Household, required = false)]
    pub household: Option<Household>,
    /// The contacts of the household.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Contact>, required = false)]
    pub contacts: Option<Vec<Contact>>,
    /// The structure of the case, or the one named by the child's referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Organisation, required = false)]
    pub organisation: Option<Organisation>,
    /// The referrals that led to the case, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<ReferralOfCase>, required = false)]
    pub referrals: Option<Vec<ReferralOfCase>>,
}

/// A referral that led to a case. All of it: `GET /v1/referrals/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c73", "received_on": "2026-02-20", "origin": "pmi", "origin_label": "PMI"
}))]
pub struct ReferralOfCase {
    /// Identifier.
    pub id: Id,
    /// When it arrived.
    pub received_on: NaiveDate,
    /// Who made it.
    pub origin: ReferralOrigin,
    /// Label of who made it, in the language of the response.
    pub origin_label: Option<&'static str>,
}
