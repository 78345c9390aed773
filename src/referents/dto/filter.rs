//! The filters of the list of referents.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs, text_enum};
use crate::referents::model::Standing;
use crate::territories::CommuneCode;

text_enum! {
    /// Sort order of the list of referents.
    pub enum ReferentSort {
        /// Most recently appointed first.
        AppointedOnDesc = "-appointed_on",
        /// Least recently appointed first.
        AppointedOn = "appointed_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on referents: all the given ones apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ReferentFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. When absent: every service that the caller can access.
    pub service_id: Option<Id>,
    /// Only the referents of this structure.
    pub organisation_id: Option<Id>,
    /// Only the referents of structures in the commune with this INSEE code.
    pub commune_code: Option<CommuneCode>,
    /// Standings, separated by commas: only the referents with one of them today.
    #[param(style = Form, explode = false, example = json!(["certified", "in_order"]))]
    pub standing: Option<Vec<Standing>>,
    /// Changed at this instant or later, attendances included. A standing also changes as time passes, with no change
    /// recorded: `changes_on` says when. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: most recently appointed first.
    pub sort: Option<ReferentSort>,
}
