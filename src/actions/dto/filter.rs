//! The filters of the list of collective actions.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actions::model::ActionStatus;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::nomenclatures::codes::CollectiveActionType;
use crate::territories::CommuneCode;

text_enum! {
    /// Order of the list of collective actions.
    pub enum ActionSort {
        /// The latest first.
        HeldOnDesc = "-held_on",
        /// The first first.
        HeldOn = "held_on",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
    }
}

/// Which collective actions; every condition that is given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct ActionFilter {
    /// Of this service; of every service that the token may see when absent.
    pub service_id: Option<Id>,
    /// Of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["parent_cafe", "pedagogical_day"]))]
    pub kind: Option<Vec<CollectiveActionType>>,
    /// In one of these states, separated by commas.
    #[param(style = Form, explode = false, example = json!(["planned", "held"]))]
    pub status: Option<Vec<ActionStatus>>,
    /// In the commune of this INSEE code.
    pub commune_code: Option<CommuneCode>,
    /// Delivered under this convention.
    pub convention_id: Option<Id>,
    /// Organised by this organisation, or with a speaker of it.
    pub organisation_id: Option<Id>,
    /// For territories with a convention alone, or for all.
    pub reserved: Option<bool>,
    /// On this day or later.
    pub held_from: Option<NaiveDate>,
    /// On this day or earlier.
    pub held_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub updated_since: Option<UtcTs>,
    /// Order, the latest first unless said.
    pub sort: Option<ActionSort>,
}

impl QueryParams for ActionFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<CollectiveActionType>();
        description.reference::<ActionStatus>();
        description.reference::<CommuneCode>();
        description.reference::<UtcTs>();
        description.reference::<ActionSort>();
    }
}
